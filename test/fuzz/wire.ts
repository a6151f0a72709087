import { Engine } from '../../src/engine/engine.ts';
import { createBatch } from '../../src/packet/batch.ts';
import { IntervalLog } from '../../src/records/interval-log.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';

/** A captured packet; `wire` is its length before the capture cut it. */
export interface WirePacket {
  timeUs: number;
  bytes: Uint8Array;
  wire: number;
}

/** The packets of a scenario. */
export function wireOf(scenario: Scenario): WirePacket[] {
  const { pcap } = buildScenario(scenario);
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  const packets: WirePacket[] = [];
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    const timeUs = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    packets.push({ timeUs, bytes: pcap.slice(at + 16, at + 16 + length), wire: length });
    at += 16 + length;
  }
  return packets;
}

export interface Played {
  streams: StreamRecord[];
  calls: CallRecord[];
  findings: FindingRecord[];
  /** Registrations, trunks and the figures of signalling. */
  others: unknown[];
  account: ReturnType<Engine['account']>;
}

/** Runs packets, in the order given, through the whole engine. */
export function play(packets: readonly WirePacket[]): Played {
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const findings: FindingRecord[] = [];
  const others: unknown[] = [];
  const engine = new Engine(
    {
      stream: (record) => streams.push(record),
      call: (record) => calls.push(record),
      finding: (record) => findings.push(record),
      registration: (record) => others.push(record),
      trunk: (record) => others.push(record),
    },
    { rtp: { streamsMax: 1024 } },
  );
  const bytes = new Uint8Array(packets.reduce((sum, packet) => sum + packet.bytes.length, 0));
  const batch = createBatch(bytes, Math.max(1, packets.length));
  let offset = 0;
  for (const packet of packets) {
    const at = batch.count++;
    bytes.set(packet.bytes, offset);
    batch.timeUs[at] = packet.timeUs;
    batch.offset[at] = offset;
    batch.capturedLength[at] = packet.bytes.length;
    batch.originalLength[at] = packet.wire;
    batch.linkType[at] = 1;
    batch.frame[at] = at + 1;
    offset += packet.bytes.length;
  }
  engine.ingest(batch);
  engine.finish();
  others.push(engine.signallingRecord());
  return { streams, calls, findings, others, account: engine.account() };
}

/** Where in a record a number is that no report can carry: NaN or infinite; null when there is none. */
export function unreportable(value: unknown, path = ''): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (value instanceof IntervalLog) {
    return unreportable(
      Array.from({ length: value.length }, (_, i) => value.at(i)),
      path,
    );
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = unreportable(inner, `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** What is wrong with a stream's accounts; null when they add up. */
export function imbalance(stream: StreamRecord): string | null {
  const { packets, expected, lost, lostRatio, reordered, intervals, rtcp } = stream;
  if (expected - lost !== packets) return `expected ${expected} - lost ${lost} is not packets ${packets}`;
  if (lost < 0 || packets < 0) return `lost ${lost}, packets ${packets}`;
  if (lostRatio < 0 || lostRatio > 1) return `lostRatio ${lostRatio}`;
  for (const ratio of [rtcp.lostRatio, rtcp.lossBeforeProbeRatio, rtcp.lossAfterProbeRatio]) {
    if (ratio !== null && !(ratio >= 0 && ratio <= 1)) return `reported loss: ${JSON.stringify(rtcp)}`;
  }
  const sums = { packets: 0, expected: 0, lost: 0 };
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.at(i);
    if (interval.durationMs < 0 || interval.lost > interval.expected || interval.lossRuns > interval.lost) {
      return `interval ${i}: ${JSON.stringify(interval)}`;
    }
    sums.packets += interval.packets;
    sums.expected += interval.expected;
    sums.lost += interval.lost;
  }
  if (sums.expected !== expected) return `intervals expect ${sums.expected}, the stream ${expected}`;
  if (sums.packets !== packets) return `intervals have ${sums.packets} packets, the stream ${packets}`;
  // A packet that comes after its number was given up stays lost in its interval, not in the stream.
  const restored = sums.lost - lost;
  if (restored < 0 || restored > reordered) return `intervals lost ${sums.lost}, the stream ${lost}`;
  return null;
}

/** What is wrong with the records of a replay; null when all is well. */
export function flaw(played: Played): string | null {
  const { streams, calls, findings, others, account } = played;
  const bad = unreportable({ streams, calls, findings, others, account });
  if (bad !== null) return `no finite number: ${bad}`;
  for (const stream of streams) {
    const wrong = imbalance(stream);
    if (wrong !== null) return `${stream.id}: ${wrong}`;
  }
  const ids = new Set(streams.map((stream) => stream.id));
  if (ids.size !== streams.length) return 'a stream was reported twice';
  const missing = calls.flatMap((call) => call.streams).find((id) => !ids.has(id));
  return missing === undefined ? null : `${missing} is in a call but nowhere else`;
}
