import { expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/metrics.ts';
import { samplesOf, statusTold, textOf } from './records.ts';

type State = 'up' | 'down' | 'unknown';

/** What is said of trunks after statuses with these. */
async function said(
  ...told: [name: string, state: State, responseMs?: number][][]
): Promise<Record<string, number>> {
  const metrics = new Metrics({ version: '1', probe: 'test' });
  for (const each of told) {
    const trunks = each.map(([name, state, responseMs = null]) => ({ name, state, responseMs }));
    metrics.records([statusTold(1, { trunks })]);
  }
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

test('how long the last answer of each took, by whoever waited longest', async () => {
  const asked: [string, State, number?][] = [
    ['a.example', 'up', 12],
    ['a.example', 'up', 80],
    ['b.example', 'down'],
  ];
  const told = await said([['c.example', 'up', 9]], asked);
  const took = Object.entries(told).filter(([name]) => name.startsWith('earshot_trunk_response'));
  expect(took).toEqual([['earshot_trunk_response_seconds{target="a.example"}', 0.08]]);
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
