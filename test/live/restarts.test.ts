import { describe, expect, test } from 'vitest';
import { Restarts } from '../../src/live/restarts.ts';

describe('starting again after a death', () => {
  test('waits longer each time, and gives up at the fifth within ten minutes', () => {
    const restarts = new Restarts();
    const waits = [0, 1, 2, 3, 4].map((second) => restarts.died(second * 1000));
    expect(waits).toEqual([250, 1000, 4000, 16_000, null]);
    expect(restarts.deaths).toBe(5);
  });

  test('a death a day goes on for ever', () => {
    const restarts = new Restarts();
    for (let day = 0; day < 365; day++) expect(restarts.died(day * 86_400_000)).toBe(250);
    expect(restarts.deaths).toBe(365);
  });
});
