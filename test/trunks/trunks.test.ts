import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import type { TrunkSpec } from '../../src/synth/signalling-spec.ts';
import { type Replayed, replayed } from '../engine/replayed.ts';

const TRUNK: TrunkSpec = { srcIp: '192.0.2.10', dstIp: '203.0.113.20', intervalMs: 30_000, count: 10 };

function play(trunks: TrunkSpec[], more: Partial<Scenario> = {}): Replayed {
  return replayed(buildScenario({ calls: [], trunks, ...more }).pcap);
}

const START_MS = Date.parse('2026-03-02T09:00:00Z');
const at = (us: number): number => us / 1000 - START_MS;

describe.each([
  ['IPv4', {}],
  ['IPv6', { ipv6: true }],
])('trunks, %s', (_name, scenario) => {
  test('always up', () => {
    const { trunks, calls, findings } = play([{ ...TRUNK, delayMs: 25 }], scenario);
    expect(calls).toEqual([]);
    expect(findings).toEqual([]);
    expect(trunks).toHaveLength(1);
    expect(trunks[0]).toMatchObject({
      id: 't1',
      host: 'trunk.example.net',
      state: 'up',
      requests: 10,
      answered: 10,
      unanswered: 0,
      lastStatus: 200,
      intervalMs: 30_000,
      delay: { count: 10, p50Ms: 25, maxMs: 25 },
      downMs: 0,
    });
    expect(trunks[0]!.transitions.map(({ timeUs, state }) => [at(timeUs), state])).toEqual([[25, 'up']]);
  });

  test('down for three questions, from the first in vain to the next answer', () => {
    const { trunks } = play([{ ...TRUNK, unanswered: [4, 5, 6] }], scenario);
    expect(trunks[0]).toMatchObject({ state: 'up', answered: 7, unanswered: 3, downMs: 90_020 });
    expect(trunks[0]!.transitions.map(({ timeUs, state }) => [at(timeUs), state])).toEqual([
      [20, 'up'],
      [120_000, 'down'],
      [210_020, 'up'],
    ]);
  });
});

describe('what shows that a trunk is down', () => {
  test('one question in vain does not', () => {
    const { trunks } = play([{ ...TRUNK, unanswered: [4] }]);
    expect(trunks[0]).toMatchObject({ state: 'up', unanswered: 1, downMs: 0 });
    expect(trunks[0]!.transitions).toHaveLength(1);
  });

  test('asked every five seconds, the next answer does not wipe out two in vain', () => {
    const { trunks } = play([{ ...TRUNK, intervalMs: 5000, count: 30, unanswered: [10, 11, 12] }]);
    expect(trunks[0]!.transitions.map(({ state }) => state)).toEqual(['up', 'down', 'up']);
    expect(trunks[0]).toMatchObject({ unanswered: 3, downMs: 15_020 });
  });

  test('never answered', () => {
    const { trunks } = play([{ ...TRUNK, unanswered: Array.from({ length: 10 }, (_, i) => i) }], {
      untilMs: 400_000,
    });
    expect(trunks[0]).toMatchObject({ state: 'down', answered: 0, unanswered: 10, downMs: 400_000 });
  });

  test.each([404, 405, 481, 501])('%i is an answer', (answer) => {
    expect(play([{ ...TRUNK, answer }]).trunks[0]).toMatchObject({ state: 'up', lastStatus: answer });
  });

  test.each([408, 503])('%i says that there is no service', (answer) => {
    expect(play([{ ...TRUNK, answer }]).trunks[0]).toMatchObject({ state: 'down', lastStatus: answer });
  });

  test('questions are counted once, repetitions apart', () => {
    const { trunks } = play([{ ...TRUNK, unanswered: [2] }]);
    expect(trunks[0]).toMatchObject({ requests: 10, retransmissions: 9 });
  });
});

describe('what is no trunk', () => {
  test('one question only, such as a scan asks', () => {
    const scan = Array.from({ length: 50 }, (_, i) => ({ ...TRUNK, dstIp: `203.0.113.${i + 1}`, count: 1 }));
    expect(play(scan).trunks).toEqual([]);
  });

  test('more than a thousand: the others are counted', () => {
    const many = Array.from({ length: 1010 }, (_, i) => ({
      ...TRUNK,
      dstIp: `203.0.${Math.floor(i / 250)}.${1 + (i % 250)}`,
      intervalMs: 1000,
      count: 2,
    }));
    const { trunks, account } = play(many);
    expect(trunks).toHaveLength(1000);
    expect(account.discarded.trunk_table_full).toBe(20);
  });

  test('OPTIONS within a call', () => {
    const { trunks, findings } = play([], {
      calls: [
        {
          durationMs: 8000,
          signalling: {
            requests: [1000, 2000, 3000].map((atMs) => ({ atMs, method: 'OPTIONS', answer: 200 })),
          },
        },
      ],
    });
    expect(trunks).toEqual([]);
    expect(findings).toEqual([]);
  });
});

describe('over days', () => {
  test('asked more often than a question waits: those lost between answers are no outage', () => {
    const unanswered = Array.from({ length: 20 }, (_, i) => 3 * i + 1);
    const { trunks } = play([{ ...TRUNK, intervalMs: 2000, count: 60, unanswered }], { untilMs: 300_000 });
    expect(trunks[0]).toMatchObject({ state: 'up', answered: 40, unanswered: 20, downMs: 0 });
    expect(trunks[0]!.transitions.map(({ state }) => state)).toEqual(['up']);
  });

  test('of a trunk that comes and goes the newest changes are kept', () => {
    const unanswered = Array.from({ length: 80 }, (_, i) => [3 * i + 1, 3 * i + 2]).flat();
    const { trunks } = play([{ ...TRUNK, intervalMs: 20_000, count: 241, unanswered }]);
    const { transitions, state, downMs } = trunks[0]!;
    expect(state).toBe('up');
    expect(downMs).toBe(80 * 40_020);
    expect(transitions).toHaveLength(64);
    expect(transitions.at(-1)).toMatchObject({ state: 'up' });
    expect(at(transitions.at(-1)!.timeUs)).toBe(240 * 20_000 + 20);
  });
});
