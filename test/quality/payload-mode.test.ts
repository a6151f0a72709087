import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  opusBandwidth,
  opusCoding,
  opusFrameMs,
  PAYLOAD_CODES,
  PAYLOAD_MODE,
  PAYLOAD_NO_DATA,
  PAYLOAD_SILENCE,
  PAYLOAD_UNKNOWN,
  payloadReader,
  READER_AMR,
  READER_AMR_OCTET_ALIGNED,
  READER_AMR_WB,
  READER_AMR_WB_OCTET_ALIGNED,
  READER_EVS,
  READER_EVS_HEADER_FULL,
  READER_G723,
  READER_G729,
  READER_GSM,
  READER_ILBC,
  READER_NONE,
  READER_OPUS,
  readPayloadMode,
} from '../../src/quality/payload-mode.ts';

const MODE = PAYLOAD_MODE;

/** Reads a payload given as its first octets and its length, in the midst of a larger packet. */
function read(reader: number, head: readonly number[], length = head.length): number {
  const packet = new Uint8Array(40 + Math.max(length, head.length)).fill(0xa5);
  packet.fill(0, 40);
  packet.set(head, 40);
  return readPayloadMode(reader, new DataView(packet.buffer), 40, length);
}

/** Bits as text, spaces for reading, padded with zeros to octets. */
const bits = (text: string): number[] =>
  text
    .replace(/ /g, '')
    .match(/.{1,8}/g)!
    .map((octet) => Number.parseInt(octet.padEnd(8, '0'), 2));

describe('Opus TOC (RFC 6716 3.1)', () => {
  test.each([
    // config 5 bits, stereo 1 bit, frame count code 2 bits
    ['00000 0 00', 'SILK NB 10 ms', 0, 0, 0, 10],
    ['00011 0 00', 'SILK NB 60 ms', 3, 0, 0, 60],
    ['00101 0 01', 'SILK MB 20 ms', 5, 1, 0, 20],
    ['01001 0 00', 'SILK WB 20 ms', 9, 2, 0, 20],
    ['01010 1 11', 'SILK WB 40 ms', 10, 2, 0, 40],
    ['01100 0 00', 'hybrid SWB 10 ms', 12, 3, 1, 10],
    ['01111 0 00', 'hybrid FB 20 ms', 15, 4, 1, 20],
    ['10000 0 00', 'CELT NB 2.5 ms', 16, 0, 2, 2.5],
    ['10110 0 00', 'CELT WB 10 ms', 22, 2, 2, 10],
    ['11011 0 00', 'CELT SWB 20 ms', 27, 3, 2, 20],
    ['11111 1 00', 'CELT FB 20 ms', 31, 4, 2, 20],
  ])('%s is %s', (toc, _words, config, bandwidth, coding, frameMs) => {
    const code = read(READER_OPUS, bits(toc), 60);
    expect(code).toBe(MODE + config);
    expect([opusBandwidth(code), opusCoding(code), opusFrameMs(code)]).toEqual([bandwidth, coding, frameMs]);
  });

  test('bandwidths of standards 5.2: NB 0-3,16-19; MB 4-7; WB 8-11,20-23; SWB 12-13,24-27; FB 14-15,28-31', () => {
    const of = (wanted: number): number[] =>
      Array.from({ length: 32 }, (_, config) => config).filter((c) => opusBandwidth(MODE + c) === wanted);
    expect(of(0)).toEqual([0, 1, 2, 3, 16, 17, 18, 19]);
    expect(of(1)).toEqual([4, 5, 6, 7]);
    expect(of(2)).toEqual([8, 9, 10, 11, 20, 21, 22, 23]);
    expect(of(3)).toEqual([12, 13, 24, 25, 26, 27]);
    expect(of(4)).toEqual([14, 15, 28, 29, 30, 31]);
  });

  test('one or two octets are DTX, none is unknown', () => {
    expect([0, 1, 2, 3].map((length) => read(READER_OPUS, [0x78], length))).toEqual([
      PAYLOAD_UNKNOWN,
      PAYLOAD_SILENCE,
      PAYLOAD_SILENCE,
      MODE + 15,
    ]);
  });

  test('codes that are no mode have no bandwidth, coding or length', () => {
    for (const code of [PAYLOAD_UNKNOWN, PAYLOAD_SILENCE, PAYLOAD_NO_DATA, MODE + 32]) {
      expect([opusBandwidth(code), opusCoding(code), opusFrameMs(code)]).toEqual([-1, -1, 0]);
    }
  });
});

describe('AMR and AMR-WB (RFC 4867)', () => {
  test.each([
    // CMR 15 (none) and 4 bits of padding; F 0, FT 7, Q 1, 2 bits of padding; 244 bits are 31 octets
    ['12.2', '1111 0000  0 0111 1 00', 1 + 1 + 31, 7],
    ['4.75', '0000 0000  0 0000 1 00', 1 + 1 + 12, 0],
    // two frames: 7.4 (148 bits, 19 octets) and 5.9 (118 bits, 15 octets)
    ['7.4 then 5.9', '1111 0000  1 0100 1 00  0 0010 1 00', 1 + 2 + 19 + 15, 4],
    // no data, then 12.2: the speech frame decides
    ['nothing then 12.2', '1111 0000  1 1111 1 00  0 0111 1 00', 1 + 2 + 31, 7],
    // SID, then 12.2
    ['SID then 12.2', '1111 0000  1 1000 1 00  0 0111 1 00', 1 + 2 + 5 + 31, 7],
  ])('octet-aligned %s kbit/s', (_words, header, length, mode) => {
    expect(read(READER_AMR_OCTET_ALIGNED, bits(header), length)).toBe(MODE + mode);
  });

  test.each([
    // CMR 4 bits, F 1, FT 4, Q 1, then 244 bits: 254 bits, 32 octets
    ['12.2', '1111 0 0111 1', 32, 7],
    // 4 + 6 + 95 = 105 bits
    ['4.75', '1111 0 0000 1', 14, 0],
    // 4 + 2 * 6 + 148 + 118 = 282 bits; the second entry crosses an octet
    ['7.4 then 5.9', '1111 1 0100 1 0 0010 1', 36, 4],
    // 4 + 3 * 6 + 3 * 204 = 634 bits
    ['10.2 three times', '1111 1 0110 1 1 0110 1 0 0110 1', 80, 6],
  ])('bandwidth-efficient %s kbit/s', (_words, header, length, mode) => {
    expect(read(READER_AMR, bits(header), length)).toBe(MODE + mode);
  });

  test.each([
    ['23.85, 477 bits are 60 octets', READER_AMR_WB_OCTET_ALIGNED, '1111 0000  0 1000 1 00', 62, MODE + 8],
    ['12.65, 253 bits are 32 octets', READER_AMR_WB_OCTET_ALIGNED, '1111 0000  0 0010 1 00', 34, MODE + 2],
    ['12.65, 4 + 6 + 253 = 263 bits', READER_AMR_WB, '1111 0 0010 1', 33, MODE + 2],
    ['6.6, 4 + 6 + 132 = 142 bits', READER_AMR_WB, '1111 0 0000 1', 18, MODE],
    ['SID, 40 bits', READER_AMR_WB_OCTET_ALIGNED, '1111 0000  0 1001 1 00', 7, PAYLOAD_SILENCE],
    ['SID, 4 + 6 + 40 = 50 bits', READER_AMR_WB, '1111 0 1001 1', 7, PAYLOAD_SILENCE],
    ['speech lost', READER_AMR_WB_OCTET_ALIGNED, '1111 0000  0 1110 0 00', 2, PAYLOAD_NO_DATA],
    ['no data', READER_AMR_WB, '1111 0 1111 1', 2, PAYLOAD_NO_DATA],
    ['narrowband SID, 39 bits', READER_AMR_OCTET_ALIGNED, '1111 0000  0 1000 1 00', 7, PAYLOAD_SILENCE],
    ['narrowband SID, 4 + 6 + 39 = 49 bits', READER_AMR, '1111 0 1000 1', 7, PAYLOAD_SILENCE],
    ['reserved type 11', READER_AMR_WB_OCTET_ALIGNED, '1111 0000  0 1011 1 00', 2, PAYLOAD_UNKNOWN],
    ['narrowband has no type 14', READER_AMR_OCTET_ALIGNED, '1111 0000  0 1110 1 00', 2, PAYLOAD_UNKNOWN],
  ])('%s', (_words, reader, header, length, code) => {
    expect(read(reader, bits(header), length)).toBe(code);
  });

  test('first octets seen in a real capture (AMR, bandwidth-efficient)', () => {
    // 0111 (CMR 7) 0 0111 1 then speech: 4 + 6 + 244 = 254 bits
    expect(read(READER_AMR, [0x73, 0xc2], 32)).toBe(MODE + 7);
    // 0111 0 0001 1: 5.15 kbit/s, 4 + 6 + 103 = 113 bits
    expect(read(READER_AMR, [0x70, 0xc0], 15)).toBe(MODE + 1);
  });

  test('a length that does not fit the table of contents is unknown: truncated, or the other packing', () => {
    expect(read(READER_AMR_OCTET_ALIGNED, bits('1111 0000  0 0111 1 00'), 32)).toBe(PAYLOAD_UNKNOWN);
    expect(read(READER_AMR, bits('1111 0 0111 1'), 31)).toBe(PAYLOAD_UNKNOWN);
    expect(read(READER_AMR, bits('1111 0000  0 0111 1 00'), 33)).toBe(PAYLOAD_UNKNOWN);
    expect(read(READER_AMR, [0xf0], 1)).toBe(PAYLOAD_UNKNOWN);
    expect(read(READER_AMR_OCTET_ALIGNED, [], 0)).toBe(PAYLOAD_UNKNOWN);
  });

  test('a table of contents that never ends is unknown', () => {
    expect(read(READER_AMR_OCTET_ALIGNED, new Array(1400).fill(0xff))).toBe(PAYLOAD_UNKNOWN);
    expect(read(READER_AMR, new Array(1400).fill(0xff))).toBe(PAYLOAD_UNKNOWN);
  });
});

describe('EVS (TS 26.445 A.2)', () => {
  test.each([
    [6, PAYLOAD_SILENCE, 'SID'],
    [18, MODE + 1, '7.2'],
    [20, MODE + 2, '8'],
    [24, MODE + 3, '9.6'],
    [33, MODE + 4, '13.2'],
    [41, MODE + 5, '16.4'],
    [61, MODE + 6, '24.4'],
    [80, MODE + 7, '32'],
    [120, MODE + 8, '48'],
    [160, MODE + 9, '64'],
    [240, MODE + 10, '96'],
    [320, MODE + 11, '128'],
    [17, MODE + 12, 'AMR-WB IO 6.6'],
    [23, MODE + 13, 'AMR-WB IO 8.85'],
    [32, MODE + 14, 'AMR-WB IO 12.65'],
    [36, MODE + 15, 'AMR-WB IO 14.25'],
    [40, MODE + 16, 'AMR-WB IO 15.85'],
    [46, MODE + 17, 'AMR-WB IO 18.25'],
    [50, MODE + 18, 'AMR-WB IO 19.85'],
    [58, MODE + 19, 'AMR-WB IO 23.05'],
    [60, MODE + 20, 'AMR-WB IO 23.85'],
  ])('compact, %i octets: code %i, %s', (length, code) => {
    // Size alone decides; not one octet need be captured.
    expect(readPayloadMode(READER_EVS, new DataView(new ArrayBuffer(0)), 0, length)).toBe(code);
  });

  test('56 bits: 2.8 kbit/s begins with 0, an AMR-WB IO SID with its mode request', () => {
    expect(read(READER_EVS, [0x7f], 7)).toBe(MODE);
    // H 1 T 111 D 1111; H 0, F 0, AMR-WB IO 1, Q 1, SID 1001; 5 octets of SID
    expect(read(READER_EVS, bits('1 111 1111  0 0 1 1 1001'), 7)).toBe(PAYLOAD_SILENCE);
  });

  test.each([
    // H 0, F 0, primary 0, unused 0, 13.2 is index 4; 33 octets
    ['13.2', '0 0 0 0 0100', 34, MODE + 4],
    ['13.2 behind a mode request', '1 000 0100  0 0 0 0 0100', 35, MODE + 4],
    ['24.4 twice', '0 1 0 0 0110  0 0 0 0 0110', 2 + 122, MODE + 6],
    ['13.2 with zeros to keep clear of a compact size', '0 0 0 0 0100', 37, MODE + 4],
    ['AMR-WB IO 12.65, 32 octets', '0 0 1 1 0010', 33 + 2, MODE + 14],
    ['SID, then 9.6', '0 1 0 0 1100  0 0 0 0 0011', 2 + 6 + 24 + 2, MODE + 3],
    ['SID', '0 0 0 0 1100', 8, PAYLOAD_SILENCE],
    ['no data', '0 0 0 0 1111', 1, PAYLOAD_NO_DATA],
    ['speech lost in AMR-WB IO', '0 0 1 1 1110', 1, PAYLOAD_NO_DATA],
    ['primary index 13 is reserved', '0 0 0 0 1101', 34, PAYLOAD_UNKNOWN],
    ['AMR-WB IO index 11 is reserved', '0 0 1 1 1011', 34, PAYLOAD_UNKNOWN],
    ['shorter than its frame', '0 0 0 0 0100', 30, PAYLOAD_UNKNOWN],
    ['a second mode request', '1 000 0100  1 000 0100', 35, PAYLOAD_UNKNOWN],
    ['a mode request and nothing more', '1 000 0100', 1, PAYLOAD_UNKNOWN],
  ])('header-full: %s', (_words, header, length, code) => {
    expect(read(READER_EVS, bits(header), length)).toBe(code);
  });

  test('hf-only=1: a protected size is no compact frame', () => {
    // 32 octets of AMR-WB IO 12.65 and its header make 33, the size of compact 13.2.
    const header = bits('0 0 1 1 0010');
    expect(read(READER_EVS, header, 33)).toBe(MODE + 4);
    expect(read(READER_EVS_HEADER_FULL, header, 33)).toBe(MODE + 14);
    expect(read(READER_EVS_HEADER_FULL, new Array(400).fill(0x4f))).toBe(PAYLOAD_UNKNOWN);
  });
});

describe('codecs known by length or by a few bits (standards 5.2)', () => {
  test.each([
    [0, PAYLOAD_UNKNOWN],
    [2, PAYLOAD_SILENCE],
    [10, MODE],
    [20, MODE],
    [22, MODE],
    [21, PAYLOAD_UNKNOWN],
    [8, PAYLOAD_UNKNOWN],
  ])('G.729, %i octets: code %i', (length, code) => {
    expect(read(READER_G729, [], length)).toBe(code);
  });

  test.each([
    ['6.3 kbit/s', [0b00], 24, MODE],
    ['5.3 kbit/s', [0b01], 20, MODE + 1],
    ['SID', [0b10], 4, PAYLOAD_SILENCE],
    ['6.3 twice', [0b00], 48, MODE],
    ['SID, then 5.3', [0b10, 0, 0, 0, 0b01], 24, MODE + 1],
    ['reserved', [0b11], 1, PAYLOAD_UNKNOWN],
    ['6.3 cut short', [0b00], 20, PAYLOAD_UNKNOWN],
    ['nothing', [], 0, PAYLOAD_UNKNOWN],
    ['endless', [], 4800, PAYLOAD_UNKNOWN],
  ])('G.723.1 %s', (_words, head, length, code) => {
    expect(read(READER_G723, head, length)).toBe(code);
  });

  test.each([
    [38, MODE],
    [76, MODE],
    [50, MODE + 1],
    [100, MODE + 1],
    [1900, PAYLOAD_UNKNOWN],
    [0, PAYLOAD_UNKNOWN],
    [40, PAYLOAD_UNKNOWN],
  ])('iLBC, %i octets: code %i', (length, code) => {
    expect(read(READER_ILBC, [], length)).toBe(code);
  });

  test.each([
    ['full rate', 0xd4, 33, MODE],
    ['full rate twice', 0xd4, 66, MODE],
    ['enhanced full rate', 0xc9, 31, MODE + 1],
    ['wrong nibble', 0x54, 33, PAYLOAD_UNKNOWN],
    ['Microsoft framing', 0xd4, 65, PAYLOAD_UNKNOWN],
    ['EFR nibble, full-rate length', 0xc4, 33, PAYLOAD_UNKNOWN],
  ])('GSM %s', (_words, first, length, code) => {
    expect(read(READER_GSM, [first], length)).toBe(code);
  });
});

describe('readers', () => {
  test.each([
    ['opus', null, READER_OPUS],
    ['AMR', null, READER_AMR],
    ['amr', 'octet-align=1; mode-set=7', READER_AMR_OCTET_ALIGNED],
    ['AMR', 'mode-set=0; octet-align=0', READER_AMR],
    ['AMR', 'robust-sorting=1', READER_AMR_OCTET_ALIGNED],
    ['AMR', 'octet-align=1;crc=1', READER_NONE],
    ['AMR-WB', 'octet-align=1;interleaving=30', READER_NONE],
    ['AMR-WB', 'octet-align=1', READER_AMR_WB_OCTET_ALIGNED],
    ['AMR-WB', null, READER_AMR_WB],
    ['EVS', 'br=13.2', READER_EVS],
    ['EVS', 'hf-only=1', READER_EVS_HEADER_FULL],
    ['G729', null, READER_G729],
    ['G723', null, READER_G723],
    ['iLBC', null, READER_ILBC],
    ['GSM-EFR', null, READER_GSM],
    ['PCMU', null, READER_NONE],
  ])('%s %s', (name, fmtp, reader) => {
    expect(payloadReader(name, fmtp)).toBe(reader);
  });

  test('any octets give a code, also when only a part of the packet was captured', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0, max: 210 }),
        fc.integer({ min: 0, max: 70_000 }),
        (reader, octets, offset, length) => {
          const code = readPayloadMode(reader, new DataView(octets.buffer), offset, length);
          expect(Number.isInteger(code) && code >= 0 && code < PAYLOAD_CODES).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('what the header needs but was not captured is unknown, and reads nothing behind the capture', () => {
    const nothing = new DataView(new ArrayBuffer(40));
    for (const reader of [READER_OPUS, READER_AMR, READER_AMR_WB_OCTET_ALIGNED, READER_G723, READER_GSM]) {
      expect(readPayloadMode(reader, nothing, 40, 33)).toBe(PAYLOAD_UNKNOWN);
    }
    expect(readPayloadMode(READER_OPUS, nothing, -1, 33)).toBe(PAYLOAD_UNKNOWN);
  });
});
