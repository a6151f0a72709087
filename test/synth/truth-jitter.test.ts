import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import type { StreamTruth } from '../../src/synth/truth.ts';
import { readCapture, readRtp } from './read-capture.ts';

/** One stream without signalling: `count` packets of 20 ms PCMU, the first at 0. */
function streamOf(count: number, stream: StreamSpec, call: CallSpec = {}): StreamTruth {
  const spec = {
    outcome: 'none' as const,
    durationMs: count * 20,
    calleeToCaller: null,
    callerToCallee: stream,
    ...call,
  };
  return buildScenario({ calls: [spec] }, { delays: true }).truth.streams[0]!;
}

test('check values of standards 1.4: arrivals 0, 20, 50, 60, 80, 100', () => {
  const after = [0, 0, 5, 9.6875, 9.082, 8.5144]; // ticks
  after.forEach((ticks, i) => {
    const { jitterRfcMs } = streamOf(i + 1, { jitter: { kind: 'exact', delaysMs: [0, 0, 10] } });
    expect(jitterRfcMs.last * 8).toBeCloseTo(ticks, 4);
  });
  const all = streamOf(6, { jitter: { kind: 'exact', delaysMs: [0, 0, 10] } });
  expect(all.delaysMs).toEqual([0, 0, 10, 0, 0, 0]);
  expect(all.maxDeltaMs).toBe(30);
  expect(all.jitterRfcMs.max * 8).toBeCloseTo(9.6875, 10);
  expect(all.jitterRfcMs.mean * 8).toBeCloseTo(after.reduce((a, b) => a + b) / 6, 4);
  expect(all.jitterMs).toBeNull();
});

test('literal jitter rounds arrival to ticks, D2 does not', () => {
  // 0.05 ms is 0.4 ticks: nothing to the literal estimator. D2 moves by 1/16 of it, twice for one late packet.
  const stream = streamOf(40, { jitter: { kind: 'exact', delaysMs: [...new Array(38).fill(0), 0.05] } });
  expect(stream.jitterRfcMs.max).toBe(0);
  expect(stream.jitterMs!.max).toBeCloseTo(0.05 / 16 + (0.05 - 0.05 / 16) / 16, 12);
});

test('D2 counts from packet 33 on', () => {
  const late = (index: number) => ({
    jitter: { kind: 'exact' as const, delaysMs: [...new Array(index).fill(0), 16] },
  });
  // A spike at packet 10 (16 ms up, 16 ms down) has decayed by packet 33; its own peak is warm-up.
  const early = streamOf(33, late(9));
  const peak = 1 + 15 / 16;
  expect(early.jitterMs!.max).toBeCloseTo(peak * (15 / 16) ** 22, 12);
  expect(early.jitterMs!.mean).toBe(early.jitterMs!.max);
  expect(early.jitterRfcMs.max).toBeCloseTo(peak, 12);
  expect(streamOf(32, late(9)).jitterMs).toBeNull();
  expect(streamOf(40, late(35)).jitterMs!.max).toBeCloseTo(peak, 12);
});

test('copies and reordered packets move the literal jitter only', () => {
  const copies = streamOf(60, { duplicate: { positions: [40], afterMs: 5 } });
  expect(copies.jitterMs!.max).toBe(0);
  // The copy is 5 ms late (D = 5), the next packet back in time (D = 5).
  expect(copies.jitterRfcMs.max).toBeCloseTo(5 / 16 + (5 - 5 / 16) / 16, 12);
  const swapped = streamOf(60, { reorder: { positions: [40], by: 1 } });
  expect(swapped).toMatchObject({ reordered: 1, lost: 0, duplicates: 0 });
  expect(swapped.jitterMs!.max).toBe(0);
  expect(swapped.jitterRfcMs.max).toBeGreaterThan(1);
  const mirrored = streamOf(60, { duplicate: { positions: [40], afterMs: 5, mirror: true } });
  expect(mirrored).toMatchObject({ duplicates: 0, mirrorDuplicates: 1 });
  expect(mirrored.jitterRfcMs.max).toBe(0);
});

test('telephone events leave both alone; the packet after them re-bases D2', () => {
  const dtmf = { atMs: 800, digits: '5' };
  const stream = streamOf(100, {}, { dtmf });
  expect(stream.jitterRfcMs.max).toBe(0);
  expect(stream.jitterMs!.max).toBe(0);
  expect(stream.dtmf).toEqual([{ digit: '5', startTime: '2026-03-02T09:00:00.800000Z', durationMs: 100 }]);
  // First audio packet after the digit 10 ms late: a new reference to D2 (and then 10 ms to the next), |D| to RFC.
  const delaysMs = [...new Array(47).fill(0), ...new Array(53).fill(10)];
  const moved = streamOf(100, { jitter: { kind: 'exact', delaysMs } }, { dtmf });
  expect(moved.jitterMs!.max).toBe(0);
  expect(moved.jitterRfcMs.max).toBeCloseTo(10 / 16, 12);
});

test('silence begins a new run, and only long runs enter the D2 aggregates', () => {
  const dtx = { talkMs: 500, silenceMs: 300, comfortNoise: true };
  const short = streamOf(200, { dtx, jitter: { kind: 'uniform', maxMs: 10 } });
  expect(short.jitterMs).toBeNull();
  expect(short.jitterRfcMs.max).toBeGreaterThan(0);
  const long = streamOf(200, { dtx: { ...dtx, talkMs: 1000 }, jitter: { kind: 'uniform', maxMs: 10 } });
  expect(long.jitterMs!.max).toBeGreaterThan(0);
  expect(long.payloadTypes).toEqual([0, 13]);
  expect(long.lost).toBe(0);
});

test('a jump of the timestamp re-bases D2 and is one huge difference to RFC 3550', () => {
  const stream = streamOf(200, { restartAt: { index: 100, seqJump: 0, tsJump: 800_000 } });
  expect(stream).toMatchObject({ restarts: 0, lost: 0 });
  expect(stream.jitterMs!.max).toBe(0);
  expect(stream.jitterRfcMs.max).toBeCloseTo(100_000 / 16, 6);
});

test('skew: positive means that delay grows', () => {
  const stream = streamOf(3000, { skewPpm: 200 });
  expect(stream.delaysMs!.at(-1)).toBeCloseTo(2999 * 20 * 200e-6, 2);
  expect(stream.skewPpm).toBe(200);
});

test('the literal jitter is that of the octets in the file', () => {
  const spec: StreamSpec = {
    startSeq: 65000,
    startTimestamp: 0xffff8000,
    skewPpm: -50,
    jitter: { kind: 'gauss', sigmaMs: 6 },
    loss: { kind: 'gilbert', p: 0.03, q: 0.4 },
    duplicate: { positions: [5, 600, 601], afterMs: 7 },
    reorder: { positions: [50, 90, 700], by: 2 },
    dtx: { talkMs: 3000, silenceMs: 700, comfortNoise: true },
  };
  for (const codec of ['PCMU', 'G729', 'GSM']) {
    const call: CallSpec = {
      outcome: 'none',
      durationMs: 25_000,
      codec,
      dtmf: { atMs: 5000, digits: '42' },
      calleeToCaller: null,
      callerToCallee: spec,
    };
    const { pcap, truth } = buildScenario({ seed: 11, calls: [call] });
    const rtp = readRtp(readCapture(pcap));
    let jitter = 0;
    let max = 0;
    let last: number | null = null;
    for (const { packet, payloadType, timestamp } of rtp) {
      if (payloadType === 101) continue;
      const arrival = Number((packet.timeNs - rtp[0]!.packet.timeNs) * 8n) / 1e6;
      const transit = (Math.round(arrival) - timestamp) >> 0;
      if (last !== null) jitter += (Math.abs((transit - last) >> 0) - jitter) / 16;
      last = transit;
      max = Math.max(max, jitter);
    }
    expect(truth.streams[0]!.jitterRfcMs.last).toBeCloseTo(jitter / 8, 9);
    expect(truth.streams[0]!.jitterRfcMs.max).toBeCloseTo(max / 8, 9);
  }
});
