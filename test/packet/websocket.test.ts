import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketFramer } from '../../src/packet/websocket.ts';
import { looksLikeSip } from '../../src/sip/detect.ts';
import { bytesOf, EXAMPLES, INVITE } from '../sip/examples.ts';
import { concatenate, type FrameShape, frame } from './websocket-frames.ts';

const MASK = [0x37, 0xfa, 0x21, 0x3d];

function drain(framer: WebSocketFramer): string[] {
  const messages: string[] = [];
  for (let message = framer.next(); message !== null; message = framer.next()) {
    messages.push(Buffer.from(message).toString('latin1'));
  }
  return messages;
}

function feed(framer: WebSocketFramer, ...pieces: readonly (Uint8Array | readonly number[])[]): string[] {
  return pieces.flatMap((piece) => {
    const bytes = Uint8Array.from(piece);
    framer.push(bytes, 0, bytes.length);
    return drain(framer);
  });
}

const framerOf = (): WebSocketFramer => new WebSocketFramer(looksLikeSip);

describe('WebSocketFramer, the examples of RFC 6455 5.7', () => {
  const hello = [0x48, 0x65, 0x6c, 0x6c, 0x6f];
  const maskedHello = [...MASK, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

  it.each<[string, number[], string[]]>([
    ['a single-frame unmasked text message', [0x81, 0x05, ...hello], ['Hello']],
    ['a single-frame masked text message', [0x81, 0x85, ...maskedHello], ['Hello']],
    ['a fragmented unmasked text message', [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], ['Hello']],
    [
      'unmasked ping request and masked ping response',
      [0x89, 0x05, ...hello, 0x8a, 0x85, ...maskedHello],
      [],
    ],
  ])('%s', (_, bytes, messages) => {
    const framer = framerOf();
    expect(feed(framer, bytes)).toEqual(messages);
    expect(framer.counters).toMatchObject({ bad: 0, controls: messages.length === 0 ? 2 : 0 });
  });

  it.each([
    [256, [0x82, 0x7e, 0x01, 0x00]],
    [65_536, [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])('%i bytes binary message in a single unmasked frame', (length, header) => {
    const payload = new Uint8Array(length).fill(0x41);
    expect(feed(framerOf(), [...header, ...payload])).toEqual(['A'.repeat(length)]);
  });
});

describe('WebSocketFramer', () => {
  it('lets control frames come between fragments (RFC 6455 5.4)', () => {
    const pieces = [
      frame(INVITE.slice(0, 100), { fin: false, mask: MASK }),
      frame('ping', { opcode: 9, mask: MASK }),
      frame(INVITE.slice(100, 101), { opcode: 0, fin: false, mask: [0, 0, 0, 0] }),
      frame('', { opcode: 0, fin: false }),
      frame(INVITE.slice(101), { opcode: 0, mask: [1, 2, 3, 4] }),
      frame('', { opcode: 8 }),
    ];
    const framer = framerOf();
    expect(feed(framer, ...pieces)).toEqual([INVITE]);
    expect(framer.counters).toMatchObject({ messages: 1, controls: 2, bad: 0 });
  });

  it('finds a masked frame in the middle of a stream', () => {
    const framer = framerOf();
    framer.gap();
    const before = frame(INVITE, { mask: MASK }).subarray(200);
    expect(feed(framer, before, frame('\r\n\r\n'), frame(INVITE, { mask: MASK }), frame(INVITE))).toEqual([
      INVITE,
      INVITE,
    ]);
  });

  it('drops the frame that a gap tears and goes on with the next', () => {
    const framer = framerOf();
    const whole = frame(INVITE, { mask: MASK });
    expect(feed(framer, whole.subarray(0, 300))).toEqual([]);
    framer.gap();
    expect(framer.allocated).toBe(0);
    expect(feed(framer, whole.subarray(400), whole)).toEqual([INVITE]);
  });

  it('counts and leaves out compressed messages (RFC 7692), whole or in fragments', () => {
    const framer = framerOf();
    const got = feed(
      framer,
      frame('xxxx', { rsv: 0x40 }),
      frame('xxxx', { rsv: 0x40, fin: false }),
      frame('xxxx', { opcode: 0, fin: false }),
      frame('xxxx', { opcode: 0 }),
      frame(INVITE),
    );
    expect(got).toEqual([INVITE]);
    expect(framer.counters).toMatchObject({ compressed: 2, bad: 0 });
  });

  it('passes over messages that are too long, without holding them', () => {
    const framer = framerOf();
    const long = new Uint8Array(70_000);
    expect(feed(framer, frame(long))).toEqual([]);
    const parts = Array.from({ length: 80 }, (_, i) =>
      frame(long.subarray(0, 1000), { opcode: i === 0 ? 2 : 0, fin: i === 79 }),
    );
    for (const part of parts) {
      expect(feed(framer, part)).toEqual([]);
      expect(framer.allocated).toBeLessThan(140_000);
    }
    expect(feed(framer, frame(INVITE))).toEqual([INVITE]);
    expect(framer.counters).toMatchObject({ oversize: 2, bad: 0, messages: 1 });
  });

  it.each<[string, Uint8Array]>([
    ['reserved bits', frame('x', { rsv: 0x20 })],
    ['a reserved opcode', frame('x', { opcode: 3 })],
    ['a reserved control opcode', frame('x', { opcode: 11 })],
    ['a ping in fragments', frame('x', { opcode: 9, fin: false })],
    ['a ping with a long payload', frame(new Uint8Array(126), { opcode: 9 })],
    ['a length in more bytes than it needs', frame('x', { extended: 2 })],
    ['a length in eight bytes that needs two', frame('x', { extended: 8 })],
    ['a length beyond reason', frame('x', { extended: 8, claimed: 2 ** 40 })],
    ['a length above 2^63', Uint8Array.from([0x81, 0x7f, 255, 255, 255, 255, 255, 255, 255, 255, 1])],
  ])('counts %s, and finds the next message', (_, bad) => {
    const framer = framerOf();
    expect(feed(framer, bad, frame(INVITE, { mask: MASK }))).toEqual([INVITE]);
    expect(framer.counters.bad).toBe(1);
    expect(framer.counters.resyncs).toBe(1);
  });

  it('drops a message that was never finished, and a continuation of nothing', () => {
    const framer = framerOf();
    expect(feed(framer, frame('lost', { fin: false }), frame(INVITE), frame('x', { opcode: 0 }))).toEqual([
      INVITE,
    ]);
    expect(framer.counters.bad).toBe(2);
  });

  it('keeps nothing for a connection that is idle, and little for half a message', () => {
    const framer = framerOf();
    feed(framer, frame(new Uint8Array(60_000)), frame(INVITE));
    expect(framer.allocated).toBe(0);
    feed(framer, frame(INVITE).subarray(0, 50));
    expect(framer.allocated).toBeLessThanOrEqual(8192);
    framer.release();
    expect(framer.allocated).toBe(0);
  });

  it('takes tiny fragments without growing beyond the message', () => {
    const framer = framerOf();
    for (let i = 0; i < 30_000; i++) feed(framer, frame('x', { opcode: i === 0 ? 1 : 0, fin: false }));
    expect(framer.allocated).toBeLessThan(80_000);
    expect(feed(framer, frame('', { opcode: 0 }))[0]).toHaveLength(30_000);
  });

  it('gives the same messages however the stream is cut', () => {
    const shape: fc.Arbitrary<FrameShape> = fc.record({
      opcode: fc.constantFrom(1, 2),
      mask: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
    });
    const fragments = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 4 });
    const message = fc.tuple(fc.constantFrom(...EXAMPLES), shape, fragments, fc.boolean());
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), sizes, (messages, cuts) => {
        const parts = messages.flatMap(([text, kind, lengths, ping]) => {
          const bytes = bytesOf(text);
          const ends = [...new Set([...lengths.filter((n) => n < bytes.length), bytes.length])].sort(
            (a, b) => a - b,
          );
          const frames = ends.map((end, i) =>
            frame(bytes.subarray(ends[i - 1] ?? 0, end), {
              ...kind,
              opcode: i === 0 ? kind.opcode! : 0,
              fin: end === bytes.length,
            }),
          );
          return ping ? frames.flatMap((one) => [one, frame('p', { opcode: 9, mask: MASK })]) : frames;
        });
        const stream = concatenate(...parts);
        const framer = framerOf();
        const got: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = Math.min(cuts[i % cuts.length]!, stream.length - at);
          framer.push(stream, at, size);
          got.push(...drain(framer));
          at += size;
        }
        expect(got).toEqual(messages.map(([text]) => Buffer.from(text, 'utf8').toString('latin1')));
        expect(framer.counters.bad).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('survives any bytes within its bounds', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .record({ opcode: fc.nat(15), fin: fc.boolean(), claimed: fc.nat(200_000) })
        .map((shape) => frame('xyz', shape)),
      fc.constantFrom(...EXAMPLES).map((text) => frame(text, { mask: MASK })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 30 }), (pieces) => {
        const framer = framerOf();
        for (const [bytes, gap] of pieces) {
          if (gap) framer.gap();
          framer.push(bytes, 0, bytes.length);
          for (const message of drain(framer)) expect(message.length).toBeLessThanOrEqual(65_536);
          expect(framer.allocated).toBeLessThan(300_000);
        }
      }),
      { numRuns: 500 },
    );
  });
});
