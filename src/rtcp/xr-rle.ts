import type { RunLengthCounts } from '../records/endpoint-view.ts';

/** Header, SSRC, begin and end. */
export const RLE_HEAD = 12;

const BITS_PER_VECTOR = 15;

/**
 * Counts the bits of a run-length block (RFC 3611 4.1: Loss RLE, Duplicate RLE; RFC 7097: Discard RLE). Bits beyond
 * the reported range are padding. Work is linear in the chunks that are there, whatever range they claim.
 *
 * @param offset of the block; @param end of it
 */
export function countRuns(data: DataView, offset: number, end: number): RunLengthCounts {
  const thinning = data.getUint8(offset + 1) & 0x0f;
  const begin = data.getUint16(offset + 8);
  const range = (data.getUint16(offset + 10) - begin) & 0xffff;
  const covered = multiplesIn(begin, range, 1 << thinning);
  const counts: RunLengthCounts = {
    beginSequence: begin,
    endSequence: (begin + range) & 0xffff,
    thinning,
    reported: 0,
    ones: 0,
    zeros: 0,
    longestRunOfZeros: 0,
    missing: 0,
  };
  let run = 0;
  for (let at = offset + RLE_HEAD; at + 2 <= end && counts.reported < covered; at += 2) {
    const chunk = data.getUint16(at);
    if (chunk === 0) break;
    const left = covered - counts.reported;
    if (chunk < 0x8000) {
      const length = Math.min(chunk & 0x3fff, left);
      run = (chunk & 0x4000) === 0 ? run + length : length === 0 ? run : 0;
      addRun(counts, (chunk & 0x4000) !== 0, length, run);
      continue;
    }
    for (let bit = 0; bit < Math.min(BITS_PER_VECTOR, left); bit++) {
      const one = ((chunk >> (BITS_PER_VECTOR - 1 - bit)) & 1) === 1;
      run = one ? 0 : run + 1;
      addRun(counts, one, 1, run);
    }
  }
  counts.missing = covered - counts.reported;
  return counts;
}

function addRun(counts: RunLengthCounts, one: boolean, length: number, run: number): void {
  counts.reported += length;
  if (one) counts.ones += length;
  else counts.zeros += length;
  counts.longestRunOfZeros = Math.max(counts.longestRunOfZeros, run);
}

/** How many of `range` numbers from `begin` on (16 bit, wrapping) are multiples of `step`, a power of two. */
function multiplesIn(begin: number, range: number, step: number): number {
  const last = begin + range - 1;
  return Math.floor(last / step) - Math.floor((begin - 1) / step);
}
