import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteFailure, ByteSource } from '../../src/capture/byte-source.ts';
import { Lz4Bytes } from '../../src/capture/lz4.ts';
import { XxHash32, xxHash32 } from '../../src/capture/xxhash32.ts';
import { concat, fields, pattern } from './write-captures.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe('XXH32', () => {
  test.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('published value of "%s"', (text, hash) => {
    const bytes = ascii(text);
    expect(xxHash32(bytes, 0, bytes.length)).toBe(hash);
  });

  test('parts give the same as the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(60)), (bytes, cuts) => {
        const hash = new XxHash32();
        let at = 0;
        for (const cut of cuts) {
          const to = Math.min(bytes.length, at + cut);
          hash.update(bytes, at, to);
          at = to;
        }
        hash.update(bytes, at, bytes.length);
        expect(hash.digest()).toBe(xxHash32(bytes, 0, bytes.length));
      }),
    );
  });
});

/** Octets that come in pieces of at most `piece`. */
class Pieces implements ByteSource {
  readonly failure = null;
  bytesTaken = 0;
  readonly #bytes: Uint8Array;
  readonly #piece: number;
  constructor(bytes: Uint8Array, piece: number) {
    this.#bytes = bytes;
    this.#piece = piece;
  }
  read(into: Uint8Array, at: number, room: number): number {
    const part = this.#bytes.subarray(this.bytesTaken, this.bytesTaken + Math.min(room, this.#piece));
    into.set(part, at);
    this.bytesTaken += part.length;
    return part.length;
  }
  close(): void {}
}

interface Unpacked {
  bytes: Uint8Array;
  failure: ByteFailure | null;
}

function unpack(packed: Uint8Array, piece = 1 << 20, room = 5000, already = 0): Unpacked {
  const source = new Lz4Bytes(new Pieces(packed.subarray(already), piece), packed.subarray(0, already));
  const parts: Uint8Array[] = [];
  const into = new Uint8Array(room);
  for (let count = source.read(into, 0, room); count > 0; count = source.read(into, 0, room)) {
    parts.push(into.slice(0, count));
  }
  return { bytes: concat(...parts), failure: source.failure };
}

/** The end of a frame header: its checksum octet (lz4_Frame_format.md, "Header Checksum"). */
function frame(flags: number, blockCode: number, rest: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const descriptor = concat(Uint8Array.of(flags, blockCode), rest);
  const check = (xxHash32(descriptor, 0, descriptor.length) >>> 8) & 0xff;
  return concat(Uint8Array.of(0x04, 0x22, 0x4d, 0x18), descriptor, Uint8Array.of(check), ...parts);
}
const word = (value: number): Uint8Array => fields(true, [value, 4]);
const NONE = new Uint8Array(0);
const END = word(0);

describe('frames written by hand', () => {
  test('the smallest: version 1, independent blocks of 64 KiB, one stored block of three octets', () => {
    expect(unpack(frame(0x60, 0x40, NONE, word(0x8000_0003), ascii('abc'), END))).toEqual({
      bytes: ascii('abc'),
      failure: null,
    });
  });

  test('a compressed block: 4 literals, a match of 12 at offset 4, then 5 literals', () => {
    // Token 0x48: 4 literals; match length 8 + 4. Offset 4, little-endian. Token 0x50: 5 literals, the last ones.
    const block = concat(Uint8Array.of(0x48), ascii('abcd'), Uint8Array.of(4, 0, 0x50), ascii('12345'));
    expect(unpack(frame(0x60, 0x40, NONE, word(block.length), block, END)).bytes).toEqual(
      ascii('abcdabcdabcdabcd12345'),
    );
  });

  test('lengths that need more octets, and a match that overlaps itself', () => {
    // 15 + 255 + 0 literals of one kind, a match of 15 + 20 + 4 at offset 1, and the five last literals.
    const literals = new Uint8Array(270).fill(0x78);
    const block = concat(
      Uint8Array.of(0xff, 255, 0),
      literals,
      Uint8Array.of(1, 0, 20, 0x50),
      ascii('12345'),
    );
    const { bytes } = unpack(frame(0x60, 0x40, NONE, word(block.length), block, END));
    expect(bytes).toEqual(concat(new Uint8Array(270 + 39).fill(0x78), ascii('12345')));
  });

  test('linked blocks refer to the block before', () => {
    const match = concat(Uint8Array.of(0x04, 8, 0, 0x50), ascii('12345'));
    const blocks = [word(0x8000_0008), ascii('ABCDEFGH'), word(match.length), match, END];
    expect(unpack(frame(0x40, 0x40, NONE, ...blocks)).bytes).toEqual(ascii('ABCDEFGHABCDEFGH12345'));
    // Independent ones cannot.
    expect(unpack(frame(0x60, 0x40, NONE, ...blocks)).failure?.kind).toBe('damaged');
  });

  test('block and content checksums, content size', () => {
    const content = ascii('checked');
    const hash = word(xxHash32(content, 0, content.length));
    const block = concat(word(0x8000_0007), content, hash);
    const size = concat(word(7), word(0));
    expect(unpack(frame(0x7c, 0x40, size, block, END, hash)).bytes).toEqual(content);
    const wrong = word(1);
    expect(unpack(frame(0x7c, 0x40, size, block, END, wrong))).toMatchObject({
      bytes: content,
      failure: { kind: 'damaged', text: 'the lz4 data are damaged' },
    });
    expect(unpack(frame(0x7c, 0x40, size, word(0x8000_0007), content, wrong, END, hash)).bytes).toEqual(NONE);
  });

  test('frames one after the other, and skippable ones between them', () => {
    const one = frame(0x60, 0x40, NONE, word(0x8000_0001), ascii('1'), END);
    const skipped = concat(word(0x184d_2a57), word(300), pattern(300));
    expect(unpack(concat(one, skipped, one, one)).bytes).toEqual(ascii('111'));
  });

  test.each([
    ['a wrong header checksum', concat(Uint8Array.of(4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0), END), 'damaged'],
    ['version 2', frame(0xa0, 0x40, NONE, END), 'damaged'],
    ['a reserved bit', frame(0x62, 0x40, NONE, END), 'damaged'],
    ['a block size that is none', frame(0x60, 0x30, NONE, END), 'damaged'],
    ['a dictionary', frame(0x61, 0x40, word(5), END), 'unsupported'],
    ['a block beyond the block size', frame(0x60, 0x40, NONE, word(70_000), pattern(70_000), END), 'damaged'],
    [
      'a match before the start',
      frame(0x60, 0x40, NONE, word(5), Uint8Array.of(0x10, 65, 2, 0, 0), END),
      'damaged',
    ],
    ['offset 0', frame(0x60, 0x40, NONE, word(5), Uint8Array.of(0x10, 65, 0, 0, 0), END), 'damaged'],
    [
      'output beyond the block size',
      frame(
        0x60,
        0x40,
        NONE,
        word(270),
        concat(Uint8Array.of(0x1f, 65, 1, 0), new Uint8Array(265).fill(255), Uint8Array.of(0)),
        END,
      ),
      'damaged',
    ],
    ['other data behind the frame', concat(frame(0x60, 0x40, NONE, END), ascii('garbage')), 'damaged'],
    ['no end', frame(0x60, 0x40, NONE, word(0x8000_0003), ascii('abc')), 'truncated'],
    ['half a header', Uint8Array.of(4, 0x22, 0x4d, 0x18, 0x60), 'truncated'],
  ])('%s', (_, packed, kind) => {
    expect(unpack(packed).failure?.kind).toBe(kind);
  });
});

const installed = spawnSync('lz4', ['--version'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!installed)('what the lz4 command writes', () => {
  /** Parts that repeat near and far, and parts that do not. */
  const content = concat(
    ...Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0
        ? pattern(3000, 1)
        : Uint8Array.from({ length: 3000 }, (_, k) => Math.imul(k + i, 0x9e3779b1) >>> 13),
    ),
  );
  const compress = (bytes: Uint8Array, ...options: string[]): Uint8Array =>
    new Uint8Array(execFileSync('lz4', ['-c', ...options], { input: bytes, maxBuffer: 1 << 26 }));

  test.each([
    ['-1'],
    ['-9'],
    ['-B4'],
    ['-B4', '-BD'],
    ['-B5', '-BD', '-BX'],
    ['-B7', '--content-size'],
    ['--no-frame-crc'],
    ['--fast=9', '-BX'],
  ])('%s %s %s', (...options) => {
    const packed = compress(content, ...(options.filter((option) => option !== undefined) as string[]));
    expect(packed.length).toBeLessThan(content.length);
    for (const [piece, room, already] of [
      [1 << 20, 1 << 20, 0],
      [100, 777, 8],
      [65_536, 128, 50],
    ] as const) {
      const { bytes, failure } = unpack(packed, piece, room, already);
      expect(failure).toBeNull();
      expect(Buffer.compare(bytes, content)).toBe(0);
    }
  });

  test('nothing, and any octets', () => {
    expect(unpack(compress(NONE))).toEqual({ bytes: NONE, failure: null });
    const packed = [1, 13, 1000].map((n) => [pattern(n), compress(pattern(n))] as const);
    for (const [bytes, frames] of packed) expect(unpack(frames).bytes).toEqual(bytes);
  });

  test('flipped octets and cuts end normally, and what is given out before is a beginning of the content', () => {
    const packed = compress(content.subarray(0, 30_000), '-B4', '-BD', '-BX');
    const flip = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(flip, { maxLength: 3 }), fc.nat(packed.length), (flips, cut) => {
        const damaged = Uint8Array.from(packed.subarray(0, cut));
        for (const [at, mask] of flips) if (at < cut) damaged[at]! ^= mask;
        const { bytes, failure } = unpack(damaged, 500);
        if (bytes.length < 30_000 && cut > 0) expect(failure).not.toBeNull();
        expect(Buffer.compare(bytes, content.subarray(0, bytes.length))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

test.runIf(!installed)('the lz4 command is not installed: frames written by hand are all there is', () => {
  expect(installed).toBe(false);
});
