import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DelayPoints, lowerHullSlope } from '../../src/rtp/skew.ts';
import { feed, steady } from './feed.ts';

/** 20 ms packets for `seconds`, the sender's clock off by `ppm`, each late by what `queue` says. */
function drifting(seconds: number, ppm: number, queue: (i: number) => number) {
  return steady(seconds * 50).map((packet, i) => ({
    ...packet,
    atMs: packet.atMs * (1 + ppm * 1e-6) + queue(i),
  }));
}

function pointsOf(points: readonly { x: number; y: number }[]): DelayPoints {
  const packed = new DelayPoints();
  for (const { x, y } of points) packed.add(x, y);
  return packed;
}

/** A queue that is empty now and then, as real ones are: 0 to 8 ms, the same in every run. */
const queue = (i: number): number => ((i * 7919) % 97) / 12;

describe('the lower convex hull', () => {
  test('of points on a line is the line', () => {
    const points = Array.from({ length: 20 }, (_, x) => ({ x, y: 3 + 0.05 * x }));
    expect(lowerHullSlope(pointsOf(points))).toBeCloseTo(0.05, 12);
  });

  test('is the edge above the mean of x, not the longest or the flattest', () => {
    // Hull: (0,0) (4,1) (10,6); mean x is 5, so the edge from 4 to 10 counts: 5/6.
    const points = [
      { x: 0, y: 0 },
      { x: 2, y: 9 },
      { x: 4, y: 1 },
      { x: 9, y: 20 },
      { x: 10, y: 6 },
    ];
    expect(lowerHullSlope(pointsOf(points))).toBeCloseTo(5 / 6, 12);
  });

  test('lies under all points', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 3, maxLength: 80 });
    fc.assert(
      fc.property(delays, (ys) => {
        const points = ys.map((y, x) => ({ x, y: y / 1000 }));
        const slope = lowerHullSlope(pointsOf(points))!;
        // A line of this slope through its lowest touching point has no point below it, by choice of that point;
        // the hull's slope must touch at two points or more of the hull.
        const offsets = points.map(({ x, y }) => y - slope * x);
        const least = Math.min(...offsets);
        expect(offsets.filter((offset) => offset - least < 1e-6).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('needs two points', () => {
    expect(lowerHullSlope(pointsOf([]))).toBeNull();
    expect(lowerHullSlope(pointsOf([{ x: 1, y: 1 }]))).toBeNull();
  });
});

test('points are thinned to every other one, the first among them', () => {
  const points = pointsOf([0, 1, 2, 3, 4].map((x) => ({ x, y: 10 * x })));
  points.thin();
  expect([points.xs, points.ys]).toEqual([
    [0, 2, 4],
    [0, 20, 40],
  ]);
  points.thin();
  expect(points.xs).toEqual([0, 4]);
});

describe('another clock than the one signalled', () => {
  test.each([
    [2, 16_000],
    [0.5, 4000],
    [1.5, 12_000],
  ])('timestamps advance %d times as fast', (factor, rate) => {
    const packets = steady(1500).map((packet, i) => ({ ...packet, timestamp: 5000 + i * 160 * factor }));
    expect(feed(packets).otherClockRate).toBe(rate);
  });

  test('a clock a little off is the one signalled', () => {
    expect(feed(drifting(60, 1000, queue)).otherClockRate).toBeNull();
  });
});

describe("the sender's clock", () => {
  test.each([0, 20, -20, 50, -80, 150, 1000])('%d ppm off, behind a queue', (ppm) => {
    const { skewPpm } = feed(drifting(180, ppm, queue));
    expect(Math.abs(skewPpm! - ppm)).toBeLessThan(2);
  });

  test('is not guessed from less than a minute', () => {
    expect(feed(drifting(40, 150, queue)).skewPpm).toBeNull();
  });

  test('is not confused by a queue that builds up for a third of the call', () => {
    const { skewPpm } = feed(drifting(240, 30, (i) => queue(i) + (i > 4000 && i < 8000 ? 60 : 0)));
    expect(Math.abs(skewPpm! - 30)).toBeLessThan(5);
  });

  test('is taken out of the delay variation of a long call', () => {
    // 200 ppm over ten minutes is 120 ms of drift; the queue alone reaches 8 ms.
    const { pdvMs, skewPpm } = feed(drifting(600, 200, queue));
    expect(skewPpm).toBeCloseTo(200, 0);
    // The first minute passes before the clock is known: up to 12 ms.
    expect(pdvMs.p95).toBeLessThan(18);
    expect(pdvMs.p50).toBeLessThan(14);
  });

  test('is followed anew after the timestamps broke', () => {
    const before = drifting(120, 100, queue);
    const after = drifting(120, 100, queue).map((packet) => ({
      ...packet,
      atMs: packet.atMs + 125_000,
      sequence: packet.sequence + 6000,
      timestamp: packet.timestamp + 123_456_789,
      marker: packet.sequence === 100,
    }));
    expect(Math.abs(feed([...before, ...after]).skewPpm! - 100)).toBeLessThan(5);
  });
});
