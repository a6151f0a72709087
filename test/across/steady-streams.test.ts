import { describe, expect, test } from 'vitest';
import { isSteadyIn, pieceOf, SteadyStreams } from '../../src/across/steady-streams.ts';
import { IntervalLog } from '../../src/records/interval-log.ts';
import { MomentLog } from '../../src/records/moment-log.ts';
import { appendCut } from '../records/append-cut.ts';
import { intervals, stream } from '../report/records.ts';

const START_US = 1_700_000_003_000_000;
const at = (seconds: number): number => START_US + seconds * 1e6;

/** A stream with one interval of 5 s for each level, ms. */
function levels(values: readonly (number | null)[], spikeAtMs: number | null = null) {
  const log = new IntervalLog();
  const usual = intervals().at(0);
  values.forEach((leastDelayMs, i) => {
    appendCut(log, { ...usual, startUs: at(i * 5), leastDelayMs });
  });
  const spikes = new MomentLog(4);
  if (spikeAtMs !== null) spikes.push(spikeAtMs, 300);
  const plain = stream({ startUs: START_US, endUs: at(values.length * 5), intervals: log });
  return { ...plain, history: { ...plain.history, spikes } };
}

describe('streams that stayed where they were', () => {
  test('are counted at times well inside of them', () => {
    const steady = new SteadyStreams();
    steady.add(levels([1, 1.2, 0.8, 1, 1.1, 0.9, 1, 1.2, 1]));
    steady.add(levels([0, 0, 0, 0, 30, 30, 30, 30, 30]));
    steady.add(levels([7, 7, 7, 7, 7, 7, 7, 7, 7]));
    expect([2, 17, 22, 27, 43].map((seconds) => steady.over(at(seconds)))).toEqual([0, 2, 2, 2, 0]);
  });

  test('are not those of which nothing is known then, nor those with a packet that came late', () => {
    const steady = new SteadyStreams();
    steady.add(levels([1, 1, 1, 1, null, 1, 1, 1, 1]));
    steady.add(levels([1, 1, 1, 1, 1, 1, 1, 1, 1], 22_000));
    expect(steady.over(at(22))).toBe(0);
  });

  test('are found as they run, and with those that still do', () => {
    const running = levels([1, 1, 1, 1, 1, 1, 1]);
    expect([12, 17, 22].map((seconds) => isSteadyIn(running, pieceOf(at(seconds))))).toEqual([
      false,
      true,
      false,
    ]);
    const steady = new SteadyStreams();
    steady.add(running);
    steady.running = (_, enough) => Math.min(5, enough);
    expect([6, 7].map((enough) => steady.reaches(enough, at(17)))).toEqual([true, false]);
  });

  test('of long ago are forgotten, and times beyond what has room are counted', () => {
    const steady = new SteadyStreams();
    expect(steady.add(levels(Array.from({ length: 65_540 }, () => 1)))).toBe(0);
    expect(steady.add(levels(Array.from({ length: 65_550 }, () => 1)))).toBe(8);
    steady.forget(at(1000));
    expect([steady.over(at(500)), steady.over(at(2000))]).toEqual([0, 2]);
  });
});
