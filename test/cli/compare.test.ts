import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { captureOf, packetsOf, routed } from '../taps/two-points.ts';
import { build, DEMO, earshot, Folder, shell } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const json = (...args: string[]) => {
  const { code, stdout, stderr } = earshot(['compare', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('two sets of calls', () => {
  test('a capture against itself: nothing is claimed', () => {
    const { code, stdout, stderr } = earshot(['compare', DEMO, DEMO]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^A {2}test\/pcaps\/demo\.pcap: 8 calls, 2026-03-02 09:00:00 to /);
    expect(stdout).toContain('Nothing is claimed to have become better or worse.');
    expect(stdout).toContain('fewer than 10 calls on one side: nothing can be claimed');
    expect(stdout).not.toContain('\x1b');
  });

  test('the contract: named fields, and the same bytes every time', () => {
    const comparison = json(DEMO, DEMO);
    expect(comparison).toMatchObject({
      schema: 'earshot.comparison/1',
      tool: { name: 'earshot' },
      kind: 'sets',
      a: { files: [DEMO], calls: 8, units: 8, trust: { verdict: 'trusted', reasons: [] } },
      method: { unit: 'call', familyLevel: 0.01 },
      notes: expect.any(Array),
    });
    for (const change of comparison.changes)
      expect(Object.keys(change)).toEqual([
        ...['measure', 'title', 'about', 'unit', 'worseIs', 'aspect', 'callsA', 'callsB', 'a', 'b'],
        ...['difference', 'relative', 'interval', 'matters', 'p', 'verdict'],
      ]);
    const args = ['compare', '--json', DEMO, DEMO];
    expect(earshot(args).stdout).toBe(earshot(args).stdout);
  });

  test('a report of some of the calls says which they are', () => {
    const part = (name: string, ...asked: string[]): string =>
      folder.write(name, earshot(['replay', '--json', DEMO, ...asked]).stdout);
    const early = part('early.json', '--at', '09:00:01..09:00:02');
    const late = part('late.json', '--at', '09:00:25..09:00:26', '--party', '5550147');
    const { stdout } = earshot(['compare', early, late]);
    const whole = 'of 2026-03-02 09:00:00 to 2026-03-02 09:00:40 UTC';
    expect(stdout).toContain(
      `early.json: 2 calls, chosen 2026-03-02 09:00:01 to 2026-03-02 09:00:02 UTC ${whole}, capture trusted\n`,
    );
    expect(stdout).toContain(
      `late.json: 1 call, chosen 2026-03-02 09:00:25 to 2026-03-02 09:00:26 UTC, party 5550147 ${whole}, capture`,
    );
    expect(json(early, DEMO)).toMatchObject({
      a: {
        chosen: [
          {
            spans: [{ fromTime: '2026-03-02T09:00:01.000000Z', toTime: '2026-03-02T09:00:02.000000Z' }],
            ...{ party: null, symptom: null },
          },
        ],
      },
      b: { chosen: [] },
    });
    const covered = earshot(['compare', early, late, '--pseudonymise']).stdout;
    expect(covered).toMatch(/ UTC, party \S+ of 2026/);
    expect(covered).not.toContain('5550147');
  });

  test('reports of earlier replays, and several files to a side', () => {
    const report = folder.at('demo.json');
    writeFileSync(report, earshot(['replay', '--json', DEMO]).stdout);
    const fromCapture = json(DEMO, DEMO);
    const fromReport = json(report, DEMO);
    expect(fromReport.changes).toEqual(fromCapture.changes);
    expect(fromReport.a.files).toEqual([report]);
    const several = json('--before', report, report, '--after', DEMO);
    expect([several.a.calls, several.b.calls]).toEqual([16, 8]);
  });

  test('a report that is none, and files that are not there', () => {
    const other = folder.at('other.json');
    writeFileSync(other, '{"schema":"else"}');
    expect(earshot(['compare', other, DEMO])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^earshot: .*other\.json: is no report \(earshot\.report\/1\)/),
    });
    expect(earshot(['compare', 'missing.pcap', DEMO])).toMatchObject({ code: 1, stdout: '' });
  });

  test('a capture that ends in the middle is compared as far as it goes, with exit status 1', () => {
    const cut = folder.at('cut.pcap');
    writeFileSync(cut, readFileSync(DEMO).subarray(0, 1_000_001));
    const { code, stdout, stderr } = earshot(['compare', DEMO, cut]);
    expect(code).toBe(1);
    expect(stdout).toContain('ALL THAT WAS COMPARED');
    expect(stderr).toMatch(/cut\.pcap/);
  });

  test('from a pipe', () => {
    expect(shell(`cat ${DEMO} | earshot compare - ${DEMO} --json`)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('two calls', () => {
  test('side by side, of one file or of two', () => {
    const { rows, a, b } = json(DEMO, '--call', 'c1', '--with', 'c2');
    expect([a.id, b.id]).toEqual(['c1', 'c2']);
    const lost = rows.find(
      (row: { key: string; direction: string }) =>
        row.key === 'lostRatio' && row.direction === 'calleeToCaller',
    );
    expect(lost).toMatchObject({ a: 0, worse: 'b' });
    expect(earshot(['compare', DEMO, DEMO, '--call', 'c2']).stdout).toMatch(/burst_loss +burst_loss/);
  });

  test.each([
    [['--call', 'c99', '--with', 'c1'], /the input has no call "c99" \(it has c1 to c8\)/],
    [['--with', 'c1'], /--call is missing/],
    [['--call', 'c1'], /expected two files, A and B, got 1/],
  ])('%j', (args, message) => {
    const { code, stdout, stderr } = earshot(['compare', DEMO, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('two taps', () => {
  const all = packetsOf(buildScenario({ seed: 8, calls: [{ durationMs: 2000 }] }).pcap);
  const outside = all
    .filter(({ isRtp, index }) => !isRtp || index % 20 !== 7)
    .map((packet) => routed(packet, 800));

  test('as text and as JSON', () => {
    const [one, two] = [folder.at('in.pcap'), folder.at('out.pcap')];
    writeFileSync(one, captureOf(all));
    writeFileSync(two, captureOf(outside));
    const comparison = json('--taps', one, two);
    expect(comparison).toMatchObject({
      schema: 'earshot.comparison/1',
      kind: 'taps',
      taps: [{ tap: 1 }, { tap: 2 }],
    });
    expect(comparison.streams.map((path: { between: { lost: number } }) => path.between.lost)).toEqual([
      5, 5,
    ]);
    const { stdout, code } = earshot(['compare', '--taps', one, two]);
    expect(code).toBe(0);
    expect(stdout).toContain('10 of 196 (5.1 %) between');
    const both = folder.at('both.pcap');
    writeFileSync(both, captureOf([...all, ...outside]));
    expect(json('--taps', both).streams).toHaveLength(2);
  });

  test.each([
    [['--taps'], /--taps expects two captures, or one that holds both points, got 0/],
    [['--taps', DEMO, '--call', 'c1'], /--taps does not go with --call/],
    [[DEMO], /expected two files, A and B, got 1/],
    [[DEMO, DEMO, DEMO], /expected two files, A and B, got 3/],
    [['--before', DEMO], /--before and --after go together/],
  ])('wrong usage: %j', (args, message) => {
    const { code, stdout, stderr } = earshot(['compare', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^earshot: [^\n]+\n$/);
  });
});
