import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const START = '2026-03-02T11:00:00Z';
const CONFIG =
  'groups:\n  sites: [{ name: Berlin, cidr: [10.1.0.0/16] }, { name: Oslo, cidr: [10.2.0.0/16] }]\n';

/** Two hours of calls; from noon on every second packet in twenty is lost in Berlin. */
function traffic(): Uint8Array {
  const calls = Array.from({ length: 96 }, (_, at): CallSpec => {
    const isBerlin = at % 2 === 0;
    const loss = { kind: 'random', ratio: isBerlin && at >= 48 ? 0.08 : 0 } as const;
    const caller = { ip: isBerlin ? '10.1.0.5' : '10.2.0.5', user: 'wilhelmine' };
    const media = { callerToCallee: { loss }, calleeToCaller: { loss } };
    return { startMs: 75_000 * at + 1000, durationMs: 6500, ringMs: [100, 200], caller, ...media };
  });
  return buildScenario({ seed: 12, startTime: START, calls }).pcap;
}

const folder = new Folder();
const history = folder.at('history');
const NOON = ['--at', '2026-03-02T12:00', '--hours', '1'];
beforeAll(() => {
  build();
  const config = folder.write('earshot.yaml', CONFIG);
  const args = ['live', '-', '--history', history, '--config', config];
  expect(earshot(args, { input: traffic() }).code).toBe(0);
}, 180_000);
afterAll(() => folder.remove());

const compared = (...args: string[]) => earshot(['compare', '--history', history, ...args]);

describe('earshot compare --history', () => {
  test('says what became worse at a moment, and where', () => {
    const { code, stdout, stderr } = compared(...NOON, '--by', 'site');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^A {2}\S+history: 48 calls, chosen 2026-03-02 11:00:00 to 2026-03-02 12:00:00 UTC of /,
    );
    expect(stdout).toMatch(/GOT WORSE\n(?: {2}.*\n)* {2}packets lost, all together: 0\.0 % -> [34]/);
    expect(stdout).toMatch(/\nBerlin .* \d worse\n {4}worse: /);
    expect(stdout).toMatch(/\nOslo .* nothing claimed/);
    expect(stdout).toContain('on neither side: 1 call that ran across the change');
  });

  test('as JSON: how the sides were taken, and each group', () => {
    const { stdout } = compared(...NOON, '--by', 'site', '--json');
    const { schema, kind, history: taken, groups, a } = JSON.parse(stdout);
    expect({ schema, kind }).toEqual({ schema: 'earshot.comparison/1', kind: 'sets' });
    expect(taken).toMatchObject({
      at: { fromTime: '2026-03-02T12:00:00.000000Z', toTime: '2026-03-02T12:01:00.000000Z' },
      ...{ hours: 1, daysBack: null, leftOut: { across: 1, tooMany: 0 } },
      a: { fromTime: '2026-03-02T11:00:00.000000Z', gaps: [], untrustedCalls: 0 },
    });
    expect(a.files).toEqual([history]);
    expect(groups).toMatchObject({ by: 'site', familyLevel: 0.01, furtherGroups: 0 });
    expect(groups.groups.map(({ name }: { name: string }) => name).sort()).toEqual(['Berlin', 'Oslo']);
    expect(compared(...NOON, '--by', 'site', '--json').stdout).toBe(stdout);
  });

  test('a zone, a time as long as the change took, and hours before which nothing is known', () => {
    const { stdout } = compared('--at', '2026-03-02T13:00..2026-03-02T13:30', '--time-zone', '+01:00');
    expect(stdout).toContain('chosen 2026-03-01 12:00:00 to 2026-03-02 12:00:00 UTC');
    expect(stdout).toContain('chosen 2026-03-02 12:30:00 to 2026-03-03 12:30:00 UTC');
    expect(stdout).toMatch(/note: A: the history has nothing of 23 h 0. min \(96 %\) of this time/);
    expect(compared('--at', '2026-03-09T12:00').stdout).toContain('A and B have no calls');
  });

  test('groups go for two captures as well', () => {
    const { code, stdout } = earshot(['compare', DEMO, DEMO, '--by', 'codec']);
    expect(code).toBe(0);
    expect(stdout).toContain('further groups are not compared (fewer than 10 calls');
  });

  test('pseudonyms stand for who and where', () => {
    const { code, stdout } = compared(...NOON, '--by', 'endpoint', '--pseudonymise=addresses');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/10\.[12]\.0\.5|wilhelmine|earshot-cli-/);
    expect(stdout).toMatch(/^A {2}history-1: 48 calls/);
    expect(stdout).toContain('Pseudonyms stand for numbers, names, host names and IP addresses');
    const plain = compared(...NOON, '--by', 'endpoint').stdout;
    expect(plain).toContain('10.1.0.5');
    const figures = (text: string): string[] => text.match(/^packets lost .*$/gm)!;
    expect(figures(stdout)).toEqual(figures(plain));
  });

  test('a history that has pseudonyms already says so, and is not given others', () => {
    const covered = folder.at('covered');
    const args = ['live', '-', '--history', covered, '--pseudonymise=addresses'];
    expect(earshot(args, { input: readFileSync(DEMO) }).code).toBe(0);
    const at = ['--at', '2026-03-02T09:00:20Z'];
    const { code, stdout } = earshot(['compare', '--history', covered, ...at]);
    expect(code).toBe(0);
    expect(stdout).toContain('note: Pseudonyms stand for numbers, names, host names and IP addresses');
    expect(earshot(['compare', '--history', covered, ...at, '--pseudonymise'])).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringContaining('the history has pseudonyms already'),
    });
  });

  test.each([
    [['--history', 'nowhere', ...NOON], 1, /nowhere: no such file/],
    [['--history', DEMO, ...NOON], 1, /holds nothing that "earshot live" told; captures are compared/],
    [['--history', 'x'], 2, /--history needs --at/],
    [NOON, 2, /--at is about a history: --history is missing/],
    [['a', 'b', '--history', 'x', ...NOON], 2, /leave out other files/],
    [['--history', 'x', ...NOON, '--call', 'c1'], 2, /--history does not go with --call/],
    [['--history', 'x', '--at', '25:61'], 2, /--at: "25:61": expected a time/],
    [['--history', 'x', '--at', '2999-01-01'], 2, /is yet to come/],
    [['--history', 'x', ...NOON, '--hours', '0'], 2, /expected a number of hours above 0/],
    [['--history', 'x', ...NOON, '--hours', '48', '--days-back', '1'], 2, /the times would overlap/],
    [['--history', 'x', ...NOON, '--by', 'sites'], 2, /expected one of .*did you mean site\?/],
    [['a', 'b', '--time-zone', 'UTC'], 2, /--time-zone is the zone of --at or of --by hour/],
    [['--taps', 'a', '--by', 'site'], 2, /--taps does not go with --by/],
    [['a', '--call', 'c1', '--with', 'c2', '--by', 'site'], 2, /--by divides sets of calls/],
  ])('%j', (args, expected, message) => {
    const { code, stdout, stderr } = earshot(['compare', ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a history that is empty, cut off, or has lines of something else', () => {
    const empty = folder.at('empty');
    mkdirSync(empty);
    expect(earshot(['compare', '--history', empty, ...NOON])).toMatchObject({ code: 1, stdout: '' });
    const [name] = readdirSync(history);
    const cut = folder.write('cut.ndjson', readFileSync(join(history, name!)));
    truncateSync(cut, 400_000);
    appendFileSync(cut, '\nnot a record\n{"type":"call","callId":7}\n');
    const { code, stdout, stderr } = earshot(['compare', '--history', cut, ...NOON]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/note: B: the history has nothing of /);
    expect(stderr).toBe('earshot: 2 lines of the history hold no record and are left out\n');
  });
});

describe('earshot calls --explain', () => {
  const explained = (...args: string[]) => earshot(['calls', history, '--explain', ...args]);

  test('says what goes with failing, of the calls that are asked for', () => {
    const after = ['--at', '2026-03-02T12:01..2026-03-02T13:00'];
    const { code, stdout, stderr } = explained('random_loss', ...after);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^\d+ of 47 calls had random_loss\. The site tells them best from the others \(explains (?:[89]\d|100) %\): Berlin has /,
    );
    expect(stdout).toContain('That goes as well by host that sent the INVITE');
    expect(explained('bad', ...after, '--site', 'Oslo').stdout).toMatch(
      /^0 of 24 calls were bad: too few to say what goes with it/,
    );
  });

  test('as JSON, and with pseudonyms', () => {
    const { stdout } = explained('random_loss', '--json');
    // Half of the calls are of Berlin, half after noon: either tells as much as the other. The host is the site.
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ schema: 'earshot.comparison/1', kind: 'failures', failure: 'random_loss', verdict: 'explained' },
      method: { familyLevel: 0.01 },
      dimensions: expect.arrayContaining([
        expect.objectContaining({ dimension: 'source', verdict: 'goes_with_best', kinds: 2 }),
      ]),
    });
    expect(stdout).toContain('10.1.0.5');
    const covered = explained('random_loss', '--pseudonymise=addresses');
    expect(covered.code).toBe(0);
    expect(covered.stdout).not.toMatch(/10\.[12]\.0\.5|wilhelmine/);
  });

  test.each([
    [['random_los'], 2, /there is no such finding; did you mean random_loss\?/],
    [['failed', '--worst', '3'], 2, /leave out --worst/],
    [['failed', '--finding', 'random_loss'], 2, /leave out --finding/],
  ])('%j', (args, expected, message) => {
    const { code, stdout, stderr } = explained(...args);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('of a capture, or of nothing', () => {
    expect(earshot(['calls', DEMO, '--explain', 'bad'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not what "earshot live" told'),
    });
    expect(earshot(['calls', 'nowhere', '--explain', 'bad'])).toMatchObject({ code: 1, stdout: '' });
  });
});
