import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
const history = folder.at('history');
beforeAll(() => {
  build();
  const demo = readFileSync(join(ROOT, DEMO));
  expect(earshot(['live', '-', '--history', history], { input: demo }).code).toBe(0);
  expect(earshot(['live', '-', '--history', history], { input: demo }).code).toBe(0);
}, 180_000);
afterAll(() => folder.remove());

/** Ids of the calls shown, in order. */
function shown(...options: string[]): string[] {
  const { code, stdout } = earshot(['calls', history, ...options]);
  expect(code).toBe(0);
  return [...stdout.matchAll(/^\S+ \S+ (?:healthy|media|signalling|both) (c\d+) /gm)].map(([, id]) => id!);
}

describe('earshot calls', () => {
  test('shows the worst calls of a history first, as the live probe told them', () => {
    // The second run told the same calls again; a call that comes again takes the place of what was known of it.
    expect(shown()).toEqual(['c4', 'c2', 'c7', 'c3', 'c6', 'c5', 'c1', 'c8']);
    expect(shown('--worst', '2')).toEqual(['c4', 'c2']);
    expect(shown('--newest', '1')).toHaveLength(1);
    expect(earshot(['calls', history, '--worst', '2']).stdout).toContain('2 of 8 calls that match');
  });

  test.each([
    [['--symptom', 'one-way'], ['c4']],
    [['--finding', 'burst_loss'], ['c2']],
    [['--at', '2026-03-02T09:00:36Z..2026-03-02T10:00:00Z'], ['c5']],
    [['--at', '2026-03-02T10:00:36+01:00..2026-03-02T11:00:00+01:00'], ['c5']],
    [['--finding', 'burst_loss', '--symptom', 'one-way'], []],
    [['--call', 'bursty-loss@example.com'], ['c2']],
    [['--call', callRef('bursty-loss@example.com')], ['c2']],
  ])('%s', (options, expected) => {
    expect(shown(...options)).toEqual(expected);
  });

  describe('by group and verdict', () => {
    const grouped = folder.at('grouped');
    beforeAll(() => {
      const config = folder.write(
        'groups.yaml',
        'groups:\n  sites: [{ name: Berlin, cidr: [192.0.2.12/31] }]\n  trunks: [{ name: carrier-a, cidr: [192.0.2.13] }]\n',
      );
      const demo = readFileSync(join(ROOT, DEMO));
      const args = ['live', '-', '--history', grouped, '--config', config];
      expect(earshot(args, { input: demo }).code).toBe(0);
    });
    const found = (...options: string[]): string[] => {
      const { code, stdout } = earshot(['calls', grouped, '--json', ...options]);
      expect(code).toBe(0);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => (JSON.parse(line) as { id: string }).id);
    };

    test.each([
      [
        ['--site', 'berlin'],
        ['c2', 'c3', 'c8'],
      ],
      [['--trunk', 'carrier-a'], ['c3']],
      [
        ['--site', 'Berlin', '--verdict', 'media'],
        ['c2', 'c3'],
      ],
      [['--verdict', 'signalling'], ['c6']],
      [['--site', 'Ber'], []],
    ])('%s', (options, expected) => {
      expect(found(...options)).toEqual(expected);
    });

    test('says where calls were kept without groups', () => {
      const { code, stdout } = earshot(['calls', history, '--site', 'Berlin', '--trunk', 'x']);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: 'no call in this history is like that: none of its calls has a site or a trunk\n',
      });
      expect(earshot(['calls', grouped, '--site', 'x']).stdout).toBe(
        'no call in this history is like that\n',
      );
    });

    test('a verdict that there is not is wrong usage', () => {
      const { code, stderr } = earshot(['calls', grouped, '--verdict', 'bad']);
      expect(code).toBe(2);
      expect(stderr).toContain('expected one of both, media, signalling, unknown, healthy.');
    });
  });

  test('finds a party where numbers were kept, and no one where they were not', () => {
    const redacted = folder.at('redacted');
    const demo = readFileSync(join(ROOT, DEMO));
    earshot(['live', '-', '--history', redacted, '--redact-numbers'], { input: demo });
    expect(shown('--party', '0142')).toEqual(['c2']);
    expect(earshot(['calls', redacted]).stdout).toContain(' c2 ');
    expect(earshot(['calls', redacted, '--party', '0142']).stdout).not.toContain(' c2 ');
  });

  test('a call whose end was not seen ran to the end of what its run told, and not for ever', () => {
    const cut = folder.at('cut');
    const demo = readFileSync(join(ROOT, DEMO));
    earshot(['live', '-', '--history', cut], { input: demo.subarray(0, demo.length >> 1) });
    const at = (time: string): string => earshot(['calls', cut, '--at', time]).stdout;
    expect(at('2026-03-02T09:00:15Z')).toMatch(/ c5 .* open/);
    expect(at('2026-03-03T09:00:15Z')).toBe('no call in this history is like that\n');
  });

  test('prints a call whole as JSON', () => {
    const { stdout } = earshot(['calls', history, '--call', 'bursty-loss@example.com', '--json']);
    const { schema, calls, streams, findings } = JSON.parse(stdout) as Record<string, object[]>;
    expect(schema).toBe('earshot.report/1');
    expect([calls!.length, streams!.length]).toEqual([1, 2]);
    expect(findings).toContainEqual(expect.objectContaining({ code: 'burst_loss' }));
  });

  test('prints what a terminal would obey as escapes, in JSON, too', () => {
    const line = { type: 'call', callId: 'a\u202eb\u009b31m', id: 'c1', verdict: 'media', findings: [] };
    const rest = { startTime: null, endTime: null, from: null, to: null, streams: [] };
    const kept = folder.write(
      'hostile.ndjson',
      `{"type":"start"}\n${JSON.stringify({ ...line, ...rest })}\n`,
    );
    const { stdout } = earshot(['calls', kept, '--json']);
    expect(stdout).toContain('a\\u202eb\\u009b31m');
    expect(JSON.parse(stdout)).toMatchObject({ callId: 'a\u202eb\u009b31m' });
  });

  test.each([
    [['--call', 'nobody'], 1, 'no call "nobody" in this history'],
    [['--finding', 'burst_los'], 2, 'did you mean burst_loss?'],
    [['--at', 'soon'], 2, '--at: "soon"'],
    [['--worst', '0'], 2, 'expected a number from 1 up.'],
    [['--worst', '3', '--newest', '3'], 2, '--worst and --newest exclude each other'],
  ])('%s is refused in one line', (options, code, said) => {
    const refused = earshot(['calls', history, ...options]);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(said);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [DEMO, 'a capture is for "earshot replay"'],
    ['nowhere', 'nowhere: no such file'],
  ])('%s is no history', (path, said) => {
    const refused = earshot(['calls', path]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(said);
  });

  test('lines that are no whole call are passed over', () => {
    const odd = folder.write(
      'odd.ndjson',
      '{"type":"stream","callId":"x","startTime":5}\n{"type":"call","callId":"x"}\n{"type":"call","findings":[]}\n' +
        '{"type":"call","callId":"y","startTime":"2026-03-02T09:00:00.000000Z","findings":[],"signalling":null}\n',
    );
    for (const options of [
      ['--verdict', 'media'],
      ['--party', '1'],
      ['--at', '2026-03-03T12:00'],
    ])
      expect(earshot(['calls', odd, ...options])).toEqual({
        ...{ code: 0, stderr: '', stdout: 'no call in this history is like that\n' },
      });
  });
});
