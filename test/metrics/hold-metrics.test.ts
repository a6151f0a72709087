import { expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/metrics.ts';
import type { HeldPlace, HoldStatus } from '../../src/store/held-status.ts';
import { samplesOf, statusTold, textOf } from './records.ts';

const hold = (changes: Partial<HoldStatus>): HoldStatus => {
  return { name: 'outage', files: 2, bytes: 300, maxBytes: 1000, fullSince: null, problem: null, ...changes };
};

/** What is said of holds after statuses with these. */
async function said(...told: HeldPlace[][]): Promise<Record<string, number>> {
  const metrics = new Metrics({ version: '1', probe: 'test' });
  for (const held of told) metrics.records([statusTold(1, { held })]);
  const samples = samplesOf(textOf(await metrics.render('text')));
  return Object.fromEntries([...samples].filter(([name]) => /^earshot_h(eld|olds)/.test(name)));
}

test('holds by what they are on: how many, how much, how full, and which lack what', async () => {
  const full = { fullSince: '2026-03-02T09:00:00.000Z', problem: 'it is full' };
  const holds = [hold({}), hold({ name: 'b', files: 3, bytes: 950, ...full })];
  const history: HeldPlace = { of: 'history', holds: [], problem: 'holds cannot be read (EACCES)' };
  expect(await said([{ of: 'packets', holds, problem: null }, history])).toEqual({
    'earshot_holds{kept="packets"}': 2,
    'earshot_held_files{kept="packets"}': 5,
    'earshot_held_bytes{kept="packets"}': 1250,
    'earshot_held_fullest_ratio{kept="packets"}': 0.95,
    'earshot_holds_full{kept="packets"}': 1,
    'earshot_holds_incomplete{kept="packets"}': 1,
    'earshot_holds{kept="history"}': 0,
    'earshot_held_files{kept="history"}': 0,
    'earshot_held_bytes{kept="history"}': 0,
    'earshot_holds_full{kept="history"}': 0,
    'earshot_holds_incomplete{kept="history"}': 1,
  });
});

test('nothing where nothing is kept, and none is full any more once they are released', async () => {
  expect(await said([])).toEqual({});
  const place = (holds: HoldStatus[]): HeldPlace => ({ of: 'badCalls', holds, problem: null });
  const released = await said([place([hold({ maxBytes: 300 })])], [place([])]);
  expect(released['earshot_holds{kept="bad_calls"}']).toBe(0);
  expect(Object.keys(released).filter((name) => name.includes('fullest'))).toEqual([]);
});
