import { describe, expect, test } from 'vitest';
import { DropMoments } from '../../src/across/drop-moments.ts';
import { MomentLog } from '../../src/records/moment-log.ts';
import { finding, START_US, stream } from '../report/records.ts';

const SECOND_US = 1_000_000;
const at = (second: number): number => START_US + second * SECOND_US;

/** A stream of a minute that lost packets at these seconds. */
function lossyAt(seconds: readonly number[], capacity = 256) {
  const losses = new MomentLog(capacity);
  for (const second of seconds) losses.push(second * 1000, 1);
  const record = stream({ startUs: START_US, endUs: at(60) });
  return { ...record, history: { ...record.history, losses } };
}

function dropsAt(...seconds: number[]): DropMoments {
  const drops = new DropMoments();
  for (const second of seconds) drops.note(at(second), at(second + 1), 50, 950);
  return drops;
}

describe('moments in which the machine dropped packets', () => {
  test('explain a loss where they hold half of it or more', () => {
    const drops = dropsAt(10, 30);
    expect(drops.isDropLoss(lossyAt([10.2, 10.4, 30.9]))).toBe(true);
    expect(drops.isDropLoss(lossyAt([10.2, 30.4, 50, 51]))).toBe(true);
    expect(drops.isDropLoss(lossyAt([10.2, 45, 50, 51]))).toBe(false);
    expect(new DropMoments().isDropLoss(lossyAt([10.2]))).toBe(false);
  });

  test('are given the benefit of the doubt where a stream lost more than is remembered', () => {
    expect(dropsAt(10).isDropLoss(lossyAt([45, 46, 47], 2))).toBe(true);
    expect(dropsAt(70).isDropLoss(lossyAt([45, 46, 47], 2))).toBe(false);
  });

  test('concern what goes on at the same time', () => {
    const drops = dropsAt(10);
    expect(drops.concerns(finding({ startUs: at(5), endUs: at(10) }))).toBe(true);
    expect(drops.concerns(finding({ startUs: at(5), endUs: null }))).toBe(true);
    expect(drops.concerns(finding({ startUs: at(12), endUs: at(20) }))).toBe(false);
  });

  test('that are near are one, few drops among many packets are none, and old ones are forgotten', () => {
    const drops = dropsAt(10, 11, 12, 14, 20);
    expect(drops.length).toBe(2);
    drops.note(at(40), at(41), 1, 100_000);
    drops.note(at(42), at(43), 0, 0);
    expect(drops.length).toBe(2);
    drops.forget(at(18));
    expect(drops.length).toBe(1);
    drops.forget(at(3600));
    expect(drops.overlaps(at(0), at(4000))).toBe(false);
  });

  test('are bounded', () => {
    const drops = new DropMoments();
    for (let i = 0; i < 10_000; i++) drops.note(at(i * 10), at(i * 10 + 1), 1, 1);
    expect(drops.length).toBe(4096);
    expect(drops.overlaps(at(99_990), at(99_991))).toBe(true);
  });
});
