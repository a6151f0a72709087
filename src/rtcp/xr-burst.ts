import type { BurstGapDiscard, BurstGapLoss, DiscardCount } from '../records/endpoint-view.ts';
import { known, spanOf, uint24 } from './xr-number.ts';

const OVER_24 = 0xfffffe;
const DISCARD_KINDS: readonly DiscardCount['kind'][] = ['duplicates', 'early', 'late', 'earlyAndLate'];

/**
 * Reads a burst/gap loss block (RFC 6958 3.1), 6 words. Behind the threshold lie 24 bits of durations, then without
 * regard to words 24 bits lost, 24 expected, 12 of bursts and 36 of squares.
 */
export function readBurstGapLoss(data: DataView, offset: number): BurstGapLoss {
  const flags = data.getUint8(offset + 1);
  const squares = (data.getUint8(offset + 19) & 0x0f) * 2 ** 32 + data.getUint32(offset + 20);
  return {
    span: spanOf(flags),
    combined: (flags & 0x20) !== 0,
    gmin: data.getUint8(offset + 8),
    burstDurationsMs: known(uint24(data, offset + 9), OVER_24),
    lostInBursts: known(uint24(data, offset + 12), OVER_24),
    expectedInBursts: known(uint24(data, offset + 15), OVER_24),
    bursts: known(data.getUint16(offset + 18) >> 4, 0xffe),
    burstDurationsSquared: known(squares, 2 ** 36 - 2),
  };
}

/** Reads a burst/gap discard block (RFC 7003 3.1), 4 words. */
export function readBurstGapDiscard(data: DataView, offset: number): BurstGapDiscard {
  return {
    span: spanOf(data.getUint8(offset + 1)),
    gmin: data.getUint8(offset + 8),
    discardedInBursts: known(uint24(data, offset + 9), OVER_24),
    expectedInBursts: known(uint24(data, offset + 12), OVER_24),
  };
}

/** Reads a discard count block (RFC 7002 3.1), 3 words. */
export function readDiscardCount(data: DataView, offset: number): DiscardCount {
  const flags = data.getUint8(offset + 1);
  return {
    span: spanOf(flags),
    kind: DISCARD_KINDS[(flags >> 4) & 3]!,
    count: known(data.getUint32(offset + 8), 0xffff_fffe),
  };
}
