import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import type { StreamTruth } from '../../src/synth/truth.ts';
import { measureBursts } from '../../src/synth/truth-sequence.ts';
import { readCapture, readRtp } from './read-capture.ts';

function callOf(count: number, stream: StreamSpec): CallSpec {
  return { outcome: 'none', durationMs: count * 20, calleeToCaller: null, callerToCallee: stream };
}

function streamOf(count: number, stream: StreamSpec): StreamTruth {
  return buildScenario({ calls: [callOf(count, stream)] }).truth.streams[0]!;
}

/** Illustration of standards 2.2: 300 packets, losses, bursts, density, mean ms, gap density. */
test.each<[string, number[], number, number, number, number]>([
  ['all good', [], 0, 0, 0, 0],
  ['one loss', [100], 0, 0, 0, 1 / 300],
  ['five in a row', [100, 101, 102, 103, 104], 1, 1, 100, 0],
  ['0 111 0 111 0', [100, 104, 108], 1, 3 / 9, 180, 0],
  ['two with 15 good between', [100, 116], 1, 2 / 17, 340, 0],
  ['two with 16 good between', [100, 117], 0, 0, 0, 2 / 300],
])('bursts: %s', (_, positions, bursts, burstDensity, burstDurationMs, gapDensity) => {
  const stream = streamOf(300, { loss: { kind: 'exact', positions } });
  expect(stream).toMatchObject({ expected: 300, lost: positions.length, packets: 300 - positions.length });
  expect(stream.burst).toMatchObject({ gmin: 16, bursts, burstDensity, burstDurationMs, gapDensity });
});

test('gaps, run lengths and burst ratio by hand', () => {
  // 10 good, 3 lost, 5 good, 1 lost, 30 good, 1 lost, 50 good: one burst of 9, gaps of 10 and 81 packets.
  const stream = streamOf(100, { loss: { kind: 'exact', positions: [10, 11, 12, 18, 49] } });
  expect(stream.burst).toMatchObject({
    bursts: 1,
    burstDensity: 4 / 9,
    burstDurationMs: 180,
    gapDensity: 1 / 91,
  });
  expect(stream.burst.gapDurationMs).toBeCloseTo(((10 + 81) / 2) * 20, 10);
  expect(stream.burst.longestLossRun).toBe(3);
  expect(stream.lossRuns).toEqual({ 1: 2, 3: 1 });
  expect(stream.burst.burstR).toBeCloseTo((5 / 3) * 0.95, 12);
});

test('bursts agree with the definition tried on every stretch of random traces', () => {
  const trace = fc.array(fc.boolean(), { minLength: 1, maxLength: 120 });
  const sparse = fc
    .array(fc.nat(19), { minLength: 1, maxLength: 200 })
    .map((numbers) => numbers.map((n) => n > 0));
  fc.assert(
    fc.property(fc.oneof(trace, sparse), (verdicts) => {
      const text = verdicts.map((good) => (good ? '1' : '0')).join('');
      const isBurst = (part: string) =>
        /^0(.*)0$/s.test(part) && part.length > 1 && !part.includes('1'.repeat(16));
      const stretches: [number, number][] = [];
      for (let from = 0; from < text.length; from++) {
        for (let to = from + 2; to <= text.length; to++) {
          if (isBurst(text.slice(from, to))) stretches.push([from, to]);
        }
      }
      const longest = stretches.filter(
        ([a, b]) => !stretches.some(([c, d]) => c <= a && d >= b && d - c > b - a),
      );
      const lengths = longest.map(([a, b]) => b - a);
      const measured = measureBursts([verdicts], 20, 0);
      expect(measured.bursts).toBe(longest.length);
      const mean = lengths.length === 0 ? 0 : lengths.reduce((a, b) => a + b) / lengths.length;
      expect(measured.burstDurationMs).toBeCloseTo(mean * 20, 9);
    }),
    { numRuns: 200 },
  );
});

test('counts are those of the octets in the file', () => {
  const spec: StreamSpec = {
    startSeq: 65400,
    loss: { kind: 'random', ratio: 0.06 },
    jitter: { kind: 'uniform', maxMs: 30 },
    duplicate: { positions: [3, 4, 200, 440], afterMs: 25 },
    reorder: { positions: [60, 150, 151], by: 3 },
  };
  const { pcap, truth } = buildScenario({ seed: 5, calls: [callOf(500, spec)] });
  const seen = new Set<number>();
  let [duplicates, reordered, highest] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const { seq } of readRtp(readCapture(pcap))) {
    const extended = seq < 30_000 ? seq + 65536 : seq;
    if (seen.has(extended)) duplicates++;
    else if (extended < highest) reordered++;
    seen.add(extended);
    highest = Math.max(highest, extended);
  }
  const expected = highest - Math.min(...seen) + 1;
  expect(truth.streams[0]).toMatchObject({
    expected,
    duplicates,
    reordered,
    packets: seen.size,
    lost: expected - seen.size,
    octets: seen.size * 160,
  });
  expect(reordered).toBeGreaterThan(0);
  expect(duplicates).toBeGreaterThan(0);
});

test('sequence and timestamp wrap without loss', () => {
  const stream: StreamSpec = { startSeq: 65530, startTimestamp: 0xfffffe00 };
  expect(streamOf(20, stream)).toMatchObject({ expected: 20, lost: 0, reordered: 0, restarts: 0 });
  const rtp = readRtp(readCapture(buildScenario({ calls: [callOf(20, stream)] }).pcap));
  expect(rtp.map((packet) => packet.seq)).toEqual([...Array(20).keys()].map((i) => (65530 + i) % 65536));
  expect(rtp.slice(0, 5).map((packet) => packet.timestamp)).toEqual([
    0xfffffe00, 0xfffffea0, 0xffffff40, 0xffffffe0, 0x80,
  ]);
  expect(rtp.map((packet) => packet.marker)).toEqual([true, ...new Array(19).fill(false)]);
});

test('losses at the edges cannot be seen', () => {
  expect(streamOf(100, { loss: { kind: 'exact', positions: [0, 1, 50, 99] } })).toMatchObject({
    expected: 97,
    lost: 1,
  });
});

test('every kind of loss', () => {
  const periodic = streamOf(100, { loss: { kind: 'periodic', every: 10, count: 3 } });
  expect(periodic).toMatchObject({ lost: 3, lossRuns: { 1: 3 } });
  const random = streamOf(20_000, { loss: { kind: 'random', ratio: 0.05 } });
  expect(random.lostRatio).toBeCloseTo(0.05, 2);
  expect(random.burst.burstR).toBeCloseTo(1, 1);
  // Gilbert: loss p/(p+q), mean run 1/q, burst ratio 1/(p+q).
  const gilbert = streamOf(40_000, { loss: { kind: 'gilbert', p: 0.02, q: 0.25 } });
  // 40,000 packets have some 740 runs, so the deviation of the ratio is 0.004.
  expect(Math.abs(gilbert.lostRatio - 0.02 / 0.27)).toBeLessThan(0.012);
  expect(gilbert.burst.burstR).toBeCloseTo(1 / 0.27, 0);
});

test('a restart is no loss, a small jump is', () => {
  const restart = streamOf(200, { restartAt: { index: 100, seqJump: 20_000, tsJump: 5 } });
  expect(restart).toMatchObject({ restarts: 1, expected: 200, lost: 0, interruptions: 0 });
  const jump = streamOf(200, { restartAt: { index: 100, seqJump: 10, tsJump: 0 } });
  expect(jump).toMatchObject({ restarts: 0, expected: 210, lost: 10 });
  const skip = streamOf(200, { restartAt: { index: 100, seqJump: 500, tsJump: 0 } });
  expect(skip).toMatchObject({ restarts: 1, expected: 200, lost: 0 });
  const gap = streamOf(200, { restartAt: { index: 100, seqJump: 500, tsJump: 80_000 } });
  expect(gap).toMatchObject({ restarts: 0, expected: 700, lost: 500 });
});

test('a gap of 3000 numbers is an interruption', () => {
  const positions = [...Array(3000).keys()].map((i) => i + 100);
  expect(streamOf(3500, { loss: { kind: 'exact', positions } })).toMatchObject({
    expected: 500,
    lost: 0,
    interruptions: 1,
  });
  expect(streamOf(3500, { loss: { kind: 'exact', positions: positions.slice(2) } })).toMatchObject({
    expected: 3500,
    lost: 2998,
  });
});

test('a new SSRC is a new stream', () => {
  const { streams } = buildScenario({ calls: [callOf(200, { ssrcChangeAt: 80 })] }).truth;
  expect(streams.map((stream) => stream.packets)).toEqual([80, 120]);
  expect(streams.map((stream) => stream.restarts)).toEqual([0, 0]);
  expect(new Set(streams.map((stream) => stream.ssrc)).size).toBe(2);
});

test('copies have an identification of their own unless the mirror made them', () => {
  const idents = (mirror: boolean) => {
    const { pcap } = buildScenario({
      calls: [callOf(20, { duplicate: { positions: [7], afterMs: 1, mirror } })],
    });
    const copies = readRtp(readCapture(pcap)).slice(7, 9);
    expect(copies[0]!.seq).toBe(copies[1]!.seq);
    return copies.map(({ packet }) => packet.ident);
  };
  expect(new Set(idents(false)).size).toBe(2);
  expect(new Set(idents(true)).size).toBe(1);
});
