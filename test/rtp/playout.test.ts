import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlayoutModelName } from '../../src/rtp/playout/state.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import { type Fed, feed, steady } from './feed.ts';
import { playAdaptively, playFixed, playLikeNetEq, type Sent } from './playout-reference.ts';

/** Packets of 20 ms, each late by its delay, in the order in which they arrive. */
function delayed(delaysMs: readonly number[]): Fed[] {
  return steady(delaysMs.length)
    .map((packet, i) => ({ ...packet, atMs: packet.atMs + delaysMs[i]! }))
    .sort((a, b) => a.atMs - b.atMs);
}

/** The same packets for the reference: number, arrival and media time, ms. */
function sent(delaysMs: readonly number[]): Sent[] {
  return delaysMs
    .map((delayMs, i) => ({ number: i, arrivalMs: i * 20 + delayMs, mediaMs: i * 20 }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs);
}

const ratioOf = (measured: StreamMeasurement, model: Exclude<PlayoutModelName, 'none'>) => {
  const { late, early, dropped, nominalMs } = measured.playout![model];
  return { late, early, dropped, nominalMs };
};

/** Whole microseconds: what a capture can say. */
const microseconds = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((us) => us / 1000);

describe('a perfect stream', () => {
  test('loses nothing in any buffer', () => {
    const { playout, burst, depths } = feed(steady(3000));
    for (const result of Object.values(playout!)) {
      expect(result).toMatchObject({ late: 0, early: 0, dropped: 0 });
    }
    expect(playout!.fixed50.nominalMs).toBe(50);
    expect(playout!.fixed200.nominalMs).toBe(200);
    // 40 ms beyond the delays seen, which are all the same; half a millisecond is the step of the history.
    expect(playout!.adaptive.nominalMs).toBeGreaterThan(39);
    expect(playout!.adaptive.nominalMs).toBeLessThan(61);
    // NetEQ goes from its 80 ms down to one bucket of 20 ms, 2 ms per packet.
    expect(playout!.neteq.nominalMs).toBeGreaterThan(20);
    expect(playout!.neteq.nominalMs).toBeLessThan(22);
    expect(playout!.neteq.concealedMs).toBe(0);
    expect(burst.discarded).toBe(0);
    expect(depths.every(({ missedRatio }) => missedRatio === 0)).toBe(true);
  });
});

describe('a fixed buffer', () => {
  test('discards exactly the packets later than its depth, when the first packet is the fastest', () => {
    fc.assert(
      fc.property(fc.array(microseconds(140), { minLength: 60, maxLength: 400 }), (delays) => {
        const [first, ...rest] = delays;
        const shifted = [0, ...rest.map((delay) => delay + 0 * first!)];
        const { playout } = feed(delayed(shifted));
        const beyond = shifted.filter((delay) => delay > 50).length;
        expect(playout!.fixed50).toMatchObject({ late: beyond, early: 0 });
        expect(playout!.fixed200).toMatchObject({ late: 0, early: 0 });
      }),
      { numRuns: 60 },
    );
  });

  test('agrees with a plain reading of the definition, re-anchoring included', () => {
    fc.assert(
      fc.property(fc.array(microseconds(600), { minLength: 60, maxLength: 400 }), (delays) => {
        const { playout } = feed(delayed(delays));
        for (const [model, depth, room] of [
          ['fixed50', 50, 100],
          ['fixed200', 200, 200],
        ] as const) {
          const { late, early } = playFixed(sent(delays), depth, room);
          expect(playout![model], model).toMatchObject({ late, early });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('loses little by one stall, after which everything is in time', () => {
    // The network stands still for 300 ms, and what it held back comes at once, 0.2 ms apart.
    const stall = steady(3000).map((_, i) => (i >= 750 && i < 766 ? 300 - (i - 750) * 19.8 : 0));
    const { fixed50 } = feed(delayed(stall)).playout!;
    // Two far late, the third moves the anchor; two without room, the third moves it back most of the way, and two more.
    expect(fixed50).toMatchObject({ late: 2, early: 4 });
  });

  test('is anchored anew by a talkspurt', () => {
    const before = steady(100);
    // From here on 80 ms slower, which the marker makes the new normal.
    const after = steady(100, { atMs: 100 * 20 + 80, sequence: 200, timestamp: 5000 + 100 * 160 });
    expect(feed([...before, ...after]).playout!.fixed50.late).toBe(100);
    after[0]!.marker = true;
    expect(feed([...before, ...after]).playout!.fixed50.late).toBe(0);
  });

  test('does not run into its end by skew alone in a long call', () => {
    // 200 ppm over ten minutes is 120 ms.
    const packets = steady(30_000).map((packet) => ({ ...packet, atMs: packet.atMs * (1 + 200e-6) }));
    expect(feed(packets).playout!.fixed50.late).toBe(0);
  });
});

describe('the adaptive buffer', () => {
  test('agrees with a plain reading of the definition but for the step of its history', () => {
    fc.assert(
      fc.property(
        fc.array(microseconds(120), { minLength: 700, maxLength: 1200 }),
        fc.array(fc.nat(1), { minLength: 1200, maxLength: 1200 }),
        (delays, calm) => {
          // Half of the packets on time: packets late by more than one interval, but seldom out of order.
          const mixed = delays.map((delay, i) => (calm[i] === 1 ? delay / 8 : delay));
          const wanted = playAdaptively(sent(mixed));
          const { late, early, dropped, nominalMs } = ratioOf(feed(delayed(mixed)), 'adaptive');
          const discarded = late + early + dropped;
          expect(Math.abs(discarded - wanted.discarded) / mixed.length).toBeLessThan(0.01);
          expect(Math.abs(nominalMs - wanted.nominalMs)).toBeLessThan(3);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('grows with the delays and comes down again when they are over', () => {
    const wave = steady(4000).map((_, i) => (i >= 1000 && i < 1500 && i % 5 === 0 ? 90 : 0));
    const { playout } = feed(delayed(wave));
    expect(playout!.adaptive.late).toBeGreaterThan(0);
    expect(playout!.adaptive.late).toBeLessThan(20);
    expect(playout!.adaptive.dropped).toBeGreaterThan(0);
    expect(playout!.adaptive.concealedMs).toBeGreaterThan(0);
  });

  test('drops three packets of a spike and follows a path that stays longer', () => {
    const spike = steady(400).map((_, i) => (i === 200 ? 900 : 0));
    expect(feed(delayed(spike)).playout!.adaptive).toMatchObject({ early: 1, late: 0 });
    const path = steady(400).map((_, i) => (i >= 200 ? 900 : 0));
    expect(feed(delayed(path)).playout!.adaptive).toMatchObject({ early: 3, late: 0 });
  });
});

describe('the NetEQ-like buffer', () => {
  test('agrees with a plain reading of the definition', () => {
    fc.assert(
      fc.property(fc.array(microseconds(90), { minLength: 300, maxLength: 900 }), (delays) => {
        const wanted = playLikeNetEq(sent(delays));
        const { playout } = feed(delayed(delays));
        expect(playout!.neteq.late).toBe(wanted.late);
        expect(playout!.neteq.concealedMs).toBeCloseTo(wanted.concealedMs, 1);
        expect(playout!.neteq.nominalMs).toBeCloseTo(wanted.nominalMs, 1);
      }),
      { numRuns: 25 },
    );
  });

  test('turns a late packet into concealment and delay, not into loss', () => {
    const once = steady(600).map((_, i) => (i === 300 ? 150 : i > 300 && i < 308 ? 150 - (i - 300) * 19 : 0));
    const { neteq } = feed(delayed(once)).playout!;
    expect(neteq.late).toBe(0);
    expect(neteq.concealedMs).toBeCloseTo(130, 0);
  });
});

describe('what the listener misses', () => {
  test('runs of lost and discarded packets are counted together, losses once', () => {
    // Number 300 lost, 301 too late for any buffer: one run of two. 400 too late alone: another.
    const packets = delayed(steady(600).map((_, i) => (i === 301 || i === 400 ? 490 : 0))).filter(
      (packet) => packet.sequence !== 100 + 300,
    );
    const { burst, lost, intervals } = feed(packets);
    expect(lost).toBe(1);
    expect(burst).toMatchObject({ lossRuns: 1, discarded: 2, missedRuns: 2, longestLossRun: 1 });
    let discarded = 0;
    for (let i = 0; i < intervals.length; i++) discarded += intervals.at(i).discarded;
    expect(discarded).toBe(2);
  });

  test('buffers of other depths', () => {
    const delays = steady(1000).map((_, i) => (i % 10 === 5 ? 70 : 0));
    const { depths } = feed(delayed(delays));
    const missed = Object.fromEntries(depths.map(({ depthMs, missedRatio }) => [depthMs, missedRatio]));
    expect(missed[50]).toBeCloseTo(0.1, 3);
    expect(missed[60]).toBeCloseTo(0.1, 3);
    expect(missed[80]).toBe(0);
    for (let i = 1; i < depths.length; i++) {
      expect(depths[i]!.missedRatio).toBeLessThanOrEqual(depths[i - 1]!.missedRatio);
    }
  });
});
