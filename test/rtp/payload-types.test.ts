import { expect, test } from 'vitest';
import { payloadFormat } from '../../src/rtp/payload-types.ts';

/** Octets of a silence descriptor, and of the shortest speech packet, as RFC 3551, RFC 4867 and TS 26.445 have them. */
test.each([
  ['G729', 8000, 2, 10],
  ['G729A', 8000, 2, 10],
  ['G723', 8000, 4, 20],
  ['AMR', 8000, 7, 13],
  ['AMR-WB', 16_000, 7, 18],
  // 48 bits in the compact format; 56 are a frame of 2.8 kbit/s.
  ['EVS', 16_000, 6, 7],
])('%s: silence is told from speech by its length', (name, clockRate, silent, speech) => {
  const { silenceOctetsMax } = payloadFormat(name, clockRate, 'sdp');
  expect(silenceOctetsMax).toBeGreaterThanOrEqual(silent);
  expect(silenceOctetsMax).toBeLessThan(speech);
});
