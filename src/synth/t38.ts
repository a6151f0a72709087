import { lostPackets, reorder } from './network.ts';
import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Direction, Scenario } from './scenario.ts';
import { besidePort } from './sdp.ts';
import type { T38Spec } from './t38-spec.ts';

/** One UDPTL datagram as it passes the tap. */
export interface T38Packet {
  timeNs: number;
  payload: Uint8Array;
  /** Order of sending. */
  index: number;
}

/** What is sent one way, and what of it arrives. */
export interface T38Flow {
  way: Direction;
  srcPort: number;
  dstPort: number;
  arrived: T38Packet[];
  truth: T38Truth;
}

/** What became of one direction of T.38, by what the scenario did to it. */
export interface T38Truth {
  callId: string;
  direction: Direction;
  /** Distinct packets in the file, and numbers from the first to the last of them. */
  packets: number;
  expected: number;
  lost: number;
  recovered: number;
  unrecovered: number;
  longestLossRun: number;
  duplicates: number;
}

const DEFAULTS = { startSeq: 0, offsetMs: 200, packetMs: 40, controlMs: 1000, redundancy: 3 };
/** First octets of IFP packets with data: V.21, and V.17 at 14400 bit/s (T.38 7.2). */
const CONTROL = 0xc0;
const PAGE = 0xd0;
/** Fields with data: HDLC, and a page without error correction mode. */
const HDLC_FIELD = 0x80;
const PAGE_FIELD = 0xe0;

/** The T.38 of a call: from its accepted image re-INVITE on. */
export function t38Flows(scenario: Scenario, call: ResolvedCall): T38Flow[] {
  const at = call.reinvites.findIndex(({ image }) => image === 'accepted');
  if (at < 0) return [];
  const { atMs, by, rtpPort, withAudio } = call.reinvites[at]!;
  const next = call.reinvites[at + 1];
  const endMs = next === undefined ? call.byeMs : call.mediaMs + next.atMs;
  const ports = { caller: call.caller.wireRtpPort, callee: call.callee.wireRtpPort };
  if (rtpPort !== undefined) ports[by] = rtpPort;
  if (withAudio) for (const side of ['caller', 'callee'] as const) ports[side] = besidePort(ports[side]);
  const flows: T38Flow[] = [];
  for (const way of ['callerToCallee', 'calleeToCaller'] as const) {
    const spec = call.t38[way];
    if (spec === null) continue;
    const [src, dst] =
      way === 'callerToCallee' ? (['caller', 'callee'] as const) : (['callee', 'caller'] as const);
    const plan = planned(scenario, call, way, spec, call.mediaMs + atMs, endMs);
    flows.push({ way, srcPort: ports[src], dstPort: ports[dst], ...plan });
  }
  return flows;
}

function planned(
  scenario: Scenario,
  call: ResolvedCall,
  way: Direction,
  spec: T38Spec,
  acceptedMs: number,
  endMs: number,
): Pick<T38Flow, 'arrived' | 'truth'> {
  const full = { ...DEFAULTS, ...spec };
  const startMs = acceptedMs + full.offsetMs;
  const count = Math.max(0, Math.floor((full.durationMs ?? endMs - startMs) / full.packetMs));
  const random = callRandom(scenario, call, `t38/${way}`);
  const primaries = Array.from({ length: count }, (_, k) => {
    return ifpPacket(k * full.packetMs < full.controlMs, full.packetMs, () => random.int(256));
  });
  const sent = primaries.map((_, k) => ({ sendNs: (startMs + k * full.packetMs) * 1e6 }));
  const lost = lostPackets(full.loss, sent, callRandom(scenario, call, `t38/${way}/loss`));
  const times = sent.map(({ sendNs }) => sendNs);
  if (full.reorder !== undefined) reorder(times, full.reorder.positions, full.reorder.by);
  const arrived: T38Packet[] = [];
  for (let k = 0; k < count; k++) {
    if (lost.has(k)) continue;
    const payload = udptl(primaries, k, full);
    const packet = { timeNs: times[k]!, payload, index: k };
    arrived.push(packet);
    if (full.twice) arrived.push({ ...packet, timeNs: times[k]! + 1e6 });
  }
  arrived.sort((a, b) => a.timeNs - b.timeNs);
  return { arrived, truth: truthOf(call, way, full, count, lost) };
}

/** An IFP packet with one data field (T.38 7.3, version 0). */
function ifpPacket(isControl: boolean, packetMs: number, octet: () => number): Uint8Array {
  const length = Math.min(1000, Math.max(1, Math.round(((isControl ? 300 : 14_400) * packetMs) / 8000)));
  const data = Array.from({ length }, octet);
  const head = isControl ? [CONTROL, 1, HDLC_FIELD] : [PAGE, 1, PAGE_FIELD];
  return Uint8Array.from([...head, (length - 1) >> 8, (length - 1) & 0xff, ...data]);
}

/** Sequence number, primary packet, and what protects those before it (T.38 9.1). */
function udptl(
  primaries: readonly Uint8Array[],
  k: number,
  { startSeq, redundancy, fec }: T38Spec & { startSeq: number; redundancy: number },
): Uint8Array {
  const sequence = (startSeq + k) & 0xffff;
  const octets = [sequence >> 8, sequence & 0xff, ...field(primaries[k]!)];
  if (fec !== undefined) {
    const parities = Array.from({ length: fec.parities }, (_, m) => parity(primaries, k, m, fec));
    octets.push(0x80, 1, fec.span, ...lengthOf(parities.length), ...parities.flatMap(field));
  } else {
    const copies = primaries.slice(Math.max(0, k - redundancy), k).reverse();
    octets.push(0, ...lengthOf(copies.length), ...copies.flatMap(field));
  }
  return Uint8Array.from(octets);
}

/** Which packets before packet k its parity m is made of; not those before the first. */
function members(k: number, m: number, { span, parities }: NonNullable<T38Spec['fec']>): number[] {
  return Array.from({ length: span }, (_, j) => k + m - (j + 1) * parities);
}

function parity(
  primaries: readonly Uint8Array[],
  k: number,
  m: number,
  fec: NonNullable<T38Spec['fec']>,
): Uint8Array {
  const covered = members(k, m, fec).flatMap((member) => primaries[member] ?? []);
  const result = new Uint8Array(Math.max(1, ...covered.map(({ length }) => length)));
  for (const packet of covered) {
    packet.forEach((octet, i) => {
      result[i] = result[i]! ^ octet;
    });
  }
  return result;
}

function field(content: Uint8Array): number[] {
  return [...lengthOf(content.length), ...content];
}

/** Up to 127 in one octet, more in two (X.691 10.9). */
function lengthOf(length: number): number[] {
  return length < 128 ? [length] : [0x80 | (length >> 8), length & 0xff];
}

function truthOf(
  call: ResolvedCall,
  direction: Direction,
  { redundancy, fec, twice }: T38Spec & { redundancy: number },
  count: number,
  lost: ReadonlySet<number>,
): T38Truth {
  const seen = Array.from({ length: count }, (_, k) => k).filter((k) => !lost.has(k));
  const first = seen[0] ?? 0;
  const expected = seen.length === 0 ? 0 : seen.at(-1)! - first + 1;
  const known = new Set(seen);
  // In order of arrival, as a receiver would: what one packet makes good may help the parity in the next.
  for (const k of seen) {
    if (fec === undefined) {
      for (let i = 1; i <= redundancy; i++) if (k - i >= first) known.add(k - i);
      continue;
    }
    for (let m = 0; m < fec.parities; m++) {
      const of = members(k, m, fec);
      const missing = of.filter((member) => !known.has(member));
      if (of.every((member) => member >= first) && missing.length === 1) known.add(missing[0]!);
    }
  }
  const lostCount = expected - seen.length;
  let run = 0;
  let longest = 0;
  for (let k = first; k < first + expected; k++) {
    run = lost.has(k) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return {
    callId: call.callId,
    direction,
    packets: seen.length,
    expected,
    lost: lostCount,
    recovered: known.size - seen.length,
    unrecovered: expected - known.size,
    longestLossRun: longest,
    duplicates: twice ? seen.length : 0,
  };
}
