import type { Random } from './random.ts';
import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Direction, JitterSpec, LossSpec, Scenario, StreamSpec } from './scenario.ts';
import type { SentPacket } from './sender.ts';
import type { Lane } from './wire-media.ts';

/** A packet, or a copy of one, as it passes the tap. */
export interface ArrivedPacket extends SentPacket {
  /** ns of the scenario, a whole number of the file's units. */
  timeNs: number;
  /** `network`: a copy with an identification of its own; `mirror`: the very same octets again. */
  copy: 'no' | 'network' | 'mirror';
  /** Order of sending: copies share it, and with it the identification of a mirror copy. */
  index: number;
  reachesReceiver: boolean;
}

/** Late by this much against the packet it is to arrive behind. */
const REORDER_GAP_NS = 20_000;

/** What is left of a stream at the tap after loss, delay, reordering and copying, in order of arrival. */
export function passNetwork(
  scenario: Scenario,
  call: ResolvedCall,
  { name, way, spec }: Lane,
  sent: readonly SentPacket[],
): ArrivedPacket[] {
  const unitNs = scenario.nanoseconds ? 1 : 1000;
  const toFileUnit = (ns: number): number => Math.round(ns / unitNs) * unitNs;
  const random = (purpose: string): Random => callRandom(scenario, call, `${name}/${purpose}`);
  const lost = lostPackets(spec.loss, sent, random('loss'));
  const lostAfterTap = lostPackets(spec.lossAfterTap, sent, random('loss-after-tap'));
  const baseDelayMs = spec.baseDelayMs ?? tapDelayMs(call, way);
  const times = arrivalTimes(sent, baseDelayMs, spec, random('jitter'));
  if (spec.reorder !== undefined) reorder(times, spec.reorder.positions, spec.reorder.by);
  const copied = new Set(spec.duplicate?.positions);
  const arrived: ArrivedPacket[] = [];
  sent.forEach((packet, index) => {
    if (lost.has(index)) return;
    const first = arrivedAt(packet, index, toFileUnit(times[index]!), !lostAfterTap.has(index));
    arrived.push(first);
    if (copied.has(index)) {
      const copyNs = toFileUnit(times[index]! + spec.duplicate!.afterMs * 1e6);
      arrived.push({ ...first, timeNs: copyNs, copy: spec.duplicate!.mirror ? 'mirror' : 'network' });
    }
  });
  // The sort is stable: packets of one instant stay in order of sending.
  return arrived.sort((a, b) => a.timeNs - b.timeNs);
}

/** Written out: a capture holds millions, and copying an object by its fields' names takes ten times as long. */
function arrivedAt(sent: SentPacket, index: number, timeNs: number, reachesReceiver: boolean): ArrivedPacket {
  return {
    sendNs: sent.sendNs,
    ssrc: sent.ssrc,
    seq: sent.seq,
    extended: sent.extended,
    segment: sent.segment,
    timestamp: sent.timestamp,
    payloadType: sent.payloadType,
    marker: sent.marker,
    kind: sent.kind,
    payload: sent.payload,
    index,
    copy: 'no',
    timeNs,
    reachesReceiver,
  };
}

function tapDelayMs(call: ResolvedCall, way: Direction): number {
  if (call.rtcp === null) return 0;
  return way === 'callerToCallee' ? call.rtcp.tapToCallerMs : call.rtcp.tapToCalleeMs;
}

/** Times at the tap in order of sending, ns, not yet rounded. Later packets never overtake earlier ones. */
function arrivalTimes(
  sent: readonly SentPacket[],
  baseDelayMs: number,
  spec: StreamSpec,
  random: Random,
): number[] {
  const jitter = spec.jitter ?? { kind: 'none' };
  let previous = Number.NEGATIVE_INFINITY;
  return sent.map((packet, i) => {
    const atMs = sinceFirstMs(sent, packet);
    const changed = spec.pathChange !== undefined && atMs >= spec.pathChange.atMs;
    const pathMs = changed ? (spec.pathChange!.delayMs ?? 0) : 0;
    const delayMs = baseDelayMs + pathMs + jitterMs(jitter, i, atMs, random);
    previous = Math.max(previous, packet.sendNs + delayMs * 1e6);
    return previous;
  });
}

/** When a packet is sent, after the first of its stream. */
export function sinceFirstMs(sent: readonly { sendNs: number }[], packet: { sendNs: number }): number {
  return (packet.sendNs - sent[0]!.sendNs) / 1e6;
}

function jitterMs(jitter: JitterSpec, i: number, atMs: number, random: Random): number {
  switch (jitter.kind) {
    case 'none':
      return 0;
    case 'uniform':
      return random.float() * jitter.maxMs;
    case 'gauss':
      return Math.max(0, (3 + random.gauss()) * jitter.sigmaMs);
    case 'spikes':
      return i % jitter.everyPackets === jitter.everyPackets - 1 ? jitter.delayMs : 0;
    case 'exact':
      return jitter.delaysMs[i] ?? 0;
    case 'ramp': {
      const turn = (atMs % jitter.everyMs) / jitter.everyMs;
      return jitter.riseMs * (turn < 0.5 ? 2 * turn : 2 - 2 * turn);
    }
    case 'beat':
      return atMs % jitter.everyMs < jitter.forMs ? jitter.delayMs : 0;
  }
}

/** Makes packets arrive right after the one `by` later. */
export function reorder(times: number[], positions: readonly number[], by: number): void {
  for (const position of positions) {
    if (position >= times.length - 1) continue;
    const behind = Math.min(position + by, times.length - 1);
    const next = times[behind + 1] ?? Number.POSITIVE_INFINITY;
    times[position] = times[behind]! + Math.min(REORDER_GAP_NS, (next - times[behind]!) / 2);
  }
}

/** Indexes of the packets that are lost. */
export function lostPackets(
  loss: LossSpec | undefined,
  sent: readonly { sendNs: number }[],
  random: Random,
): Set<number> {
  const lost = new Set<number>();
  const count = sent.length;
  if (loss === undefined) return lost;
  if (loss.kind === 'exact') return new Set(loss.positions);
  if (loss.kind === 'periodic') {
    const times = Math.min(loss.count ?? Number.POSITIVE_INFINITY, Math.floor(count / loss.every));
    for (let n = 1; n <= times; n++) lost.add(n * loss.every - 1);
    return lost;
  }
  let bad = false;
  for (let i = 0; i < count; i++) {
    const atMs = sinceFirstMs(sent, sent[i]!);
    if (loss.kind === 'beat' || loss.kind === 'windows') {
      if (isInTime(loss, atMs)) lost.add(i);
      continue;
    }
    const draw = random.float();
    if (loss.kind === 'random') bad = draw < loss.ratio;
    else bad = bad ? draw >= loss.q : draw < loss.p;
    if (bad && atMs >= (loss.fromMs ?? 0) && atMs < (loss.untilMs ?? Number.POSITIVE_INFINITY)) lost.add(i);
  }
  return lost;
}

function isInTime(loss: LossSpec & { kind: 'beat' | 'windows' }, atMs: number): boolean {
  if (loss.kind === 'windows') {
    return loss.windows.some((window) => atMs >= window.atMs && atMs < window.atMs + window.durationMs);
  }
  const since = atMs - (loss.atMs ?? 0);
  return since >= 0 && since % loss.everyMs < loss.forMs;
}
