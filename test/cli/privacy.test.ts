import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capture, KEY, leaked, leakedAddresses, PEOPLE, PLACES, unpacked } from '../privacy/secrets.ts';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const folder = new Folder();
let udp = '';
let tcp = '';
beforeAll(() => {
  build();
  udp = folder.write('wilhelmine-udp.pcap', capture('udp'));
  tcp = folder.write('wilhelmine-tcp.pcap', capture('tcp'));
}, 120_000);
afterAll(() => folder.remove());

const env = { EARSHOT_PSEUDONYM_KEY: KEY };

test('they are all in the captures', () => {
  expect(leaked(readFileSync(udp), [...PEOPLE, ...PLACES]).sort()).toEqual([...PEOPLE, ...PLACES].sort());
  expect(leakedAddresses(readFileSync(tcp)).length).toBe(3);
});

describe.each(['--pseudonymise', '--pseudonymise=addresses'])('replay %s', (option) => {
  const hidden = option.endsWith('addresses') ? [...PEOPLE, ...PLACES, '4711'] : [...PEOPLE, '4711'];

  test.each([
    [[]],
    [['--json']],
    [['--call', 'c1']],
    [['--ndjson']],
    [['--csv', 'calls']],
    [['--csv', 'streams']],
    [['--html', '-']],
    [['--party', '4711', '--json']],
    [['--filter', 'sonnenhof', '--rules', 'rules/default.yaml']],
    [['--fail-if', 'count(random_loss)>9', '--junit', '-', '--html', '/dev/null']],
  ])('%j names nobody', (form) => {
    const { code, stdout, stderr } = earshot(['replay', udp, option, ...form], { env });
    expect(code).toBe(0);
    expect(leaked(unpacked(stdout), hidden)).toEqual([]);
    expect(leaked(stderr, hidden)).toEqual([]);
    expect(stdout.length).toBeGreaterThan(200);
    if (form[0] === '--json') expect(JSON.parse(stdout).privacy.key).toMatch(/^[0-9a-f]{8}$/);
    if (form.length === 0) expect(stdout).toContain('Pseudonyms stand for numbers');
  });

  test.each(['udp', 'tcp'])('a slice of a call over %s names nobody, octet by octet', (transport) => {
    const out = folder.at(`${transport}${option}.pcapng`);
    const { code, stdout, stderr } = earshot(
      ['slice', transport === 'udp' ? udp : tcp, '--call', 'c1', option, '-o', out],
      { env },
    );
    expect(code).toBe(0);
    expect(leaked(`${stderr}${stdout.replace(out, '')}`, hidden)).toEqual([]);
    const octets = readFileSync(out);
    expect(leaked(octets, hidden)).toEqual([]);
    if (option.endsWith('addresses')) expect(leakedAddresses(octets)).toEqual([]);
    // Keys that were pressed: which ones, and which of them were the same.
    expect(octets.toString('latin1').match(/Signal ?= ?[^x\s]/g)).toBeNull();
    expect(octets.includes('Signal=x')).toBe(true);
    const original = JSON.parse(
      earshot(['replay', transport === 'udp' ? udp : tcp, '--json', option, '--no-payload'], { env }).stdout,
    );
    const again = JSON.parse(earshot(['replay', out, '--json', '--no-payload']).stdout);
    // The names of a slice are those of a report made with the same key.
    const story = ({ callId, from, to, state, verdict, durationMs }: Record<string, unknown>) => ({
      ...{ callId, from, to, state, verdict, durationMs },
    });
    expect(again.calls.map(story)).toEqual(original.calls.map(story));
    const figures = ({ src, dst, packets, lost, jitterMs, callId }: Record<string, unknown>) => ({
      ...{ src, dst, packets, lost, jitterMs, callId },
    });
    expect(again.streams.map(figures)).toEqual(original.streams.map(figures));
  });

  test('a merge names nobody either', () => {
    const out = folder.at(`merged${option}.pcapng`);
    expect(earshot(['slice', udp, tcp, option, '-o', out], { env }).code).toBe(0);
    expect(leaked(readFileSync(out), hidden)).toEqual([]);
  });
});

describe('keys', () => {
  const calls = (options: string[], key?: string) => {
    const { stdout } = earshot(
      ['replay', udp, '--json', '--pseudonymise', ...options],
      key === undefined ? {} : { env: { EARSHOT_PSEUDONYM_KEY: key } },
    );
    return JSON.parse(stdout)
      .calls.map(({ from }: { from: string }) => from)
      .join();
  };

  test('the same key gives the same pseudonyms, another one others, none others in every run', () => {
    const file = folder.write('key.txt', `${KEY}\nsecond line\n`);
    expect(calls(['--pseudonym-key-file', file])).toBe(calls([], KEY));
    expect(calls([], 'another key, long enough')).not.toBe(calls([], KEY));
    expect(calls([])).not.toBe(calls([]));
  });

  test('a key that can be guessed is refused', () => {
    const short = earshot(['replay', udp, '--pseudonymise'], { env: { EARSHOT_PSEUDONYM_KEY: 'short' } });
    expect(short).toMatchObject({ code: 1 });
    expect(short.stderr).toContain('the key has 5 characters, at least 16');
    expect(short.stderr).not.toContain('short"');
  });

  test.each([
    [
      ['replay', DEMO, '--pseudonymise', '--show-digits'],
      '--pseudonymise and --show-digits exclude each other',
    ],
    [['slice', DEMO, '--pseudonymise', '--payload', '-o', 'x'], '--pseudonymise and --payload exclude'],
    [['replay', '--pseudonymise', DEMO], 'it takes "addresses" or nothing'],
    [['replay', DEMO, '--provider', 'carrier'], 'expected an address or a network'],
  ])('%j is refused in one line', (args, said) => {
    const refused = earshot(args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(said);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a report for a provider', () => {
  test.each([[[]], [['--json']], [['--html', '-']], [['--csv', 'calls']]])('%j has its side only', (form) => {
    const { code, stdout } = earshot(['replay', udp, '--provider', '198.51.133.0/24', ...form]);
    expect(code).toBe(0);
    const names = PEOPLE.filter((text) => !/\d{5}/.test(text));
    // The Call-ID is how the provider finds the call; in this capture somebody put a name into it.
    const shown = unpacked(stdout).replaceAll('wilhelmine-4711-quastenflosser@10.173.219.145', 'CALL');
    expect(leaked(shown, names)).toEqual([]);
    expect(leaked(shown, ['10.173.219', '172.27.133', 'sonnenhof'])).toEqual([]);
    expect(shown).toContain('493012345678');
  });

  test('a slice for it has its packets only', () => {
    const out = folder.at('provider.pcapng');
    expect(earshot(['slice', udp, '--provider', '198.51.133.207', '-o', out]).code).toBe(0);
    const { streams, registrations } = JSON.parse(earshot(['replay', out, '--json']).stdout);
    expect(streams.length).toBe(2);
    expect(registrations).toEqual([]);
    const none = folder.at('none.pcapng');
    const { stdout } = earshot(['slice', udp, '--provider', '198.18.0.0/15', '-o', none]);
    expect(stdout).toContain(': 0 packets merged');
    expect(readFileSync(none).toString('latin1')).not.toContain('wilhelmine-udp');
  });

  test('a provider that no call touches gets an empty report', () => {
    const { stdout } = earshot(['replay', udp, '--provider', '203.0.113.0/24', '--json']);
    const { calls, streams, registrations, privacy, capture } = JSON.parse(stdout);
    expect([calls, streams, registrations, capture.voiceClass]).toEqual([[], [], [], null]);
    expect(privacy.leftOut.length).toBeGreaterThan(3);
  });
});
