import { describe, expect, test } from 'vitest';
import { toneFrequency } from '../../src/rtp/pure-tone.ts';

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

describe('one pure tone in G.711', () => {
  test.each([
    [1100, 8000],
    [1062, 2000],
    [1138, 20_000],
    [2100, 8000],
    [2085, 1000],
    [2115, 16_000],
    [440, 8000],
  ])('%d Hz at amplitude %d', (hz, amplitude) => {
    expect(Math.abs(toneFrequency(payload(sine(hz, amplitude), mulaw), 0, 160, false) - hz)).toBeLessThan(10);
    expect(Math.abs(toneFrequency(payload(sine(hz, amplitude), alaw), 0, 160, true) - hz)).toBeLessThan(10);
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
    expect(toneFrequency(payload(sample, mulaw), 0, 160, false)).toBe(0);
    expect(toneFrequency(payload(sample, alaw), 0, 160, true)).toBe(0);
  });

  test('too short a payload says nothing', () => {
    expect(toneFrequency(payload(sine(2100, 8000), mulaw, 79), 0, 79, false)).toBe(0);
  });

  test('the other law is not mistaken for a tone of that frequency', () => {
    const wrong = toneFrequency(payload(sine(2100, 8000), alaw), 0, 160, false);
    expect(Math.abs(wrong - 1100)).toBeGreaterThan(48);
  });
});
