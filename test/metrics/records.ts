import { type LiveRecord, liveInterval, type StatusRecord } from '../../src/live/live-records.ts';
import type { IntervalRecord } from '../../src/records/interval-record.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { reportedCall, reportedFinding, reportedStream } from '../../src/report/reported.ts';
import { call, finding, intervals, stream } from '../report/records.ts';

/** An interval as a live probe tells it. */
export function intervalTold(changes: Partial<IntervalRecord> = {}): LiveRecord & { type: 'interval' } {
  const record: IntervalRecord = {
    ...intervals().at(0),
    streamId: 's1',
    callId: 'abc@pbx',
    direction: 'callerToCallee',
    ssrc: '0x00000001',
    src: { ip: '10.1.0.1', port: 4000 },
    dst: { ip: '192.0.2.9', port: 5000 },
    codec: 'PCMA',
    interface: null,
    vlans: [],
    scale: 'NB',
    mosCq: 4.1,
    duplicates: 0,
    reordered: 0,
    sender: null,
    ...changes,
  };
  return { type: 'interval', ...liveInterval(record) };
}

/** A stream that is over, as it is told. */
export function streamTold(changes: Partial<StreamRecord> = {}): LiveRecord & { type: 'stream' } {
  return { type: 'stream', ...reportedStream(stream(changes)) };
}

/** A call, as it is told. */
export function callTold(changes: Partial<CallRecord> = {}): LiveRecord & { type: 'call' } {
  return { type: 'call', ...reportedCall(call(changes)) };
}

/** A finding, as it is told. */
export function findingTold(changes: Partial<FindingRecord> = {}): LiveRecord & { type: 'finding' } {
  return { type: 'finding', ...reportedFinding(finding(changes)) };
}

/** A status of a probe that took `packets`. */
export function statusTold(
  packets: number,
  changes: Partial<StatusRecord> = {},
): LiveRecord & { type: 'status' } {
  return {
    type: 'status',
    time: '2026-01-02T03:04:05.000000Z',
    recording: false,
    uptimeMs: 10_000,
    packets,
    bytes: packets * 100,
    dropped: 0,
    packetsPerSecond: 100,
    sources: [
      {
        ...{ engine: 'ring', name: 'eth1', stamps: 'kernel', packets, bytes: packets * 100, dropped: 0 },
        ...{ ringFull: 0, ringHighWaterRatio: 0, up: true, ended: false, details: {} },
      },
    ],
    calls: 3,
    callsUp: 2,
    streams: 4,
    registrations: 5,
    trunks: [],
    tables: { streams: { used: 4, max: 65_536 } },
    decoded: { sip: 10, rtp: packets, rtcp: 0, t38: 0, other: 0 },
    discarded: { rtp_table_full: Math.floor(packets / 10) },
    mirrorDuplicates: 0,
    mirrorDuplicatesRatio: 0,
    encrypted: {
      ...{ tlsConnections: 0, tlsDecrypted: 0, sipTlsSuspected: 0, tlsElsewhere: 0 },
      unread: { noKeys: 0, noHandshake: 0, unsupported: 0, failed: 0 },
    },
    sip: { requests: { INVITE: packets }, responses: { 200: packets } },
    registrationRounds: { succeeded: packets, failed: 1, ofScans: 0 },
    lagMs: { measuring: 1, serving: 2 },
    queue: { used: 0, max: 32_768 },
    records: { told: { interval: packets }, dropped: {} },
    heapBytes: 1_000_000,
    kept: null,
    held: [],
    restarts: 0,
    trust: { verdict: 'trusted', reasons: [] },
    ...changes,
  };
}

/** Measuring begins. */
export function startTold(run: number): LiveRecord & { type: 'start' } {
  return { type: 'start', run, time: null, sources: [] };
}

/** Text that is written in pieces. */
export function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8');
}

/** Samples of an exposition by name and labels. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const bare = line.split(' # ')[0]!;
    const at = bare.lastIndexOf(' ');
    samples.set(bare.slice(0, at), Number(bare.slice(at + 1)));
  }
  return samples;
}

/** The sum of all samples of a metric whose labels hold a text. */
export function sumOf(samples: ReadonlyMap<string, number>, name: string, labels = ''): number {
  let sum = 0;
  for (const [key, value] of samples) {
    if ((key === name || key.startsWith(`${name}{`)) && key.includes(labels)) sum += value;
  }
  return sum;
}
