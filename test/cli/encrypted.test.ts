import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { build, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const CALLS: Scenario = {
  calls: [
    { transport: 'tls', callId: 'a@x', durationMs: 1000 },
    { transport: 'tls', tlsVersion: '1.2', callId: 'b@x', durationMs: 1000 },
    { transport: 'wss', callId: 'c@x', durationMs: 1000 },
  ],
};
const { pcap, keyLog } = buildScenario(CALLS, { secrets: 'beside' });
const capture = folder.write('tls.pcap', pcap);

interface Shown {
  capture: {
    encrypted: { tlsConnections: number; sipTlsSuspected: number; tlsElsewhere: number };
    trust: { verdict: string; reasons: { code: string; text: string }[] };
  };
  calls: { callId: string }[];
}

function replay(...args: string[]): { report: Shown; stderr: string; code: number | null } {
  const { stdout, stderr, code } = earshot(['replay', ...args, '--json']);
  return { report: JSON.parse(stdout) as Shown, stderr, code };
}

const callsOf = ({ calls }: Shown): string[] => calls.map(({ callId }) => callId).sort();

test('--keylog reads SIP over TLS and secure WebSocket', () => {
  const { report, stderr, code } = replay(capture, '--keylog', folder.write('keys.txt', keyLog));
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(callsOf(report)).toEqual(['a@x', 'b@x', 'c@x']);
  expect(report.capture.trust.verdict).toBe('trusted');
});

test('secrets in the capture need no option, also when it is merged with another one', () => {
  const whole = folder.write('tls.pcapng', buildScenario(CALLS).pcap);
  expect(callsOf(replay(whole).report)).toEqual(['a@x', 'b@x', 'c@x']);
  expect(callsOf(replay(capture, whole).report)).toEqual(['a@x', 'b@x', 'c@x']);
});

test('without keys it is said what could not be read', () => {
  const { report, code } = replay(capture);
  expect(code).toBe(0);
  expect(callsOf(report)).toEqual([]);
  expect(report.capture.encrypted).toMatchObject({ tlsConnections: 2, sipTlsSuspected: 2, tlsElsewhere: 1 });
  const [reason] = report.capture.trust.reasons;
  expect(reason).toMatchObject({
    code: 'encrypted_signalling',
    text: '2 TLS connections on SIP ports could not be read: no keys',
  });
  expect(earshot(['replay', capture]).stdout).toContain(reason!.text);
});

test('keys of some sessions only', () => {
  const lines = keyLog.split('\n').filter((line) => !line.startsWith('CLIENT_RANDOM'));
  const { report } = replay(capture, '--keylog', folder.write('some.txt', lines.join('\n')));
  expect(callsOf(report)).toEqual(['a@x', 'c@x']);
  expect(report.capture.trust.reasons[0]!.text).toBe(
    '1 TLS connection on SIP ports could not be read: no keys',
  );
});

test('a key log that is none, damaged, or not there', () => {
  const none = replay(capture, '--keylog', folder.write('none.txt', 'hello\n'));
  expect(none.code).toBe(0);
  expect(none.stderr).toMatch(
    /^earshot: .*none\.txt: no TLS secrets in it, expected lines such as CLIENT_RANDOM/,
  );
  const damaged = replay(capture, '--keylog', folder.write('damaged.txt', `what\n${keyLog}`));
  expect(damaged.stderr).toMatch(/damaged\.txt: 1 line is no TLS secret and was skipped\n$/);
  expect(callsOf(damaged.report)).toHaveLength(3);
  const { code, stdout, stderr } = earshot(['replay', capture, '--keylog', folder.at('missing.txt')]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^earshot: [^\n]*missing\.txt: no such file\n$/);
});
