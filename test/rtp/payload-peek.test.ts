import { describe, expect, test } from 'vitest';
import { type ModeReader, type PayloadPeek, peek, startPeek } from '../../src/rtp/payload-peek.ts';

/** A payload of `octets`, captured in full unless said otherwise. */
function look(seen: PayloadPeek, octets: number[], timeUs = 0, modes: ModeReader | null = null): void {
  peek(seen, modes, new DataView(Uint8Array.from(octets).buffer), 0, octets.length, octets.length, timeUs);
}

const filled = (octet: number): number[] => new Array<number>(160).fill(octet);
const speech = Array.from({ length: 160 }, (_, i) => (i * 37) & 0xff);

describe('dead air in PCM', () => {
  test.each([
    ['PCMU', 0xff],
    ['PCMU', 0x7f],
    ['PCMU', 0xfe],
    ['PCMA', 0xd5],
    ['PCMA', 0x55],
    ['PCMA', 0x54],
  ])('%s of nothing but 0x%s is silence', (name, octet) => {
    const seen = startPeek(null, name, null)!;
    look(seen, filled(octet));
    expect(seen).toMatchObject({ pcmPackets: 1, silentPackets: 1 });
  });

  test.each([
    ['PCMU', 0xf0],
    ['PCMU', 0x00],
    ['PCMA', 0x00],
    // Zero of the other law is a loud tone.
    ['PCMA', 0xff],
    ['PCMU', 0xd5],
  ])('%s of 0x%s is not', (name, octet) => {
    const seen = startPeek(null, name, null)!;
    look(seen, filled(octet));
    expect(seen).toMatchObject({ pcmPackets: 1, silentPackets: 0 });
  });

  test('the longest silence, and when it began', () => {
    const seen = startPeek(null, 'PCMU', null)!;
    for (let s = 0; s < 60; s++) {
      const silent = (s >= 5 && s <= 9) || (s >= 20 && s <= 45);
      look(seen, silent ? filled(0xff) : speech, s * 1e6);
    }
    expect(seen).toMatchObject({ longestSilenceUs: 25e6, longestSilenceAtUs: 20e6, silentPackets: 31 });
  });

  test('a payload cut short says nothing, an empty one neither', () => {
    const seen = startPeek(null, 'PCMU', null)!;
    look(seen, filled(0xff).slice(0, 8));
    look(seen, []);
    expect(seen).toMatchObject({ pcmPackets: 0, packets: 1 });
  });
});

describe('codec modes', () => {
  const modes: ModeReader = {
    readerFor: (name) => (name === 'AMR' ? 7 : 0),
    read: (reader, data, offset) => (reader === 7 ? data.getUint8(offset) : 0),
    codes: 8,
  };

  test('are counted by code', () => {
    const seen = startPeek(modes, 'AMR', null)!;
    for (const mode of [3, 3, 5]) look(seen, [mode, 1, 2], 0, modes);
    expect([...seen.codes!]).toEqual([0, 0, 0, 2, 0, 1, 0, 0]);
    expect(seen).toMatchObject({ packets: 3, octets: 9, leastOctets: 3, mostOctets: 3 });
  });

  test('codecs of which nothing can be told are not looked at', () => {
    expect(startPeek(modes, 'G728', null)).toBeNull();
    expect(startPeek(null, 'AMR', null)).toBeNull();
  });
});
