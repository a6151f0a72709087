import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lossBetween, splitLoss } from '../../src/rtcp/loss-split.ts';
import { type ReportSample, ReportSamples } from '../../src/rtcp/report-samples.ts';

const SECOND = 1_000_000;

/** Samples 5 s apart: extended highest number, cumulative loss, epoch. */
function samples(...list: [highest: number, lost: number, epoch?: number][]): ReportSample[] {
  return list.map(([extendedHighestSequence, cumulativeLost, epoch = 0], i) => ({
    timeUs: i * 5 * SECOND,
    extendedHighestSequence,
    cumulativeLost,
    epoch,
  }));
}

const clean = (): number => 0;

describe('loss from differences of cumulative counts', () => {
  test('one stretch per pair of reports', () => {
    expect(lossBetween(samples([1000, 0], [1250, 5], [1500, 5]), clean)).toEqual([
      { fromUs: 0, toUs: 5 * SECOND, expected: 250, lost: 5, lostAtTap: 0 },
      { fromUs: 5 * SECOND, toUs: 10 * SECOND, expected: 250, lost: 0, lostAtTap: 0 },
    ]);
  });

  test('a lost report leaves a longer stretch, not a hole', () => {
    const stretches = lossBetween(samples([1000, 0], [1750, 12]), clean);
    expect(stretches).toMatchObject([{ expected: 750, lost: 12 }]);
  });

  test('the count is signed, and numbers wrap at 2^32', () => {
    expect(lossBetween(samples([0xffff_ff00, 3], [0x100, -2]), clean)).toMatchObject([
      { expected: 512, lost: -5 },
    ]);
  });

  test('two receptions are not compared', () => {
    expect(lossBetween(samples([1000, 9], [1100, 0, 1], [1200, 1, 1]), clean)).toMatchObject([
      { expected: 100, lost: 1 },
    ]);
    expect(lossBetween(samples([1000, 9], [1000, 9]), clean)).toEqual([]);
  });
});

describe('before and after the tap', () => {
  const reported = samples([1000, 0], [2000, 30]);
  const split = (tapLost: number | null, copies = 0) =>
    splitLoss(
      lossBetween(reported, () => tapLost),
      copies,
    );

  test('nothing missing here, 3 % reported: after', () => {
    expect(split(0)).toEqual({ expected: 1000, reported: 30, atTap: 0, before: 0, after: 30, onlyAtTap: 0 });
  });

  test('3 % missing here, 3 % reported: before', () => {
    expect(split(30)).toMatchObject({ before: 30, after: 0, onlyAtTap: 0 });
  });

  test('some of both', () => {
    expect(split(10)).toMatchObject({ before: 10, after: 20, onlyAtTap: 0 });
  });

  test('more missing here than at the receiver: the capture lost it', () => {
    expect(split(50)).toMatchObject({ before: 30, after: 0, onlyAtTap: 20 });
  });

  test('copies make a receiver report less than it lacks, which is no fault of the capture', () => {
    expect(split(35, 5)).toMatchObject({ before: 35, after: 0, onlyAtTap: 0 });
  });

  test('nothing known here', () => {
    expect(split(null)).toBeNull();
    expect(splitLoss([], 0)).toBeNull();
  });

  test('stretches are summed before they are compared', () => {
    const late = samples([1000, 0], [1250, 4], [1500, 6]);
    const tap = [6, 0];
    const stretches = lossBetween(late, () => tap.shift()!);
    expect(splitLoss(stretches, 0)).toMatchObject({ reported: 6, before: 6, after: 0, onlyAtTap: 0 });
  });

  test('the parts always add up', () => {
    const counts = fc.array(fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(counts, fc.nat(20), (list, copies) => {
        let highest = 0;
        let lost = 0;
        const all = [{ timeUs: 0, extendedHighestSequence: 0, cumulativeLost: 0, epoch: 0 }];
        for (const [expected, gone] of list) {
          highest += expected;
          lost += Math.min(expected, gone);
          all.push({ timeUs: highest, extendedHighestSequence: highest, cumulativeLost: lost, epoch: 0 });
        }
        let next = 0;
        const split = splitLoss(
          lossBetween(all, () => list[next++]![2]),
          copies,
        );
        if (split === null) return;
        expect(split.before + split.onlyAtTap).toBe(split.atTap);
        expect(split.after).toBeLessThanOrEqual(split.reported);
        expect(Math.max(split.reported, split.before)).toBeGreaterThanOrEqual(split.after);
      }),
    );
  });
});

describe('report samples', () => {
  test('all of a short call, the ends of a long one and up to 64 between, evenly', () => {
    const kept = new ReportSamples();
    for (let i = 0; i < 20; i++) kept.add(1, i, i * 250, i);
    expect(kept.samples()).toHaveLength(20);
    for (let i = 20; i < 5000; i++) kept.add(1, i, i * 250, i);
    const list = kept.samples();
    expect(list.length).toBeLessThanOrEqual(66);
    expect(list.length).toBeGreaterThan(33);
    expect(list[0]).toMatchObject({ timeUs: 0 });
    expect(list.at(-1)).toMatchObject({ timeUs: 4999, cumulativeLost: 4999, epoch: 0 });
    const steps = list.slice(1, -1).map((sample, i) => sample.timeUs - list[i]!.timeUs);
    expect(new Set(steps).size).toBe(1);
    expect(lossBetween(list, clean).reduce((sum, stretch) => sum + stretch.lost, 0)).toBe(4999);
  });

  test('another reporter, a highest number that falls, a loss that cannot be: a new epoch', () => {
    const kept = new ReportSamples();
    kept.add(1, 0, 1000, 5);
    kept.add(1, 1, 1200, 6);
    kept.add(2, 2, 1400, 7);
    kept.add(2, 3, 300, 0);
    kept.add(2, 4, 400, 101);
    kept.add(2, 5, 500, 0);
    kept.add(2, 6, 500, 0);
    expect(kept.samples().map(({ epoch }) => epoch)).toEqual([0, 0, 1, 2, 3, 4, 4]);
  });

  test('none', () => {
    expect(new ReportSamples().samples()).toEqual([]);
  });
});
