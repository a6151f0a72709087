/** Valid messages, broken by single bytes and by cutting: nothing may throw, and results stay bounded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as accessors from '../../src/sip/accessors.ts';
import { looksLikeSip } from '../../src/sip/detect.ts';
import { parseSipMessage } from '../../src/sip/message.ts';
import { parseSdp } from '../../src/sip/sdp.ts';
import { bytesOf, EXAMPLES, OFFER, requestWith } from './examples.ts';

const multipart = requestWith(
  [
    'Content-Type: multipart/mixed;boundary="b"',
    'Refer-To: <sip:a@b?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2>',
  ],
  `--b\r\nContent-Type: application/sdp\r\n\r\n${OFFER}\r\n--b--`,
);
const corpus = [...EXAMPLES, multipart].map(bytesOf);

/** Everything the call layer would ask of a message. */
function exercise(bytes: Uint8Array, truncated: boolean): void {
  looksLikeSip(bytes, 0, bytes.length);
  const result = parseSipMessage(bytes, 0, bytes.length, { truncated });
  if (!result.ok) {
    expect(result.at).toBeLessThanOrEqual(bytes.length);
    return;
  }
  const { message } = result;
  expect(message.callId.length).toBeGreaterThan(0);
  expect(message.callId.length).toBeLessThanOrEqual(1024);
  expect(message.cseq).toBeLessThanOrEqual(0xffff_ffff);
  expect(message.method).not.toBe('');
  accessors.parseReasonHeader(message.headers.get('reason') ?? []);
  accessors.referTo(message);
  accessors.sessionExpires(message);
  accessors.rack(message);
  accessors.sipfragStatus(message);
  accessors.userAgent(message);
  if (message.sdp === null) return;
  const sdp = parseSdp(message.sdp);
  if (!sdp.ok) return;
  for (const media of sdp.session.media) {
    expect(media.port).toBeGreaterThanOrEqual(0);
    expect(media.port).toBeLessThanOrEqual(65_535);
    for (const type of media.payloadTypes) expect(type).toBeLessThanOrEqual(127);
    for (const { clockRate } of media.codecs) expect(clockRate).toBeGreaterThan(0);
  }
}

const mutation = fc.record({
  at: fc.nat(2000),
  kind: fc.constantFrom('set', 'insert', 'delete', 'repeat'),
  byte: fc.oneof(fc.constantFrom(...bytesOf('\r\n\0 ,;:"<>\\=@[]/*%\t-0')), fc.integer({ min: 0, max: 255 })),
  length: fc.integer({ min: 1, max: 40 }),
});

function mutate(bytes: Uint8Array, at: number, kind: string, byte: number, length: number): Uint8Array {
  const i = at % Math.max(1, bytes.length);
  const before = bytes.subarray(0, i);
  if (kind === 'set') {
    const copy = bytes.slice();
    copy[i] = byte;
    return copy;
  }
  if (kind === 'insert') return new Uint8Array([...before, byte, ...bytes.subarray(i)]);
  if (kind === 'delete') return new Uint8Array([...before, ...bytes.subarray(i + length)]);
  return new Uint8Array([...before, ...bytes.subarray(i, i + length), ...bytes.subarray(i)]);
}

describe('broken messages', () => {
  it('survive cutting at every byte', () => {
    for (const bytes of corpus) {
      for (let end = 0; end <= bytes.length; end++) {
        exercise(bytes.subarray(0, end), false);
        exercise(bytes.subarray(0, end), true);
        exercise(bytes.subarray(end), false);
      }
    }
  });

  it('survive flipping every byte', () => {
    for (const bytes of corpus) {
      for (let i = 0; i < bytes.length; i++) {
        for (const value of [0, 10, 13, 32, 34, 44, 60, bytes[i]! ^ 0x80]) {
          const copy = bytes.slice();
          copy[i] = value;
          exercise(copy, false);
        }
      }
    }
  });

  it('survive mutation', () => {
    fc.assert(
      fc.property(
        fc.nat(corpus.length - 1),
        fc.array(mutation, { maxLength: 12 }),
        fc.boolean(),
        (which, all, cut) => {
          let bytes = corpus[which]!;
          for (const { at, kind, byte, length } of all) bytes = mutate(bytes, at, kind, byte, length);
          exercise(bytes, cut);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('survive any text as SDP', () => {
    const line = fc.tuple(
      fc.constantFrom('v', 'o', 's', 'c', 'b', 'm', 'a', 'x'),
      fc.string({ maxLength: 60, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        parseSdp(lines.map(([type, value]) => `${type}=${value}`).join('\n'));
      }),
    );
  });

  it('take linear time whatever repeats', () => {
    const head = 'INVITE sip:a@b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n';
    const fillers = [
      ',',
      ';',
      '"',
      '<',
      '\\',
      ' ',
      '\r\n ',
      '\n x',
      ':',
      'Via: a\r\n',
      '"\\',
      '/',
      '@',
      '%',
      ';a=',
      'a\n',
      '\r',
    ];
    const starts = [
      '',
      'Contact: ',
      'From: ',
      'Via: ',
      'Via: SIP / ',
      'X',
      'Content-Type: multipart/mixed;boundary=',
      'Refer-To: <sip:a?',
      'CSeq: 1',
    ];
    for (const start of starts) {
      for (const filler of fillers) {
        const bytes = bytesOf(`${head}${start}${filler.repeat(Math.floor(60_000 / filler.length))}\r\n\r\n`);
        const began = performance.now();
        exercise(bytes, false);
        expect(performance.now() - began, JSON.stringify(start + filler)).toBeLessThan(1000);
      }
    }
    const line = bytesOf(`${' '.repeat(30_000)}\t${'a '.repeat(15_000)}`);
    exercise(line, false);
    const parts = requestWith(['Content-Type: multipart/mixed;boundary=b'], '--b\r\n'.repeat(12_000));
    exercise(bytesOf(parts), false);
  });
});
