import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, demoParts, earshot, Folder, joined, type Outcome, snapped } from './earshot.ts';

const folder = new Folder();
const { header, records } = demoParts();
const few = records.slice(0, 2000);

beforeAll(build, 120_000);
afterAll(() => folder.remove());

/** Replays a file made of octets. */
function replay(name: string, content: Uint8Array | string): Outcome & { path: string } {
  const path = folder.write(name, content);
  return { ...earshot(['replay', path]), path };
}

/** A failed run says in one line on standard error which input it is and what is wrong with it. */
function expectFailure(
  { code, stderr, path }: Outcome & { path: string },
  ...parts: (string | RegExp)[]
): void {
  expect(code).toBe(1);
  expect(stderr).toMatch(/^earshot: [^\n]+\n$/);
  expect(stderr).toContain(path);
  for (const part of parts) expect(stderr).toMatch(part);
}

describe('what cannot be opened', () => {
  test('a file that is not there', () => {
    const path = folder.at('nowhere.pcap');
    const { stdout, ...rest } = earshot(['replay', path]);
    expectFailure({ ...rest, stdout, path }, 'no such file');
    expect(stdout).toBe('');
  });

  test('a directory', () => {
    expectFailure({ ...earshot(['replay', tmpdir()]), path: tmpdir() }, /directory/);
  });
});

describe('what is no capture', () => {
  test.each([
    ['nothing at all', new Uint8Array(0), /empty/],
    ['a text', 'Dear operator, the phones are down.', /not a capture.*"Dear ope"/],
    [
      'the beginning of a gzip file',
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3),
      /gzip data end in the middle/,
    ],
    ['xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0), /xz.*unxz/],
    ['half a file header', header.slice(0, 10), /header.*24 bytes, 10/],
    ['an unknown version', header.with(4, 9), /version 9/],
  ])('%s', (_name, content, message) => {
    expectFailure(replay('none.pcap', content), message);
  });

  test('from standard input it is called so', () => {
    const { code, stderr } = earshot(['replay', '-'], { input: new TextEncoder().encode('hello') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^earshot: standard input: not a capture/);
  });
});

describe('what breaks off', () => {
  test('in the middle of a record: the packets before it are reported', () => {
    const whole = joined({ header, records: few });
    const cut = whole.subarray(0, whole.length - 50);
    const lastAt = whole.length - few.at(-1)!.length;
    const result = replay('cut.pcap', cut);
    expectFailure(result, new RegExp(`packet 2000 at byte ${lastAt} `), /1999 packets before it were read/);
    expect(result.stdout).toContain('1,999 packets, capture DEGRADED');
    expect(result.stdout).toMatch(/CALLS, worst first[\s\S]*sip:alice@example.com/);
  });

  test('in the middle of a record header', () => {
    const whole = joined({ header, records: few });
    expectFailure(
      replay('cut-header.pcap', whole.subarray(0, whole.length - few.at(-1)!.length + 7)),
      /packet 2000 .*at least 16 bytes, 7 left/,
    );
  });

  test('with a record that claims more than the file has', () => {
    const longer = few[10]!.slice();
    new DataView(longer.buffer).setUint32(8, 100_000, true);
    const result = replay('long.pcap', joined({ header, records: [...few.slice(0, 10), longer] }));
    expectFailure(result, /packet 11 at byte \d+ \(needs 100016 bytes/);
    expect(result.stdout).toContain('10 packets');
  });

  test('with a record no packet can be as long as', () => {
    const absurd = few[10]!.slice();
    new DataView(absurd.buffer).setUint32(8, 0x7fff_ffff, true);
    expectFailure(
      replay('absurd.pcap', joined({ header, records: [...few.slice(0, 10), absurd, ...few.slice(11)] })),
      /packet 11 at byte \d+ claims 2147483647 bytes/,
    );
  });

  test('JSON stays whole, and says so itself', () => {
    const whole = joined({ header, records: few });
    const path = folder.write('cut2.pcap', whole.subarray(0, whole.length - 3));
    const { code, stdout } = earshot(['replay', path, '--json']);
    expect(code).toBe(1);
    const { capture, calls } = JSON.parse(stdout) as { capture: { trust: unknown }; calls: unknown[] };
    expect(calls.length).toBeGreaterThan(0);
    expect(capture.trust).toMatchObject({ verdict: 'degraded', reasons: [{ code: 'capture_truncated' }] });
  });

  test('one bad file among good ones: the good ones are reported', () => {
    const path = folder.write('empty.pcap', '');
    const result = earshot(['replay', DEMO, path]);
    expectFailure({ ...result, path }, /empty/);
    expect(result.stdout).toContain('8 calls');
    const missing = folder.at('missing.pcap');
    const other = earshot(['replay', DEMO, missing]);
    expectFailure({ ...other, path: missing }, /no such file/);
  });
});

describe('what is whole and still not all there', () => {
  test('a link type nobody can decode', () => {
    const strange = header.slice();
    new DataView(strange.buffer).setUint32(20, 147, true);
    const result = replay('link.pcap', joined({ header: strange, records: few }));
    expectFailure(result, /link type/i, /USER0|147/);
  });

  test('a snap length that keeps only headers: media is measured, the lost signalling is named', () => {
    const path = folder.write(
      'snap.pcap',
      joined({ header, records: few.map((record) => snapped(record, 96)) }),
    );
    const whole = folder.write('whole.pcap', joined({ header, records: few }));
    const cut = JSON.parse(earshot(['replay', path, '--json']).stdout);
    const full = JSON.parse(earshot(['replay', whole, '--json']).stdout);
    const facts = (report: { streams: { ssrc: string; packets: number; lost: number; octets: number }[] }) =>
      report.streams.map(({ ssrc, packets, lost, octets }) => ({ ssrc, packets, lost, octets }));
    expect(facts(cut)).toEqual(facts(full));
    expect(cut.capture.trust.verdict).not.toBe('trusted');
    expect(JSON.stringify(cut.capture.trust.reasons)).toMatch(/SIP messages were cut by the snap length/);
  });

  test('times beyond all calendars do not hold the replay up', () => {
    const path = folder.write('absurd-times.pcapng', absurdTimes());
    const { code, stderr } = earshot(['replay', path]);
    expect(code, stderr).not.toBeNull();
  });

  test('a capture without packets', () => {
    const { code, stdout, stderr } = replay('none.pcap', header);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('no calls');
  });
});

/** Demo packets in a pcapng file that counts in seconds, at the far end of 64 bits. */
function absurdTimes(): Uint8Array {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const padded = Math.ceil(body.length / 4) * 4;
    const view = new DataView(new ArrayBuffer(padded + 12));
    view.setUint32(0, type, true);
    view.setUint32(4, padded + 12, true);
    new Uint8Array(view.buffer).set(body, 8);
    view.setUint32(padded + 8, padded + 12, true);
    return new Uint8Array(view.buffer);
  };
  const section = Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, ...new Array<number>(8).fill(0xff));
  const resolution = [9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const packets = few.slice(0, 400).map((record, i) => {
    const body = new Uint8Array(20 + record.length - 16);
    const view = new DataView(body.buffer);
    view.setUint32(4, 0xf9cc_d8a1, true);
    view.setUint32(8, i, true);
    view.setUint32(12, record.length - 16, true);
    view.setUint32(16, record.length - 16, true);
    body.set(record.subarray(16), 20);
    return block(6, body);
  });
  return Buffer.concat([
    block(0x0a0d0d0a, section),
    block(1, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, ...resolution)),
    ...packets,
  ]);
}
