import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunLengthCounts } from '../../src/records/endpoint-view.ts';
import { countRuns } from '../../src/rtcp/xr-rle.ts';
import { octets, xrBlock } from './reports.ts';

function counted(thinning: number, begin: number, end: number, chunks: number[]): RunLengthCounts {
  const block = xrBlock(
    1,
    thinning,
    octets([4, 1], [2, begin], [2, end], ...chunks.map((chunk) => [2, chunk] as [number, number])),
  );
  return countRuns(new DataView(block.buffer), 0, block.length);
}

const ones = (length: number): number => 0x4000 | length;
const zeros = (length: number): number => length;
/** Fifteen bits, the first number first. */
const vector = (bits: string): number => 0x8000 | Number.parseInt(bits, 2);

/** Chunks for a list of bits as a simple encoder would write them: vectors for the most part. */
function encode(bits: readonly boolean[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < bits.length; ) {
    let run = 1;
    while (at + run < bits.length && bits[at + run] === bits[at] && run < 0x3fff) run++;
    if (run > 20) {
      chunks.push(bits[at] ? ones(run) : zeros(run));
      at += run;
      continue;
    }
    chunks.push(vector(Array.from({ length: 15 }, (_, i) => (bits[at + i] ? '1' : '0')).join('')));
    at += 15;
  }
  return chunks;
}

describe('run-length blocks (RFC 3611 4.1)', () => {
  test('runs, vectors and the terminator', () => {
    // 100 received, 4 lost, 1 received, 2 lost, then 13 bits 1011111111111 of a vector.
    const got = counted(0, 1000, 1120, [
      ones(100),
      zeros(4),
      ones(1),
      zeros(2),
      vector('101111111111100'),
      0,
    ]);
    expect(got).toEqual({
      beginSequence: 1000,
      endSequence: 1120,
      thinning: 0,
      reported: 120,
      ones: 113,
      zeros: 7,
      longestRunOfZeros: 4,
      missing: 0,
    });
  });

  test('a run of zeros may go on from one chunk to the next', () => {
    const got = counted(0, 0, 60, [ones(20), zeros(10), vector('000111111111111'), ones(15)]);
    expect(got).toMatchObject({ reported: 60, zeros: 13, longestRunOfZeros: 13 });
  });

  test('bits beyond the range are padding', () => {
    expect(counted(0, 10, 15, [vector('101100000000000')])).toMatchObject({ reported: 5, ones: 3, zeros: 2 });
    expect(counted(0, 10, 15, [zeros(5000)])).toMatchObject({ reported: 5, zeros: 5 });
  });

  test('numbers that no chunk speaks of are missing, not lost', () => {
    expect(counted(0, 0, 100, [ones(40), 0, zeros(60)])).toMatchObject({
      reported: 40,
      ones: 40,
      zeros: 0,
      missing: 60,
    });
  });

  test('thinning: every 2^T-th number, by number and not by place', () => {
    // T = 2: of 10..29 the multiples of 4 are 12, 16, 20, 24, 28.
    expect(counted(2, 10, 30, [ones(3), zeros(2)])).toMatchObject({
      thinning: 2,
      reported: 5,
      ones: 3,
      zeros: 2,
    });
    expect(counted(15, 1, 0xffff, [ones(9)])).toMatchObject({ reported: 1, missing: 0 });
    // Across the wrap: 65532, 0, 4.
    expect(counted(2, 65_530, 5, [ones(9)])).toMatchObject({ endSequence: 5, reported: 3 });
  });

  test('an empty range', () => {
    expect(counted(0, 5, 5, [ones(100)])).toMatchObject({ reported: 0, missing: 0 });
  });

  test('whatever is encoded is counted', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 400 }), fc.nat(0xffff), (bits, begin) => {
        const got = counted(0, begin, (begin + bits.length) & 0xffff, encode(bits));
        const wanted = bits.filter((bit) => bit).length;
        expect(got).toMatchObject({
          reported: bits.length,
          ones: wanted,
          zeros: bits.length - wanted,
          missing: 0,
        });
        const runs = bits
          .map((bit) => (bit ? '1' : '0'))
          .join('')
          .split(/1+/);
        expect(got.longestRunOfZeros).toBe(Math.max(...runs.map((run) => run.length)));
      }),
    );
  });

  test('the work is bounded by the chunks, whatever the range claims', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(0xffff),
        fc.nat(0xffff),
        fc.array(fc.nat(0xffff), { maxLength: 200 }),
        (specific, begin, end, chunks) => {
          const got = counted(specific, begin, end, chunks);
          expect(got.ones + got.zeros).toBe(got.reported);
          expect(got.missing).toBeGreaterThanOrEqual(0);
          expect(got.reported + got.missing).toBeLessThanOrEqual(0x10000);
          expect(got.longestRunOfZeros).toBeLessThanOrEqual(got.zeros);
        },
      ),
    );
  });
});
