import { describe, expect, test } from 'vitest';
import { CALLED_TONE, CALLING_TONE, faxTone, NO_TONE } from '../../src/rtp/pure-tone.ts';

/** G.711 mu-law by its segments (ITU-T G.711 table 2a), and A-law (table 1a), of a 14- and a 13-bit value. */
function mulaw(sample: number): number {
  const magnitude = Math.min(8158, Math.abs(sample) / 4) + 33;
  const segment = Math.floor(Math.log2(magnitude)) - 5;
  const step = Math.floor(magnitude / 2 ** (segment + 1)) - 16;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

function alaw(sample: number): number {
  const magnitude = Math.min(4095, Math.abs(sample) / 8);
  const segment = magnitude < 32 ? 0 : Math.floor(Math.log2(magnitude)) - 4;
  const step = Math.floor(segment === 0 ? magnitude / 2 : magnitude / 2 ** segment) & 15;
  return ((sample >= 0 ? 0x80 : 0) | (segment << 4) | step) ^ 0x55;
}

function payload(sample: (i: number) => number, law: (sample: number) => number, length = 160): DataView {
  return new DataView(Uint8Array.from({ length }, (_, i) => law(Math.round(sample(i)))).buffer);
}

const sine =
  (hz: number, amplitude: number) =>
  (i: number): number =>
    amplitude * Math.sin((2 * Math.PI * hz * i) / 8000 + 0.3);

describe('the tones of fax machines in G.711', () => {
  test.each([
    [1100, 8000, CALLING_TONE],
    [1062, 2000, CALLING_TONE],
    [1138, 20_000, CALLING_TONE],
    [2100, 8000, CALLED_TONE],
    [2085, 1000, CALLED_TONE],
    [2115, 16_000, CALLED_TONE],
    [1030, 8000, NO_TONE],
    [1170, 8000, NO_TONE],
    [2060, 8000, NO_TONE],
    [2140, 8000, NO_TONE],
    [440, 8000, NO_TONE],
    [3900, 8000, NO_TONE],
  ])('%d Hz at amplitude %d', (hz, amplitude, tone) => {
    // Wherever in its period the packet begins: what the first samples show is rough.
    for (let phase = 0; phase < 32; phase++) {
      const shifted = (i: number): number => sine(hz, amplitude)(i + (phase * 8000) / hz / 32);
      expect(faxTone(payload(shifted, mulaw), 0, 160, false)).toBe(tone);
      expect(faxTone(payload(shifted, alaw), 0, 160, true)).toBe(tone);
    }
  });

  test.each([
    ['two tones (a digit)', (i: number) => sine(770, 6000)(i) + sine(1336, 6000)(i)],
    [
      'a vowel',
      (i: number) => sine(150, 5000)(i) + sine(600, 3000)(i) + sine(1050, 2500)(i) + sine(2400, 800)(i),
    ],
    ['noise', (i: number) => ((i * 7919 + 13) % 9973) * 2 - 9973],
    ['silence', () => 0],
    ['a whisper of a tone', sine(2100, 40)],
  ])('%s is none', (_name, sample) => {
    expect(faxTone(payload(sample, mulaw), 0, 160, false)).toBe(NO_TONE);
    expect(faxTone(payload(sample, alaw), 0, 160, true)).toBe(NO_TONE);
  });

  test('too short a payload says nothing', () => {
    expect(faxTone(payload(sine(2100, 8000), mulaw, 79), 0, 79, false)).toBe(NO_TONE);
  });

  test('the other law is not mistaken for a tone of that frequency', () => {
    expect(faxTone(payload(sine(2100, 8000), alaw), 0, 160, false)).not.toBe(CALLING_TONE);
  });
});
