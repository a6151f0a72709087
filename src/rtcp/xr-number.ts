import type { XrSpan } from '../records/endpoint-view.ts';

/**
 * Numbers of the newer blocks keep their two highest codes for "over range" and "unavailable": neither is a value.
 *
 * @param limit the "over range" code, such as 0xfffe
 */
export function known(value: number, limit: number): number | null {
  return value >= limit ? null : value;
}

/** A time in 1/65536 s as ms; null for the two reserved codes (RFC 6843 3.2). */
export function shortTimeMs(value: number): number | null {
  return value >= 0xffff_fffe ? null : (value * 1000) / 65536;
}

/** The 24 bits at `offset`, unsigned. */
export function uint24(data: DataView, offset: number): number {
  return (data.getUint16(offset) << 8) | data.getUint8(offset + 2);
}

const SPANS: readonly XrSpan[] = [null, 'sampled', 'interval', 'cumulative'];

/** The interval metric flag in the upper two bits of a block's type-specific octet (RFC 6792, RFC 6776). */
export function spanOf(typeSpecific: number): XrSpan {
  return SPANS[typeSpecific >> 6]!;
}
