import * as row from './stream-row.ts';

/** RFC 3550 A.1 constants. */
export const MAX_DROPOUT = 3000;
export const MAX_MISORDER = 100;
const MIN_SEQUENTIAL = 2;
const NO_SEQUENCE = -1;

/*
 * The literal source of RFC 3550 A.1 and A.3 beside our own accounting. Nearly always its highest number moves in
 * step with ours; it is "tied" then, and RFC_MAX and RFC_RECEIVED hold differences to HIGHEST, so that a packet in
 * order costs nothing. Anything else unties it, runs the letter of the RFC, and ties it again when it can.
 */

/** First packet of a source: everything waits for MIN_SEQUENTIAL packets in a row. */
export function startLiteralSource(n: Int32Array, base: number, sequence: number): void {
  n[base + row.RFC_TIED] = 0;
  n[base + row.RFC_MAX] = sequence;
  n[base + row.RFC_BASE] = sequence;
  n[base + row.RFC_RECEIVED] = 0;
  n[base + row.RFC_PROBATION] = MIN_SEQUENTIAL - 1;
  n[base + row.RFC_BAD] = NO_SEQUENCE;
}

/** Makes RFC_MAX and RFC_RECEIVED plain numbers. Call before HIGHEST moves by anything but one packet in order. */
export function untieLiteralSource(n: Int32Array, base: number): void {
  if (n[base + row.RFC_TIED] === 0) return;
  n[base + row.RFC_TIED] = 0;
  n[base + row.RFC_MAX] = n[base + row.RFC_MAX]! + n[base + row.HIGHEST]!;
  n[base + row.RFC_RECEIVED] = n[base + row.RFC_RECEIVED]! + n[base + row.HIGHEST]!;
}

/** Ties the source when it is valid and its highest number is ours. */
export function tieLiteralSource(n: Int32Array, base: number): void {
  const highest = n[base + row.HIGHEST]!;
  if (n[base + row.RFC_PROBATION] !== 0 || ((n[base + row.RFC_MAX]! - highest) & 0xffff) !== 0) return;
  n[base + row.RFC_TIED] = 1;
  n[base + row.RFC_MAX] = n[base + row.RFC_MAX]! - highest;
  n[base + row.RFC_RECEIVED] = n[base + row.RFC_RECEIVED]! - highest;
}

/** RFC 3550 A.1 `update_seq` to the letter, on an untied source. */
export function updateLiteralSource(n: Int32Array, base: number, sequence: number): void {
  const max = n[base + row.RFC_MAX]!;
  if (n[base + row.RFC_PROBATION]! > 0) {
    if (sequence === ((max + 1) & 0xffff)) {
      n[base + row.RFC_PROBATION] = n[base + row.RFC_PROBATION]! - 1;
      n[base + row.RFC_MAX] = sequence;
      if (n[base + row.RFC_PROBATION] === 0) restart(n, base, sequence);
    } else {
      n[base + row.RFC_PROBATION] = MIN_SEQUENTIAL - 1;
      n[base + row.RFC_MAX] = sequence;
    }
    return;
  }
  const delta = (sequence - max) & 0xffff;
  if (delta < MAX_DROPOUT) {
    n[base + row.RFC_MAX] = max + delta;
  } else if (delta <= 65536 - MAX_MISORDER) {
    if (sequence !== n[base + row.RFC_BAD]) {
      n[base + row.RFC_BAD] = (sequence + 1) & 0xffff;
      return;
    }
    restart(n, base, sequence);
    return;
  }
  n[base + row.RFC_RECEIVED] = n[base + row.RFC_RECEIVED]! + 1;
}

function restart(n: Int32Array, base: number, sequence: number): void {
  n[base + row.RFC_MAX] = sequence;
  n[base + row.RFC_BASE] = sequence;
  n[base + row.RFC_BAD] = NO_SEQUENCE;
  n[base + row.RFC_RECEIVED] = 1;
}

/**
 * Cumulative loss by RFC 3550 A.3: expected minus received, signed. Duplicates lower it and may turn it negative,
 * and it starts over with every restart. 0 while the source never left probation.
 */
export function literalLoss(n: Int32Array, base: number): number {
  if (n[base + row.RFC_PROBATION]! > 0) return 0;
  untieLiteralSource(n, base);
  return n[base + row.RFC_MAX]! - n[base + row.RFC_BASE]! + 1 - n[base + row.RFC_RECEIVED]!;
}
