import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capture, KEY, leaked, PEOPLE, PLACES } from '../privacy/secrets.ts';
import { captureOf, type Packet, packetsOf, readdressed, routed } from '../taps/two-points.ts';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const folder = new Folder();
const env = { EARSHOT_PSEUDONYM_KEY: KEY };
let udp = '';
let tcp = '';
let rewrittenPath = '';
let bothPoints = '';
beforeAll(() => {
  build();
  udp = folder.write('wilhelmine-udp.pcap', capture('udp'));
  tcp = folder.write('wilhelmine-tcp.pcap', capture('tcp'));
  const inside = packetsOf(capture('udp'));
  const outside = inside.filter(({ isRtp, index }) => !isRtp || index % 20 !== 7).map(throughBox);
  rewrittenPath = folder.write('wilhelmine-outside.pcap', captureOf(outside));
  bothPoints = folder.write('wilhelmine-both.pcap', captureOf([...inside, ...outside]));
}, 120_000);
afterAll(() => folder.remove());

/** What comes out of a box that writes nearly every line anew: in the other case, which is as long. */
function throughBox(packet: Packet): Packet {
  const later = routed(packet, 800);
  if (packet.isRtp)
    return packet.index % 2 === 0 ? later : readdressed(later, [10, 173, 219, 146], [198, 51, 133, 207]);
  const text = Buffer.from(later.frame.subarray(42)).toString('latin1');
  const lines = text.split('\n').map((line, at) => {
    if (at === 0 || /^(?:call-id|i|via|v|cseq|content-|c|l):/i.test(line) || /^[vt]=/.test(line)) return line;
    const colon = line.search(/[:=]/) + 1;
    return line.slice(0, colon) + line.slice(colon).replace(/[a-z]/gi, otherCase);
  });
  later.frame.set(Buffer.from(lines.join('\n'), 'latin1'), 42);
  return later;
}

function otherCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}

function compared(args: readonly string[], ...options: string[]) {
  const { code, stdout, stderr } = earshot(['compare', ...args, '--json', ...options], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Properties that say who, where, or which file; all others must be the same with and without pseudonyms. */
const OF_SOMEBODY = new Set([
  ...['privacy', 'files', 'callId', 'from', 'to', 'src', 'dst', 'box', 'name', 'message'],
]);

function figures(comparison: object): unknown {
  return JSON.parse(
    JSON.stringify(comparison, (key, value) =>
      OF_SOMEBODY.has(key) || ((key === 'first' || key === 'second') && typeof value === 'string')
        ? undefined
        : value,
    ),
  );
}

/** Figures of each form without pseudonyms. */
const plain = new Map<string, unknown>();

const forms = (): Record<string, string[]> => ({
  'two sets': [udp, tcp],
  'two calls': [udp, tcp, '--call', 'c1'],
  'one input': [udp, '--call', 'c1', '--with', 'c1'],
  'two taps': ['--taps', udp, rewrittenPath],
  'two points of one capture': ['--taps', bothPoints],
});

test('without the option they are in what is compared', () => {
  const { stdout } = earshot(['compare', ...forms()['two taps']!, '--json']);
  const names = ['wilhelmine', 'zwetschge', '493012345678', '10.173.219.145', 'sonnenhof', '81234567'];
  expect(leaked(stdout, names)).toEqual(names);
  expect(leaked(earshot(['compare', udp, tcp, '--call', 'c1']).stdout, PEOPLE)).toContain('quastenflosser');
});

describe.each(['--pseudonymise', '--pseudonymise=addresses'])('compare %s', (option) => {
  const hidden = option.endsWith('addresses') ? [...PEOPLE, ...PLACES, '4711'] : [...PEOPLE, '4711'];

  test.each(Object.keys(forms()))('%s name nobody, and figures are the same', (form) => {
    const args = forms()[form]!;
    let json = '';
    for (const shape of [[], ['--json']]) {
      const { code, stdout, stderr } = earshot(['compare', ...args, ...shape, option], { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(leaked(stdout, hidden)).toEqual([]);
      expect(stdout).toContain('Pseudonyms stand for numbers');
      json = stdout;
    }
    const shown = JSON.parse(json);
    plain.set(form, plain.get(form) ?? figures(compared(args)));
    expect(figures(shown)).toEqual(plain.get(form));
    expect(shown.privacy.key).toMatch(/^[0-9a-f]{8}$/);
    expect(shown.privacy.pseudonyms.includes('addresses')).toBe(option.endsWith('addresses'));
  });
});

test('one call is known on both sides, by the name it has in a replay', () => {
  const [left, right] = ['a', 'b'].map(
    (side) => compared([udp, tcp, '--call', 'c1'], '--pseudonymise=addresses')[side],
  );
  expect([left.callId, left.from]).toEqual([right.callId, right.from]);
  const { stdout } = earshot(['replay', udp, '--json', '--pseudonymise=addresses'], { env });
  const [call] = JSON.parse(stdout).calls;
  expect([left.callId, left.from, left.to]).toEqual([call.callId, call.from, call.to]);
});

test('a box that is rewriting is told by its pseudonym, on the way and in lines of messages', () => {
  const { ways, signalling } = compared(forms()['two taps']!, '--pseudonymise=addresses');
  expect(signalling.compared).toBeGreaterThan(5);
  const contact = signalling.rewrites.find(({ name }: { name: string }) => name === 'contact');
  expect(contact.examples[0].first.toLowerCase()).toBe(contact.examples[0].second.toLowerCase());
  expect(contact.examples[0].first).not.toBe(contact.examples[0].second);
  expect(signalling.rewrites.map(({ name }: { name: string }) => name)).toContain('user-agent');
  expect(ways.length).toBeGreaterThan(0);
});

test('files are called by their place, the same on both sides', () => {
  expect(compared([udp, udp], '--pseudonymise').a.files).toEqual(['capture-1.pcap']);
  expect(compared([udp, udp], '--pseudonymise').b.files).toEqual(['capture-1.pcap']);
  expect(compared([udp, tcp], '--pseudonymise').b.files).toEqual(['capture-2.pcap']);
  expect(compared(['--taps', udp, rewrittenPath], '--pseudonymise').taps[1].files).toEqual([
    'capture-2.pcap',
  ]);
});

describe('reports that have pseudonyms already', () => {
  const report = (name: string, option: string, key: string): string => {
    const { stdout } = earshot(['replay', udp, '--json', option], { env: { EARSHOT_PSEUDONYM_KEY: key } });
    return folder.write(name, stdout);
  };

  test('of the same key are compared as they are, beside a capture', () => {
    const covered = report('covered.json', '--pseudonymise=addresses', KEY);
    const { a, b } = compared([covered, udp, '--call', 'c1'], '--pseudonymise=addresses');
    expect(a).toEqual(b);
    expect(figures(compared([covered, tcp], '--pseudonymise=addresses'))).toEqual(
      figures(compared([udp, tcp])),
    );
  });

  test.each([
    [
      '--pseudonymise=addresses',
      'another key, long enough',
      '--pseudonymise',
      /pseudonyms of key [0-9a-f]{8} already/,
    ],
    ['--pseudonymise', KEY, '--pseudonymise=addresses', /no pseudonyms for hosts and addresses/],
  ])('%s of %s cannot become those of %s', (had, key, wanted, said) => {
    const { code, stdout, stderr } = earshot(['compare', report('other.json', had, key), udp, wanted], {
      env,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('a beginning that several calls have is answered by pseudonyms', () => {
  const two = folder.at('two.json');
  const report = JSON.parse(earshot(['replay', udp, '--json']).stdout);
  const [call] = report.calls;
  writeFileSync(
    two,
    JSON.stringify({ ...report, calls: [call, { ...call, id: 'c2', callId: `${call.callId}2` }] }),
  );
  const { code, stderr } = earshot(['compare', two, '--call', 'w', '--with', 'c1', '--pseudonymise'], {
    env,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('means 2 calls of the input: c1 (');
  expect(leaked(stderr, PEOPLE)).toEqual([]);
});

test('a comparison of the demo is the same with and without', () => {
  const args = ['--before', DEMO, udp, '--after', DEMO, tcp];
  expect(figures(compared(args, '--pseudonymise=addresses'))).toEqual(figures(compared(args)));
  expect(leaked(readFileSync(udp), ['wilhelmine'])).toEqual(['wilhelmine']);
});
