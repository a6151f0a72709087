import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presetList } from '../../src/synth/presets.ts';
import { build, DEMO, earshot, Folder, type Outcome, ROOT, shell } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

/** Wrong usage: exit code 2, nothing on standard output, one line that says what is wrong. */
function expectUsage({ code, stdout, stderr }: Outcome, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^earshot: [^\n]+\n$/);
  expect(stderr).toMatch(message);
}

/** Call-IDs that a JSON report shows, and whether all its records are about them. */
function shownCalls(...args: string[]): string[] {
  const { code, stdout } = earshot(['replay', DEMO, '--json', ...args]);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Record<'calls' | 'streams' | 'findings', { callId: string }[]>;
  const ids = new Set(report.calls.map((call) => call.callId));
  for (const { callId } of [...report.streams, ...report.findings]) expect(ids).toContain(callId);
  return [...ids];
}

describe('wrong usage', () => {
  test.each([
    [['replay'], /missing required argument 'file'/],
    [['nonsense'], /unknown command 'nonsense'/],
    [['replay', DEMO, '--nonsense'], /unknown option '--nonsense'/],
    [['replay', DEMO, '--worst', '0'], /--worst.*number from 1/],
    [['replay', DEMO, '--worst', 'many'], /--worst.*number from 1/],
    [['replay', DEMO, '--worst'], /--worst.*missing/],
    [['replay', DEMO, '--filter', '10.0.0.0/33'], /--filter.*0 to 32/],
    [['replay', DEMO, '--filter', ' '], /--filter.*empty/],
    [['replay', DEMO, '--assumed-delay', 'long'], /--assumed-delay.*milliseconds/],
    [['replay', DEMO, '--call', 'c99'], /no call "c99".*c1 to c8/],
    [['replay', DEMO, '--call', 'healthy-'], /means 2 calls: c1 .*c5 /],
    [['replay', DEMO, '--threshold', 'lossRatio=1'], /"lossRatio" is no threshold.*lossWarningRatio/],
    [['replay', DEMO, '--marking', 'voice=EF,XY'], /"XY" is no marking; expected EF, VA/],
    [['replay', DEMO, '--marking', 'video=EF'], /expected voice= or signalling=/],
    [['replay', DEMO, '--threshold', 'deadAirMs=long'], /deadAirMs expects a number.*10000.*"long"/],
    [['replay', DEMO, '--config', 'missing.yaml'], /missing.yaml: there is no such file/],
    [
      ['replay', DEMO, '--html', 'x', '--fail-if', 'count(calls)<1', '--junit', './x'],
      /--html and --junit both want x/,
    ],
    [['replay', DEMO, '--pseudonym-key-file', 'key'], /hides nothing; give --pseudonymise/],
    [['compare', DEMO, DEMO, '--pseudonym-key-file', 'key'], /hides nothing/],
    [['live', '-', '--pseudonym-key-file', 'key'], /hides nothing/],
    [['synth'], /-o FILE is missing/],
    [['synth', '--preset', 'nonsense', '-o', '/dev/null'], /--preset must be one of demo, /],
    [['synth', '--preset', 'basic', '--load', '1x1', '-o', '/dev/null'], /exclude each other/],
    [['synth', '--loss', '101', '-o', '/dev/null'], /--loss must be from 0 to 100/],
    [['synth', '--codec', 'nonsense', '-o', '/dev/null'], /codec/],
    [['synth', '--duration', '-1', '-o', '/dev/null'], /duration/i],
  ])('%j', (args, message) => {
    expectUsage(earshot(args), message);
  });

  test.each([['replay'], ['slice', '-o', '/dev/null'], ['compare', DEMO]])(
    'a call that is not found in what is no capture: %j says so, and that is why it failed',
    (name, ...args) => {
      const { code, stdout, stderr } = earshot([name, 'package.json.md', ...args, '--call', 'c99']);
      expect(stderr).toContain('package.json.md: no such file');
      expect(code).toBe(1);
      const text = earshot([name, 'README.md', ...args, '--call', 'c99']);
      expect(text.stderr).toMatch(/README\.md: not a capture file.*\n.*no call "c99"/s);
      expect([text.code, stdout + text.stdout]).toEqual([1, '']);
    },
  );

  test('a call that is not there prints no half of a report', () => {
    const { stdout } = earshot(['replay', DEMO, '--json', '--call', 'c99']);
    expect(stdout).toBe('');
  });
});

describe('thresholds', () => {
  test('what is set in place of a default decides what is found', () => {
    const codes = (...args: string[]): string[] => {
      const { stdout } = earshot(['replay', DEMO, '--json', ...args]);
      return (JSON.parse(stdout) as { findings: { code: string }[] }).findings.map(({ code }) => code);
    };
    expect(codes()).toContain('random_loss');
    const more = ['--threshold', 'lossStretchRatio=0.5', '--threshold', 'slowSetupMs=150'];
    const changed = codes('--threshold', 'lossWarningRatio=0.05', ...more);
    expect(changed).not.toContain('random_loss');
    expect(changed).toContain('burst_loss');
    expect(changed).toContain('slow_setup');
  });
});

describe('help', () => {
  test.each([['replay'], ['compare'], ['synth']])(
    '%s --help has an example that works on this command',
    (command) => {
      const { code, stdout, stderr } = earshot([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`\\$ (.* \\| )?earshot ${command} `));
      expect(earshot(['help', command]).stdout).toBe(stdout);
    },
  );

  test('the program names its commands, and its version', () => {
    const { code, stdout } = earshot(['--help']);
    expect(code).toBe(0);
    for (const command of ['replay', 'synth']) expect(stdout).toContain(command);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(earshot(['--version']).stdout).toBe(`${version}\n`);
  });

  test('no command at all shows the help as wrong usage', () => {
    const { code, stderr, stdout } = earshot([]);
    expect(code).toBe(2);
    expect(stderr + stdout).toContain('Usage: earshot');
  });
});

describe('selection', () => {
  test.each([
    ['c2', 'bursty-loss@example.com'],
    ['refused@example.com', 'refused@example.com'],
    ['heavy', 'heavy-jitter@example.com'],
  ])('--call %s', (text, callId) => {
    expect(shownCalls('--call', text)).toEqual([callId]);
    const { code, stdout } = earshot(['replay', DEMO, '--call', text]);
    expect(code).toBe(0);
    expect(stdout).toContain(callId);
  });

  test.each([
    [['--filter', '10.1.0.0/16'], 'nothing like that among 8 calls and 11 streams'],
    [['--worst', '2'], 'of 8 calls and 11 streams, 2 calls: 2 bad media; 3 streams'],
    [['--worst', '99'], '8 calls: 3 healthy'],
  ])('%j says of how many the choice was made', (options, said) => {
    expect(earshot(['replay', DEMO, ...options]).stdout.split('\n')[1]).toContain(said);
  });

  test('--worst', () => {
    const firstRow = /CALLS, worst first\n.*\n.*\n\S+ +(c\d+) /.exec(earshot(['replay', DEMO]).stdout);
    expect(shownCalls('--worst', '1')).toEqual(shownCalls('--call', firstRow![1]!));
    expect(shownCalls('--worst', '3')).toHaveLength(3);
    expect(shownCalls('--worst', '999')).toHaveLength(8);
  });

  test.each([
    ['192.0.2.13', ['heavy-jitter@example.com']],
    ['192.0.2.12/31', ['bursty-loss@example.com', 'heavy-jitter@example.com']],
    ['erin', ['healthy-g729@example.com']],
    ['RANDOM-LOSS', ['random-loss@example.com']],
    ['no-such-party', []],
  ])('--filter %s', (text, wanted) => {
    const got = shownCalls('--filter', text);
    expect(got.filter((callId) => wanted.includes(callId as never))).toEqual(wanted);
    if (!text.includes('/')) expect(got).toEqual(wanted);
  });
});

describe('in a shell', () => {
  test('cat | earshot', () => {
    const piped = shell(`cat ${DEMO} | earshot replay - | tail -n +2`);
    const direct = shell(`earshot replay ${DEMO} | tail -n +2`);
    expect(piped).toEqual(direct);
    expect(piped.stdout).toContain('8 calls');
  });

  test.each([
    ['replay', `earshot replay ${DEMO} --json`],
    ['a call', `earshot replay ${DEMO} --call c1`],
    ['help', 'earshot replay --help'],
    ['synth', 'earshot synth --preset basic -o -'],
    ['a summary', 'earshot synth --preset basic -o /dev/null'],
  ])('%s into a reader that goes away ends quietly', (_name, command) => {
    const { stdout, stderr } = shell(`( ${command}; echo "code $?" >&2 ) | true`);
    expect({ stdout, stderr: stderr.replace(/^-: .*\n/m, '') }).toEqual({ stdout: '', stderr: 'code 0\n' });
  });

  test('| head -1', () => {
    const { stdout, stderr } = shell(`earshot replay ${DEMO} | head -1`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^test\/pcaps\/demo\.pcap: .*\n$/);
  });

  const colour = '\x1b[';
  test.each([
    [{}, false],
    [{ NO_COLOR: '1' }, false],
    [{ CLICOLOR_FORCE: '1' }, true],
    [{ CLICOLOR_FORCE: '0' }, false],
    [{ CLICOLOR_FORCE: '1', NO_COLOR: '1' }, false],
    [{ CLICOLOR_FORCE: '1', NO_COLOR: '' }, true],
  ])('colour with %j', (env, wanted) => {
    for (const args of [[], ['--call', 'c2']]) {
      const { stdout } = earshot(['replay', DEMO, ...args], { env: env as Record<string, string> });
      expect(stdout.includes(colour)).toBe(wanted);
    }
    const { stdout } = earshot(['replay', DEMO, '--json'], { env: env as Record<string, string> });
    expect(stdout.includes(colour)).toBe(false);
  });
});

describe('synth', () => {
  test.each(presetList().map(({ name }) => name))('preset %s makes a capture that replays', (name) => {
    const [pcap, truth] = [folder.at(`${name}.pcap`), folder.at(`${name}.json`)];
    const made = earshot(['synth', '--preset', name, '-o', pcap, '--truth', truth]);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    const { calls, streams } = JSON.parse(readFileSync(truth, 'utf8')) as {
      calls: unknown[];
      streams: unknown[];
    };
    const played = earshot(['replay', pcap, '--json']);
    expect({ code: played.code, stderr: played.stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(played.stdout) as { calls: unknown[]; streams: unknown[] };
    expect([report.calls.length, report.streams.length]).toEqual([calls.length, streams.length]);
  });

  test('the demo preset is the demo capture', () => {
    const pcap = folder.at('again.pcap');
    earshot(['synth', '--preset', 'demo', '-o', pcap]);
    expect(readFileSync(pcap).equals(readFileSync(join(ROOT, DEMO)))).toBe(true);
  });

  test.each([
    [['--scenario', '/nowhere/scenario.json', '-o', '/dev/null'], '/nowhere/scenario.json'],
    [['--preset', 'basic', '-o', '/nowhere/out.pcap'], '/nowhere/out.pcap'],
  ])('a file that cannot be had: %j', (args, path) => {
    const { code, stderr } = earshot(['synth', ...args]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^earshot: [^\n]+\n$/);
    expect(stderr).toContain(path);
  });

  test('a scenario with a mistake: the file and the field are named', () => {
    const path = folder.write('scenario.json', JSON.stringify({ calls: [{ durationMs: 'long' }] }));
    const wrong = earshot(['synth', '--scenario', path, '-o', '/dev/null']);
    expectUsage(wrong, /scenario\.json: calls\[0\]\.durationMs/);
    const text = folder.write('text.json', 'calls: none');
    expectUsage(earshot(['synth', '--scenario', text, '-o', '/dev/null']), /text\.json: is not JSON/);
  });
});
