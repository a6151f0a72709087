import { describe, expect, test } from 'vitest';
import { LiveCaptureError } from '../../src/capture/live/live-source.ts';
import type { CaptureRecordOfRun, LiveRecord, LiveRecordType } from '../../src/live/live-records.ts';
import { Measuring } from '../../src/live/measuring.ts';
import { Outbox } from '../../src/live/outbox.ts';
import type { Notice } from '../../src/live/thread-messages.ts';
import type { PacketBatch } from '../../src/packet/batch.ts';
import { reportedCall, reportedFinding, reportedStream } from '../../src/report/reported.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from '../engine/replayed.ts';
import { FakeSource } from './fake-source.ts';

type OfType<T extends LiveRecordType> = Extract<LiveRecord, { type: T }>;

/** A probe on a clock that the test drives; the wall stands where the packets' stamps say. */
function probe(options: { packetsMax?: number; sources?: FakeSource[]; intervals?: boolean } = {}) {
  const { packetsMax = null, sources = [new FakeSource()], intervals = true } = options;
  const records: LiveRecord[] = [];
  const notices: Notice[] = [];
  const closings: { capture: CaptureRecordOfRun; failed: string | null }[] = [];
  let nowMs = 1000;
  let startUs = 0;
  const outbox = new Outbox((batch) => records.push(...batch), { count: () => records.length | 0 });
  const measuring = new Measuring({
    sources,
    engine: {},
    outbox,
    nowMs: () => nowMs,
    wallUs: () => startUs + (nowMs - 1000) * 1000,
    lags: () => ({ measuring: 3, serving: 7 }),
    packetsMax,
    intervals,
    notice: (notice) => notices.push(notice),
    closed: (capture, failed) => closings.push({ capture, failed }),
  });
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      nowMs += 100;
      measuring.tick();
    }
  };
  /** Delivers packets at the pace at which they were captured. */
  const play = (batches: PacketBatch[], source = sources[0]!): void => {
    if (startUs === 0) startUs = batches[0]!.timeUs[0]!;
    for (const batch of batches) {
      const dueMs = 1000 + (batch.timeUs[batch.count - 1]! - startUs) / 1000;
      if (dueMs > nowMs) pass(dueMs - nowMs);
      source.push(batch);
    }
  };
  const ofType = <T extends LiveRecordType>(type: T): OfType<T>[] =>
    records.filter((record) => record.type === type) as OfType<T>[];
  measuring.start();
  return { measuring, source: sources[0]!, records, notices, closings, pass, play, ofType };
}

const CALLS: Scenario = {
  calls: [
    { callId: 'good@x', durationMs: 12_000 },
    {
      callId: 'lossy@x',
      startMs: 500,
      durationMs: 12_000,
      callerToCallee: { loss: { kind: 'random', ratio: 0.1 } },
    },
    { callId: 'busy@x', startMs: 900, outcome: 'busy' },
  ],
};

describe('measuring live', () => {
  test('a recording is told as one as soon as it shows, and calls of now are none', () => {
    const { pcap } = buildScenario({ calls: [{ durationMs: 60_000 }] });
    const live = probe();
    live.play(batchesOf(pcap, 50));
    live.pass(10_000);
    expect(live.ofType('status').map(({ recording }) => recording)).not.toContain(true);
    const played = probe();
    played.pass(500);
    for (const batch of batchesOf(pcap, 50)) played.source.push(batch);
    played.pass(100);
    expect(played.ofType('status').map(({ recording }) => recording)).toEqual([true]);
  });

  test('while packets wait too long new streams are left out, said once, and the others lose nothing', () => {
    const { pcap } = buildScenario({
      calls: [
        { callId: 'early@x', durationMs: 20_000 },
        { callId: 'late@x', startMs: 6000, durationMs: 10_000 },
      ],
    });
    const { play, pass, ofType, source, notices } = probe();
    const batches = batchesOf(pcap, 50);
    const before = batches.filter(({ timeUs }) => timeUs[0]! < batches[0]!.timeUs[0]! + 5e6);
    play(before);
    source.isPressed = true;
    play(batches.slice(before.length));
    source.isPressed = false;
    pass(110_000);
    expect(ofType('stream').map(({ callId, lost }) => [callId, lost])).toEqual([
      ['early@x', 0],
      ['early@x', 0],
    ]);
    expect(ofType('call').map(({ callId, verdict }) => [callId, verdict])).toEqual([
      ['late@x', 'unknown'],
      ['early@x', 'healthy'],
    ]);
    const said = notices.filter(({ text }) => text.startsWith('measuring'));
    expect(said.map(({ level, fields }) => [level, fields])).toEqual([['warn', { streamsShed: 0 }]]);
    expect(ofType('finding')).toMatchObject([
      { code: 'capture_drops', evidence: { kind: 'shed', streams: 2 } },
    ]);
  });

  test('what is told of a call on a quiet link is what a replay reports, and time alone ends it', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, pass, ofType, measuring, closings } = probe();
    play(batchesOf(pcap, 50));
    expect(ofType('call')).toEqual([]);
    // Nothing comes any more: lingering, judgement, lateness.
    pass(110_000);
    const expected = replayed(pcap);
    // Only the probe knows the interface.
    for (const stream of expected.streams) stream.interface = 'eth0';
    for (const call of expected.calls) call.signalling.interface = 'eth0';
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
    expect(ofType('call').sort(byId)).toEqual(
      expected.calls.map((call) => ({ type: 'call', ...reportedCall(call) })).sort(byId),
    );
    expect(ofType('stream').sort(byId)).toEqual(
      expected.streams.map((stream) => ({ type: 'stream', ...reportedStream(stream) })).sort(byId),
    );
    expect(ofType('finding').map(({ code }) => code)).toEqual(expected.findings.map(({ code }) => code));
    expect(ofType('finding')).toEqual(
      expected.findings.map((finding) => ({ type: 'finding', ...reportedFinding(finding) })),
    );
    await measuring.stop();
    expect(ofType('call')).toHaveLength(3);
    expect(closings).toHaveLength(1);
    expect(closings[0]).toMatchObject({
      failed: null,
      capture: { dropped: 0, trust: { verdict: 'trusted' } },
    });
  });

  test('intervals that nobody wants are not told; streams and calls are', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, ofType, measuring } = probe({ intervals: false });
    play(batchesOf(pcap, 50));
    await measuring.stop();
    expect(ofType('interval')).toEqual([]);
    expect(ofType('stream').length).toBeGreaterThan(0);
    expect(ofType('call')).toHaveLength(3);
  });

  test('every interval is told once: while the stream runs, the last with its end', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, ofType, measuring, pass } = probe();
    const batches = batchesOf(pcap, 50);
    play(batches.slice(0, -5));
    const early = ofType('interval').length;
    expect(early).toBeGreaterThan(0);
    expect(ofType('stream')).toEqual([]);
    play(batches.slice(-5));
    pass(1000);
    await measuring.stop();
    for (const stream of ofType('stream')) {
      const told = ofType('interval').filter(({ streamId }) => streamId === stream.id);
      expect(
        told.map(({ startTime, packets, expected, lost, jitterMs }) => {
          return { startTime, packets, expected, lost, jitterMs };
        }),
      ).toEqual(
        stream.intervals.map(({ startTime, packets, expected, lost, jitterMs }) => {
          return { startTime, packets, expected, lost, jitterMs };
        }),
      );
      expect(told.every(({ callId, codec }) => callId === stream.callId && codec === 'PCMU')).toBe(true);
      // Scored while it ran, by what was known then.
      for (const [i, { mosLq }] of told.entries()) {
        expect(mosLq).toBeCloseTo(stream.intervals[i]!.mosLq!, 1);
      }
    }
  });

  test('a status every ten seconds', () => {
    const { pcap } = buildScenario(CALLS);
    const { play, ofType, pass } = probe();
    play(batchesOf(pcap, 50));
    pass(20_000);
    const statuses = ofType('status');
    expect(statuses).toHaveLength(3);
    expect(statuses[0]).toMatchObject({
      uptimeMs: 10_000,
      calls: 3,
      callsUp: 2,
      streams: 4,
      dropped: 0,
      lagMs: { measuring: 3, serving: 7 },
      trust: { verdict: 'trusted', reasons: [] },
      sources: [{ engine: 'ring', name: 'eth0', ended: false, dropped: 0, details: {} }],
    });
    expect(statuses[0]!.tables.streams).toEqual({ used: 4, max: 65_536 });
    expect(statuses[0]!.packetsPerSecond).toBeGreaterThan(150);
    expect(statuses[2]!.packets).toBe(statuses[2]!.decoded.rtp + statuses[2]!.decoded.sip);
  });

  test('what the machine dropped itself is no finding about those calls, and is said once', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, source, ofType, measuring, notices, pass } = probe();
    const batches = batchesOf(pcap, 50);
    for (const [i, batch] of batches.entries()) {
      // One packet in ten, all the time.
      if (i < batches.length - 20) source.dropped! += 5;
      play([batch]);
    }
    pass(60_000);
    await measuring.stop();
    const lossy = ofType('call').find(({ callId }) => callId === 'lossy@x')!;
    expect(lossy.findings).toEqual([]);
    expect(lossy.verdict).toBe('unknown');
    expect(lossy.heldBack).toMatchObject([{ code: 'random_loss', reason: 'capture_drops' }]);
    expect(ofType('finding').map(({ code, severity }) => [code, severity])).toEqual([
      ['capture_drops', 'critical'],
    ]);
    expect(notices.some(({ text }) => text.includes('dropped'))).toBe(true);
    expect(ofType('status').at(-1)!.trust.verdict).toBe('untrusted');
    expect(ofType('capture')).toEqual([]);
  });

  test('drops at another time take nothing from a finding', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, source, ofType, measuring, pass } = probe();
    const batches = batchesOf(pcap, 50);
    source.dropped! += 3;
    play(batches);
    await pass(1000);
    await measuring.stop();
    const lossy = ofType('call').find(({ callId }) => callId === 'lossy@x')!;
    expect(lossy.findings).toEqual(['random_loss']);
    expect(lossy.heldBack).toEqual([]);
  });

  test('stops after so many packets, to the packet', async () => {
    const { pcap } = buildScenario(CALLS);
    const { play, closings, source } = probe({ packetsMax: 777 });
    play(batchesOf(pcap, 50));
    await Promise.resolve();
    expect(source.stopped).toBe(1);
    expect(closings.map(({ capture }) => capture.packets)).toEqual([777]);
  });

  test('goes on while one source is left, and says why another ended', () => {
    const sources = [new FakeSource('ring', 'eth0'), new FakeSource('pipe', '-')];
    const { closings, notices } = probe({ sources });
    sources[0]!.end(new LiveCaptureError('failed', 'eth0 is gone; plug it in'));
    expect(closings).toEqual([]);
    expect(notices).toMatchObject([
      { level: 'error', fields: { source: 'eth0', reason: 'eth0 is gone; plug it in' } },
    ]);
    sources[1]!.end(null);
    expect(closings).toMatchObject([{ failed: 'eth0 is gone; plug it in' }]);
  });

  test('sources that stamp late or are down are doubted', async () => {
    const sources = [new FakeSource('pcap', 'wifi0')];
    sources[0]!.stamps = 'arrival';
    sources[0]!.up = false;
    const { pass, ofType, measuring, closings } = probe({ sources });
    pass(10_000);
    const [status] = ofType('status');
    expect(status!.trust.reasons.map(({ code, kind }) => [code, kind ?? null])).toEqual([
      ['capture_clock', 'arrival'],
      ['interface_down', null],
    ]);
    expect(ofType('finding').map(({ code }) => code)).toEqual(['capture_clock']);
    await measuring.stop();
    expect(closings[0]!.capture.trust.verdict).toBe('degraded');
  });
});
