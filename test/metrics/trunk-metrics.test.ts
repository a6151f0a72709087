import { expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/metrics.ts';
import { samplesOf, statusTold, textOf } from './records.ts';

type State = 'up' | 'down' | 'unknown';

/** What is said of trunks after statuses with these. */
async function said(...told: [string, State][][]): Promise<Record<string, number>> {
  const metrics = new Metrics({ version: '1', probe: 'test' });
  for (const trunks of told)
    metrics.records([statusTold(1, { trunks: trunks.map(([name, state]) => ({ name, state })) })]);
  const samples = samplesOf(textOf(await metrics.render('text')));
  return Object.fromEntries([...samples].filter(([name]) => name.startsWith('earshot_trunk')));
}

const counts = (up: number, down: number, unknown: number): Record<string, number> => ({
  'earshot_trunks{state="up"}': up,
  'earshot_trunks{state="down"}': down,
  'earshot_trunks{state="unknown"}': unknown,
});

test('each that is up or down, and how many there are', async () => {
  expect(
    await said([
      ['a.example', 'up'],
      ['b.example', 'down'],
      ['c.example', 'unknown'],
    ]),
  ).toEqual({
    ...counts(1, 1, 1),
    'earshot_trunk_up{target="a.example"}': 1,
    'earshot_trunk_up{target="b.example"}': 0,
  });
});

test('asked by several, of whom one is not answered', async () => {
  const three: [string, State][] = [
    ['a.example', 'up'],
    ['a.example', 'up'],
    ['a.example', 'down'],
  ];
  const told = await said(three);
  expect(told['earshot_trunk_up{target="a.example"}']).toBeCloseTo(2 / 3, 12);
});

test('one that is not followed any more has no series', async () => {
  expect(await said([['a.example', 'down']], [])).toEqual(counts(0, 0, 0));
});

test('no more series than there is room for, and all of them counted', async () => {
  const many = Array.from({ length: 1000 }, (_, i): [string, State] => [`t${i}.example`, 'up']);
  const told = await said(many);
  expect(told['earshot_trunks{state="up"}']).toBe(1000);
  expect(Object.keys(told).filter((name) => name.startsWith('earshot_trunk_up'))).toHaveLength(256);
});
