import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, demoParts, earshot, Folder, joined, shell } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

function replay(...args: string[]) {
  return earshot(['replay', DEMO, ...args]);
}

function ids(...args: string[]): string[] {
  const { code, stdout } = replay(...args, '--json');
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { calls: { id: string }[] }).calls.map(({ id }) => id);
}

describe('searching', () => {
  test('by time, party and symptom, all of which must hold', () => {
    expect(ids('--at', '10:00:21..10:00:22', '--time-zone', '+01:00')).toEqual([
      'c1',
      'c2',
      'c3',
      'c4',
      'c5',
      'c7',
      'c8',
    ]);
    expect(ids('--party', '5550147')).toEqual(['c7']);
    expect(ids('--party', 'dave', '--symptom', 'no-ring')).toEqual(['c6']);
    expect(ids('--symptom', 'choppy', '--at', '09:00:01..09:00:02')).toEqual([]);
  });

  test('says what else was bad at that moment, in words and in JSON', () => {
    const { stdout } = replay('--call', 'c4', '--json');
    const { search } = JSON.parse(stdout) as {
      search: { question: null; others: { calls: number; bad: number } };
    };
    expect(search).toMatchObject({
      question: null,
      others: { calls: 7, bad: 4, codes: ['one_way_media'], sameWay: 0 },
    });
    expect(replay('--party', 'dave', '--symptom', 'one-way').stdout).toContain(
      'WHAT ELSE WAS BAD THEN\n  2026-03-02 09:00:07.000 to 09:00:23.680 UTC\n  7 other calls, 4 of them bad, none in the same way (one-way)\n',
    );
  });

  test('answers tickets: confirmed, nothing of the kind, not seen, no visibility', () => {
    const answer = (ticket: string): string => {
      const { code, stdout, stderr } = replay('--ticket', ticket, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return (JSON.parse(stdout) as { answer: string }).answer;
    };
    expect(answer('party=5550144 at=09:00:05..09:00:30 symptom=one-way')).toBe('confirmed');
    expect(answer('party=5550142 at=09:00:05..09:00:30 symptom=one-way')).toBe('nothing_wrong');
    expect(answer('party=5559999 at=09:00:05..09:00:30')).toBe('not_seen');
    expect(answer('party=5550144 at=14:00..14:10 symptom=one-way')).toBe('no_visibility');
    expect(replay('--verdict', '--party', '5550144', '--symptom', 'one-way').stdout).toMatch(
      /^CONFIRMED: one-way, of 5550144\n/,
    );
  });

  test.each([
    [['--at', 'noon'], '--at: "noon": expected a time'],
    [['--symptom', 'chopy'], 'did you mean choppy?'],
    [['--time-zone', 'Mars'], 'expected +02:00'],
    [['--time-zone', 'UTC'], '--time-zone is the zone of --at'],
    [['--verdict', '--symptom', 'choppy'], '--verdict needs --at, --party or both'],
    [['--verdict', '--party', 'a', '--call', 'c1'], 'leave out --call'],
    [['--ticket', 'who=me'], '--ticket: there is no "who"'],
    [['--csv', 'stream'], 'Did you mean streams?'],
    [['--csv', 'calls', '--json'], '--json and --csv both want standard output'],
    [['--junit', 'x.xml'], '--junit needs --fail-if'],
    [['--fail-if', 'p05(mosLqq)<3'], 'did you mean mosLq?'],
    [['--fail-if', 'untrusted', '--junit', DEMO], 'is one of the captures'],
  ])('%j is wrong usage, said in one line', (args, why) => {
    const { code, stdout, stderr } = replay(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('rows', () => {
  test('as CSV, one kind at a time', () => {
    const { code, stdout } = replay('--csv', 'streams', '--party', 'bob');
    const rows = stdout.split('\r\n');
    expect(code).toBe(0);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^id,callId,direction,src\.ip,src\.port,/);
    expect(rows.slice(1, 3).map((row) => row.slice(0, 2))).toEqual(['s3', 's4']);
  });

  test('as lines of JSON', () => {
    const { code, stdout } = replay('--ndjson');
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    const count = (type: string): number => types.filter((each) => each === type).length;
    expect({ code, calls: count('call'), streams: count('stream') }).toEqual({
      code: 0,
      calls: 8,
      streams: 11,
    });
    expect(count('interval')).toBeGreaterThan(40);
    expect(types.at(-1)).toBe('capture');
  });
});

describe('the gate', () => {
  const BROKEN = ['--fail-if', 'count(one_way_media)>0', '--fail-if', 'min(mosLq)<3.8'];

  test('exits with 3, a line for each broken condition on standard error, and writes JUnit', () => {
    const file = folder.at('gate.xml');
    const { code, stdout, stderr } = replay(...BROKEN, '--fail-if', 'share(failed)>50%', '--junit', file);
    expect(code).toBe(3);
    expect(stderr).toBe(
      'earshot: failed: count(one_way_media)>0: 1 over 8 calls, 11 streams\n' +
        'earshot: failed: min(mosLq)<3.8: 3.723 over 11 streams\n',
    );
    expect(stdout).toContain('CALLS, worst first');
    const xml = readFileSync(file, 'utf8');
    expect(xml).toContain('<testsuites tests="3" failures="2"');
  });

  test('lets pass what holds, and goes by the calls that are chosen', () => {
    expect(replay('--party', 'erin', ...BROKEN)).toMatchObject({ code: 0, stderr: '' });
  });

  test('fails without data, unless that is allowed', () => {
    const nothing = ['--party', 'nobody', '--fail-if', 'p05(mosLq)<3.6'];
    expect(replay(...nothing)).toMatchObject({
      code: 3,
      stderr: 'earshot: failed: p05(mosLq)<3.6: no data: 0 streams\n',
    });
    expect(replay(...nothing, '--allow-empty')).toMatchObject({ code: 0, stderr: '' });
  });

  test('is not passed because whoever reads the output went away', () => {
    const { code } = shell(
      `set -o pipefail; earshot replay ${DEMO} --ndjson --fail-if 'count(calls)>1' | head -c 1 > /dev/null`,
    );
    expect(code).toBe(3);
  });

  test('has nothing to say about half a capture but that it is half', () => {
    const cut = folder.write('cut.pcap', joined(demoParts()).subarray(0, 500_000));
    const { code, stderr } = earshot(['replay', cut, '--fail-if', 'count(calls)>1']);
    expect(code).toBe(1);
    expect(stderr).toContain('failed: count(calls)>1');
    expect(stderr).toContain('the capture is degraded (capture_truncated)');
  });

  test.each([
    ['cut', () => folder.write('half.pcap', joined(demoParts()).subarray(0, 500_000)), /packet \d+ at byte/],
    ['no capture', () => folder.write('none.pcap', 'Dear operator'), /not a capture/],
    ['missing', () => folder.at('missing.pcap'), /no such file/],
  ])('is an error in JUnit where the capture is %s, whatever was there before', (_name, make, why) => {
    const [file, capture] = [folder.write('before.xml', '<testsuites failures="0"/>'), make()];
    const { code } = earshot(['replay', capture, '--fail-if', 'count(calls)>100', '--junit', file]);
    const xml = readFileSync(file, 'utf8');
    expect(code).toBe(1);
    expect(xml).toContain('errors="1"');
    expect(xml.match(/<error type="unread" message="([^"]*)"/)?.[1]).toMatch(why);
  });

  test('names no capture in JUnit where names are replaced', () => {
    const cut = folder.write('Alice.pcap', joined(demoParts()).subarray(0, 500_000));
    const gate = ['--fail-if', 'count(calls)>100', '--junit', folder.at('covered.xml')];
    expect(earshot(['replay', cut, '--pseudonymise', ...gate]).code).toBe(1);
    const xml = readFileSync(folder.at('covered.xml'), 'utf8');
    expect(xml).toContain('name="capture-1.pcap"');
    expect(xml).not.toContain('Alice');
  });

  test('is passed by no capture without packets, which nobody trusts', () => {
    const empty = folder.write('empty.pcap', demoParts().header);
    const { code, stdout, stderr } = earshot(['replay', empty, '--fail-if', 'untrusted']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/0 packets, capture UNTRUSTED\n +there are no packets in it/);
    expect(stderr).toContain('failed: untrusted: no data: 0 packets');
    expect(earshot(['replay', empty, '--fail-if', 'untrusted', '--allow-empty']).code).toBe(0);
  });

  test('of half a capture is not passed because whoever reads the output went away', () => {
    const cut = folder.write('cut-short.pcap', joined(demoParts()).subarray(0, 500_000));
    const { code } = shell(
      `set -o pipefail; earshot replay ${cut} --html - --fail-if 'count(calls)>100' | head -c 1 > /dev/null`,
    );
    expect(code).toBe(1);
  });
});

describe('one call in the terminal', () => {
  test.each([80, 120, 200])('fits %i columns of a pager, without colours', (columns) => {
    const { stdout } = earshot(['replay', DEMO, '--call', 'c2'], { env: { COLUMNS: String(columns) } });
    for (const line of stdout.split('\n'))
      if (!line.includes('Wireshark:')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toMatch(
      /SIP LADDER\n +192\.0\.2\.12 +203\.0\.113\.20\n +\+0\.000 s +│─+ INVITE ─+▶│ {2}#4\n/,
    );
    expect(stdout).toContain('OVER TIME');
    expect(stdout).toMatch(/frames \d+ to \d+ \(651 packets\)/);
  });

  test('has no ladder of a capture that came through a pipe, and says so', () => {
    const input = joined(demoParts());
    const { code, stdout } = earshot(['replay', '-', '--call', 'c2'], { input });
    expect(code).toBe(0);
    expect(stdout).toContain('SIP LADDER\n  The capture came through a pipe and cannot be read twice');
  });
});
