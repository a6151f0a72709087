import { describe, expect, test } from 'vitest';
import { type ModeReader, PayloadLooks } from '../../src/rtp/payload-peek.ts';

const SLOT = 3;

/** Looks at a stream of this codec from now on. */
function started(name: string, modes: ModeReader | null = null): PayloadLooks {
  const looks = new PayloadLooks(5);
  looks.start(SLOT, modes, name, null);
  return looks;
}

/** A payload of `octets`, captured in full. */
function look(looks: PayloadLooks, octets: number[], timeUs = 0, modes: ModeReader | null = null): void {
  const data = new DataView(Uint8Array.from(octets).buffer);
  looks.look(SLOT, modes, data, 0, octets.length, octets.length, timeUs);
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
    const looks = started(name);
    look(looks, filled(octet));
    expect(looks.seen(SLOT)).toMatchObject({ pcmPackets: 1, silentPackets: 1 });
  });

  test.each([
    ['PCMU', 0xf0],
    ['PCMU', 0x00],
    ['PCMA', 0x00],
    // Zero of the other law is a loud tone.
    ['PCMA', 0xff],
    ['PCMU', 0xd5],
  ])('%s of 0x%s is not', (name, octet) => {
    const looks = started(name);
    look(looks, filled(octet));
    expect(looks.seen(SLOT)).toMatchObject({ pcmPackets: 1, silentPackets: 0 });
  });

  test('the longest silence, and when it began', () => {
    const looks = started('PCMU');
    for (let s = 0; s < 60; s++) {
      const silent = (s >= 5 && s <= 9) || (s >= 20 && s <= 45);
      look(looks, silent ? filled(0xff) : speech, s * 1e6);
    }
    expect(looks.seen(SLOT)).toMatchObject({
      longestSilenceUs: 25e6,
      longestSilenceAtUs: 20e6,
      silentPackets: 31,
    });
  });

  test('a payload cut short says nothing, an empty one neither', () => {
    const looks = started('PCMU');
    look(looks, filled(0xff).slice(0, 8));
    look(looks, []);
    expect(looks.seen(SLOT)).toMatchObject({ pcmPackets: 0, packets: 1 });
  });
});

describe('codec modes', () => {
  const modes: ModeReader = {
    readerFor: (name) => (name === 'AMR' ? 7 : 0),
    read: (reader, data, offset) => (reader === 7 ? data.getUint8(offset) : 0),
    codes: 8,
  };

  test('are counted by code', () => {
    const looks = started('AMR', modes);
    for (const mode of [3, 3, 5]) look(looks, [mode, 1, 2], 0, modes);
    expect([...looks.seen(SLOT)!.codes!]).toEqual([0, 0, 0, 2, 0, 1, 0, 0]);
    expect(looks.seen(SLOT)).toMatchObject({ packets: 3, octets: 9, leastOctets: 3, mostOctets: 3 });
  });

  test('codecs of which nothing can be told are not looked at', () => {
    expect(started('G728', modes).seen(SLOT)).toBeNull();
    expect(started('AMR').seen(SLOT)).toBeNull();
  });
});

describe('a slot', () => {
  test('that is looked at anew has forgotten what it was before, and its neighbours have seen nothing', () => {
    const looks = started('PCMU');
    looks.start(SLOT + 1, null, 'PCMA', null);
    look(looks, filled(0xff), 1e6);
    look(looks, filled(0xff), 9e6);
    look(looks, speech, 10e6);
    expect(looks.seen(SLOT)).toMatchObject({ packets: 3, longestSilenceUs: 8e6 });
    expect(looks.seen(SLOT)!.halves!.reduce((sum, count) => sum + count, 0)).toBe(16);
    expect(looks.seen(SLOT + 1)).toMatchObject({ packets: 0, mostOctets: 0, silentPackets: 0 });
    looks.start(SLOT, null, 'PCMU', null);
    expect(looks.seen(SLOT)).toMatchObject({
      packets: 0,
      longestSilenceUs: 0,
      halves: new Array(16).fill(0),
    });
    looks.clear(SLOT);
    look(looks, speech);
    expect(looks.seen(SLOT)).toBeNull();
  });
});
