import type { FilePacket } from './pcap.ts';
import { randomFor } from './random.ts';
import type { Direction, Scenario, Side } from './scenario.ts';

/** What the tap has to know of a packet. */
interface Passing extends FilePacket {
  kind: 'sip' | 'rtp' | 'rtcp' | 't38' | 'other';
  from?: Side;
  rtp?: { lane: { way: Direction } };
}

/** The packets that the capture sees: some pass elsewhere, some the mirror port drops, which go to `dropped`. */
export function throughTap<P extends Passing>(
  scenario: Scenario,
  packets: readonly P[],
  dropped: P[] = [],
): P[] {
  if (scenario.capture === undefined) return [...packets];
  const { mirrorLoss, hideWay, hideSide, standstills = [], sample } = scenario.capture;
  const random = randomFor(scenario.seed ?? 1, 'mirror');
  const sampled = randomFor(scenario.seed ?? 1, 'sample');
  return packets.filter((packet) => {
    const atMs = packet.timeNs / 1e6;
    if (standstills.some((still) => atMs >= still.atMs && atMs < still.atMs + still.durationMs)) return false;
    if (packet.rtp !== undefined && packet.rtp.lane.way === hideWay) return false;
    if (packet.from !== undefined && packet.from === hideSide) return false;
    if (sample !== undefined && isOf(packet, sample.of) && sampled.float() >= sample.ratio) return false;
    if (mirrorLoss === undefined || (packet.kind !== 'rtp' && packet.kind !== 't38')) return true;
    if (atMs % mirrorLoss.everyMs >= mirrorLoss.forMs) return true;
    if (random.float() >= mirrorLoss.ratio) return true;
    dropped.push(packet);
    return false;
  });
}

/** Whether a packet is one of those of which a sample is kept. */
function isOf({ kind }: Passing, of: 'all' | 'media' = 'all'): boolean {
  return of === 'all' || kind === 'rtp';
}

/** Notes with each packet how many were dropped since the one before; `kept` is in order of time. */
export function countDrops(kept: readonly FilePacket[], dropped: readonly FilePacket[]): void {
  const times = dropped.map(({ timeNs }) => timeNs).sort((a, b) => a - b);
  let told = 0;
  for (const packet of kept) {
    const before = told;
    while (told < times.length && times[told]! <= packet.timeNs) told++;
    packet.lostBefore = told - before;
  }
}

/** The packets with the stamps that the capturing machine's clock gives them. */
export function stamped(scenario: Scenario, packets: readonly FilePacket[]): readonly FilePacket[] {
  const { clockSteps, skewPpm, resolutionMs, batchMs } = scenario.capture ?? {};
  if (batchMs !== undefined) return inBatches(packets, batchMs * 1e6);
  if (clockSteps === undefined && skewPpm === undefined && resolutionMs === undefined) return packets;
  const unitNs = scenario.nanoseconds ? 1 : 1000;
  const grainNs = (resolutionMs ?? 0) * 1e6 || unitNs;
  return packets.map(({ timeNs, ...packet }) => {
    const steps = (clockSteps ?? []).filter(({ atMs }) => timeNs >= atMs * 1e6);
    const stepNs = steps.reduce((sum, { byMs }) => sum + byMs * 1e6, 0);
    const skewed = timeNs * (1 - (skewPpm ?? 0) * 1e-6) + stepNs;
    return { ...packet, timeNs: Math.floor(skewed / grainNs) * grainNs };
  });
}

/** What waited for the machine gets its stamps when it comes to look, one microsecond after the other. */
function inBatches(packets: readonly FilePacket[], batchNs: number): FilePacket[] {
  let batch = Number.NaN;
  let place = 0;
  return packets.map(({ timeNs, ...packet }) => {
    const end = Math.ceil(timeNs / batchNs) * batchNs;
    place = end === batch ? place + 1 : 0;
    batch = end;
    return { ...packet, timeNs: Math.round((end + place * 1000) / 1000) * 1000 };
  });
}
