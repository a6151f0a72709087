import { describe, expect, test } from 'vitest';
import type { StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, LossSpec, RtcpSpec, Scenario } from '../../src/synth/scenario.ts';
import type { RoundTripTruth, StreamTruth } from '../../src/synth/truth.ts';
import { replayed } from './replayed.ts';

const RTCP: RtcpSpec = { intervalMs: 2500, tapToCallerMs: 12, tapToCalleeMs: 31 };

interface Seen {
  wanted: StreamTruth;
  stream: StreamRecord;
}

/** A call of 30 s through the whole engine: both directions with their truths. */
function played(call: Partial<CallSpec>, scenario: Partial<Scenario> = {}): Seen[] {
  const { pcap, truth } = buildScenario({
    seed: 11,
    ...scenario,
    calls: [{ codec: 'PCMA', durationMs: 30_000, rtcp: RTCP, ...call }],
  });
  const { streams } = replayed(pcap);
  return truth.streams.map((wanted) => ({
    wanted,
    stream: streams.find((stream) => stream.ssrc === wanted.ssrc)!,
  }));
}

function expectRoundTrip(
  got: StreamRecord['roundTripMs'],
  wanted: RoundTripTruth | null,
  trueMs: number,
): void {
  expect(wanted!.mean).toBeCloseTo(trueMs, 1);
  expect(got!.p50).toBeCloseTo(trueMs, 1);
  expect(got!.p95).toBeCloseTo(trueMs, 1);
  expect(got!.max).toBeCloseTo(wanted!.max, 3);
}

describe('round trips', () => {
  test.each([
    [0.5, 0.25],
    [12, 31],
    [150, 3],
    [400, 280],
  ])('tap %d ms from the caller and %d ms from the callee', (tapToCallerMs, tapToCalleeMs) => {
    const { pcap, truth } = buildScenario({
      seed: 3,
      calls: [{ durationMs: 20_000, rtcp: { intervalMs: 2000, tapToCallerMs, tapToCalleeMs } }],
    });
    const { calls, streams } = replayed(pcap);
    for (const wanted of truth.streams) {
      const stream = streams.find(({ ssrc }) => ssrc === wanted.ssrc)!;
      const toReceiver = wanted.direction === 'callerToCallee' ? tapToCalleeMs : tapToCallerMs;
      expectRoundTrip(stream.roundTripMs, wanted.rtcp!.roundTripMs, 2 * toReceiver);
      expect(stream.rtcp.roundTripsDropped).toEqual({});
    }
    expect(calls[0]!.roundTripSidesMs.toCaller).toBeCloseTo(2 * tapToCallerMs, 1);
    expect(calls[0]!.roundTripSidesMs.toCallee).toBeCloseTo(2 * tapToCalleeMs, 1);
    expect(calls[0]!.roundTripMs).toBeCloseTo(2 * (tapToCallerMs + tapToCalleeMs), 1);
    expect(streams[0]!.quality!.assumptions).toMatchObject({ delaySource: 'measured' });
  });

  test('a side that only listens has a round trip by reference times', () => {
    const { pcap, truth } = buildScenario({
      seed: 4,
      calls: [{ durationMs: 20_000, calleeToCaller: null, rtcp: { ...RTCP, xr: ['reference_time'] } }],
    });
    const { calls, streams } = replayed(pcap);
    const wanted = truth.streams[0]!.rtcp!;
    expect(wanted.senderRoundTripMs!.samples).toBeGreaterThan(4);
    expectRoundTrip(streams[0]!.roundTripMs, wanted.roundTripMs, 62);
    expectRoundTrip(streams[0]!.rtcp.senderRoundTripMs, wanted.senderRoundTripMs, 24);
    expect(calls[0]!.roundTripSidesMs).toEqual({
      toCaller: expect.closeTo(24, 1),
      toCallee: expect.closeTo(62, 1),
    });
    expect(calls[0]!.roundTripMs).toBeCloseTo(86, 1);
  });

  test('streams that no call claims have both round trips, too', () => {
    const { pcap } = buildScenario({ seed: 4, calls: [{ outcome: 'none', durationMs: 20_000, rtcp: RTCP }] });
    const { calls, streams } = replayed(pcap);
    expect(calls).toEqual([]);
    expect(streams).toHaveLength(2);
    for (const stream of streams) {
      const both = stream.roundTripMs!.p50 + stream.rtcp.senderRoundTripMs!.p50;
      expect(both).toBeCloseTo(86, 1);
      expect(stream.quality!.assumptions).toMatchObject({ delaySource: 'measured' });
      expect(stream.rtcp).toMatchObject({ lossBeforeProbe: 0, lossAfterProbe: 0 });
    }
  });

  test('the next call with the same numbers starts from nothing', () => {
    const ends = {
      caller: { ip: '192.0.2.10', rtpPort: 20_000 },
      callee: { ip: '198.51.100.10', rtpPort: 30_000 },
    };
    const forward = { ssrc: 0x11, startSeq: 100 };
    const call: CallSpec = { codec: 'PCMA', durationMs: 8000, rtcp: RTCP, ...ends };
    const { pcap } = buildScenario({
      seed: 9,
      calls: [
        { ...call, callerToCallee: { ...forward, lossAfterTap: { kind: 'periodic', every: 5 } } },
        { ...call, startMs: 30_000, callerToCallee: forward },
      ],
    });
    const both = replayed(pcap).streams.filter((stream) => stream.ssrc === '0x00000011');
    expect(both.map(({ rtcp }) => rtcp.lossAfterProbe)).toEqual([expect.closeTo(79, -1), 0]);
    expect(both[1]!.rtcp.senderReports).toBe(both[0]!.rtcp.senderReports);
  });

  test('without reference times one side stays unknown, and the sum with it', () => {
    const { pcap } = buildScenario({ seed: 4, calls: [{ calleeToCaller: null, rtcp: RTCP }] });
    const { calls } = replayed(pcap);
    expect(calls[0]).toMatchObject({ roundTripMs: null, roundTripSidesMs: { toCaller: null } });
    expect(calls[0]!.roundTripSidesMs.toCallee).toBeCloseTo(62, 1);
  });
});

describe('loss before and after the tap', () => {
  const three: LossSpec = { kind: 'random', ratio: 0.03 };
  const bursty: LossSpec = { kind: 'gilbert', p: 0.01, q: 0.2 };

  test.each<[string, LossSpec | undefined, LossSpec | undefined]>([
    ['none', undefined, undefined],
    ['3 % after', undefined, three],
    ['3 % before', three, undefined],
    ['3 % before and 3 % after', three, three],
    ['bursts before', bursty, undefined],
    ['bursts after', undefined, bursty],
    ['bursts before, some after', bursty, three],
    ['every 10th after', undefined, { kind: 'periodic', every: 10 }],
  ])('%s', (_name, loss, lossAfterTap) => {
    const spec = { ...(loss && { loss }), ...(lossAfterTap && { lossAfterTap }), startSeq: 65_000 };
    for (const { wanted, stream } of played({ callerToCallee: spec, calleeToCaller: spec })) {
      const { lostBeforeTap, lostAfterTap } = wanted.rtcp!;
      const { rtcp } = stream;
      // The reports of the goodbye cover all but the packets still under way.
      expect(rtcp.lossBeforeProbe).toBe(lostBeforeTap);
      expect(rtcp.lossAfterProbe).toBe(lostAfterTap);
      expect(rtcp.lossOnlyAtProbe).toBe(0);
      expect(wanted.expected - rtcp.lossCompared!).toBeLessThan(4);
      expect(rtcp.lossAfterProbeRatio).toBeCloseTo(lostAfterTap! / rtcp.lossCompared!, 9);
      // A receiver that lacks the first packet begins to count at the second.
      expect(rtcp.lostRatio).toBeCloseTo(wanted.rtcp!.lostRatio!, 4);
      expect(rtcp.cname).toMatch(/^55501\d\d@/);
    }
  });

  test('a report in the middle of an interval is interpolated', () => {
    // Reports every 7 s and none at the end: the last covers 28 of 30 s.
    const call = {
      outcome: 'open' as const,
      rtcp: { intervalMs: 7000 },
      callerToCallee: { loss: three, lossAfterTap: three },
    };
    const { wanted, stream } = played(call)[0]!;
    const { lostBeforeTap, lostAfterTap } = wanted.rtcp!;
    expect(stream.rtcp.lossCompared).toBeLessThan(wanted.expected);
    expect(Math.abs(stream.rtcp.lossBeforeProbe! - lostBeforeTap!)).toBeLessThanOrEqual(3);
    expect(Math.abs(stream.rtcp.lossAfterProbe! - lostAfterTap!)).toBeLessThanOrEqual(3);
  });

  test('losses around a report in the middle of an interval are told apart by when they were due', () => {
    // The last report comes at 28 s, and the interval that it lies in ends with 26 packets lost in a row.
    const windows = [{ atMs: 28_700, durationMs: 520 }];
    const call = {
      outcome: 'open' as const,
      rtcp: { intervalMs: 7000 },
      callerToCallee: { loss: { kind: 'windows' as const, windows } },
    };
    const { stream } = played(call)[0]!;
    expect(stream.lost).toBe(26);
    expect(stream.rtcp).toMatchObject({ lossBeforeProbe: 0, lossAfterProbe: 0, lossOnlyAtProbe: 0 });
  });

  test('a capture that begins in the middle counts from its first report on', () => {
    const { pcap } = buildScenario({
      seed: 12,
      calls: [{ codec: 'PCMA', durationMs: 60_000, rtcp: RTCP, callerToCallee: { lossAfterTap: three } }],
    });
    const whole = replayed(pcap).streams.find((s) => s.direction === 'callerToCallee')!;
    const half = replayed(halfOf(pcap)).streams.find((s) => s.ssrc === whole.ssrc)!;
    expect(half.rtcp.lossBeforeProbe).toBe(0);
    expect(half.rtcp.lossOnlyAtProbe).toBe(0);
    // 3 % of what was compared, not the losses of the half that is not there.
    expect(half.rtcp.lossCompared!).toBeLessThan(half.expected);
    expect(half.rtcp.lossCompared!).toBeGreaterThan(half.expected - 300);
    expect(half.rtcp.lossAfterProbeRatio).toBeGreaterThan(0.015);
    expect(half.rtcp.lossAfterProbeRatio).toBeLessThan(0.045);
    expect(half.rtcp.lostRatio).toBeCloseTo(half.rtcp.lossAfterProbeRatio!, 9);
  });

  test('packets that only the capture lost are not blamed on the network', () => {
    const { pcap } = buildScenario({ seed: 13, calls: [{ codec: 'PCMA', durationMs: 30_000, rtcp: RTCP }] });
    // Every 25th record of RTP is taken out: the receivers know nothing of it.
    const thinned = without(pcap, (index, length) => length > 200 && index % 25 === 0);
    for (const { rtcp, lost } of replayed(thinned).streams) {
      expect(lost).toBeGreaterThan(40);
      expect(rtcp).toMatchObject({ lossBeforeProbe: 0, lossAfterProbe: 0, lossOnlyAtProbe: lost });
    }
  });

  test('copies do not hide that', () => {
    const positions = Array.from({ length: 60 }, (_, i) => 20 * i + 5);
    const call = { callerToCallee: { loss: three, duplicate: { positions, afterMs: 3 } } };
    const { stream } = played(call)[0]!;
    expect(stream.duplicates).toBeGreaterThan(50);
    expect(stream.rtcp.lossOnlyAtProbe).toBe(0);
    expect(stream.rtcp.lossAfterProbe).toBe(0);
  });

  test('the worst stretch between two reports', () => {
    // All of the loss lies between 12 and 13 s.
    const positions = Array.from({ length: 25 }, (_, i) => 600 + 2 * i);
    const { stream } = played({ callerToCallee: { lossAfterTap: { kind: 'exact', positions } } })[0]!;
    const { worst, fractionLostMax } = stream.rtcp;
    expect(worst).toMatchObject({ lost: 25, expected: 125, lostAtProbe: 0, durationMs: 2500 });
    expect(worst!.startUs - stream.startUs).toBeLessThan(13e6);
    expect(worst!.startUs - stream.startUs).toBeGreaterThan(9e6);
    expect(fractionLostMax).toBeCloseTo(Math.floor((256 * 25) / 125) / 256, 9);
  });
});

describe('what reports say beside loss', () => {
  test('jitter in ms of the stream own clock, at 8000 and 48000 Hz', () => {
    for (const codec of ['PCMA', 'opus']) {
      const { stream } = played({ codec, callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 5 } } })[0]!;
      // The receiver computes what the probe computes, on the same arrivals, and reports whole ticks of it.
      expect(stream.rtcp.jitterMs!).toBeCloseTo(stream.jitterRfcMs.last!, 0);
      expect(stream.rtcp.jitterMaxMs!).toBeLessThanOrEqual(stream.jitterRfcMs.max!);
      expect(stream.rtcp.jitterMaxMs!).toBeGreaterThan(2);
    }
  });

  test('a sender whose RTP clock is off by 5000 ppm against its own NTP time', () => {
    const [slow, other] = played({
      durationMs: 60_000,
      callerToCallee: { skewPpm: 5000 },
      calleeToCaller: {},
    });
    expect(slow!.stream.rtcp.srClockPpm).toBeGreaterThan(-5100);
    expect(slow!.stream.rtcp.srClockPpm).toBeLessThan(-4850);
    expect(slow!.stream.rtcp.flags).toEqual(['sr_clock_error']);
    expect(Math.abs(other!.stream.rtcp.srClockPpm!)).toBeLessThan(20);
    expect(other!.stream.rtcp.flags).toEqual([]);
  });

  test('the endpoint own view: VoIP metrics, statistics and loss runs', () => {
    const call: Partial<CallSpec> = {
      rtcp: { ...RTCP, xr: ['reference_time', 'voip_metrics', 'statistics', 'loss_runs'] },
      callerToCallee: {
        loss: { kind: 'random', ratio: 0.05 },
        lossAfterTap: { kind: 'random', ratio: 0.05 },
      },
    };
    const { wanted, stream } = played(call)[0]!;
    const { endpoint, xrReports, receiverReports, lostRatio } = stream.rtcp;
    expect(xrReports).toBe(receiverReports);
    expect(endpoint!.voipMetrics).toMatchObject({
      lossRatio: Math.floor(256 * wanted.rtcp!.lostRatio!) / 256,
      roundTripMs: 86,
      rFactor: null,
      mosLq: null,
      plc: 'standard',
      jitterBuffer: 'fixed',
      jitterBufferNominalMs: 60,
    });
    expect(endpoint!.voipMetrics!.lossRatio).toBeLessThanOrEqual(lostRatio!);
    const { statistics, lossRuns } = endpoint!;
    expect(statistics).toMatchObject({ jitterMs: null, ttl: null, duplicates: 0 });
    expect(lossRuns).toMatchObject({ zeros: statistics!.lost, missing: 0, thinning: 0 });
    expect(lossRuns!.beginSequence).toBe(statistics!.beginSequence);
    expect(lossRuns!.reported).toBe((lossRuns!.endSequence - lossRuns!.beginSequence) & 0xffff);
  });
});

interface PcapRecord {
  at: number;
  length: number;
}

/** The records of a little-endian pcap as offsets. */
function recordsOf(pcap: Uint8Array): PcapRecord[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const records: PcapRecord[] = [];
  for (let at = 24; at < pcap.length; ) {
    const length = 16 + view.getUint32(at + 8, true);
    records.push({ at, length });
    at += length;
  }
  return records;
}

function without(pcap: Uint8Array, leaveOut: (index: number, length: number) => boolean): Uint8Array {
  const kept = recordsOf(pcap).filter(({ length }, index) => !leaveOut(index, length));
  return join(pcap, kept);
}

function halfOf(pcap: Uint8Array): Uint8Array {
  const records = recordsOf(pcap);
  return join(pcap, records.slice(Math.floor(records.length / 2)));
}

function join(pcap: Uint8Array, records: readonly PcapRecord[]): Uint8Array {
  const out = new Uint8Array(24 + records.reduce((sum, { length }) => sum + length, 0));
  out.set(pcap.subarray(0, 24));
  let to = 24;
  for (const { at, length } of records) {
    out.set(pcap.subarray(at, at + length), to);
    to += length;
  }
  return out;
}
