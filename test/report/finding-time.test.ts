import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/types.ts';
import { findingTime } from '../../src/report/finding-time.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { reportedCall } from '../../src/report/reported.ts';
import { call, START_US } from './records.ts';

/** When a finding was that began and ended so many seconds after the INVITE; the answer came after 4.12 s, the BYE after 20. */
function when(fromS: number, toS: number | null, changes: Partial<CallRecord> = {}): string | null {
  const at = (s: number | null): string | null => isoMicros(s === null ? null : START_US + s * 1e6);
  return findingTime({ startTime: at(fromS), endTime: at(toS) }, reportedCall(call(changes)));
}

describe('when a finding of a call was', () => {
  test('a moment, a time, and all that was left of the call', () => {
    expect(when(9, 9)).toBe('03:04:14.123');
    expect(when(9, 9.45)).toBe('03:04:14.123 for 450 ms');
    expect(when(9, 12.5)).toBe('03:04:14.123 for 3.5 s');
    expect(when(9, 19.9)).toBe('from 03:04:14.123');
    expect(when(9, null)).toBe('from 03:04:14.123');
  });

  test('nothing where it was the whole call: media begins and ends a little beside the signalling', () => {
    expect(when(0, 20)).toBeNull();
    expect(when(4.2, 19.18)).toBeNull();
    expect(when(4.12, null)).toBeNull();
    expect(when(0, 0.34, { answerUs: null, endUs: START_US + 340_000, durationMs: 340 })).toBeNull();
    // What is said of the first message is said at the beginning of the call.
    expect(when(0, 0)).toBeNull();
  });

  test('of a long call no more than an interval counts as nothing', () => {
    const long = { endUs: START_US + 3_600e6, durationMs: 3_600_000 };
    expect(when(8, 3_598, long)).toBeNull();
    expect(when(60, 3_598, long)).toBe('from 03:05:05.123');
    expect(when(8, 3_500, long)).toBe('03:04:13.123 for 58 min 12 s');
  });

  test('what comes after the end is not "to the end"', () => {
    expect(when(20, 50)).toBe('03:04:25.123 for 30.0 s');
  });

  test('all times of a call that the capture shows a part of', () => {
    expect(when(4.2, 19.18, { durationMs: null })).toBe('03:04:09.323 for 15.0 s');
    expect(when(4.2, 19.18, { endUs: null, durationMs: null })).toBe('03:04:09.323 for 15.0 s');
  });

  test('the day only where the call began on another', () => {
    const overnight = { endUs: START_US + 100_000e6, durationMs: 100_000_000 };
    expect(when(90_000, 90_000, overnight)).toBe('2026-01-03 04:04:05.123');
  });
});
