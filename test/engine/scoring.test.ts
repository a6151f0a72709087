import { describe, expect, test } from 'vitest';
import { onItsOwnClock } from '../../src/engine/own-clock.ts';
import { DEFAULT_SCORING, scoreStream } from '../../src/engine/scoring.ts';
import { feed } from '../rtp/feed.ts';

const NOTHING_ELSE = { reports: null, back: null, encrypted: false };

describe('timestamps that advance at another rate than the one agreed', () => {
  test.each([0.5, 2])('a flawless stream at %f times the rate has a flawless score', (factor) => {
    const packets = Array.from({ length: 1500 }, (_, i) => ({
      atMs: i * 20,
      sequence: i,
      timestamp: i * 160 * factor,
    }));
    const measured = feed(packets);
    expect(measured.otherClockRate).toBe(8000 * factor);
    const scoring = scoreStream(onItsOwnClock(measured), NOTHING_ELSE, DEFAULT_SCORING);
    if (scoring === null || !('quality' in scoring)) throw new Error('no score');
    const { quality, whatIf } = scoring;
    expect(quality.mosLq).toBeCloseTo(4.41, 2);
    expect(quality.impairments.discard).toBe(0);
    // Assumed for the network, and one frame as long as it really is.
    expect(quality.assumptions).toMatchObject({ playout: 'none', delayMs: 70 });
    expect(quality.worst?.mosLq).toBeCloseTo(4.41, 2);
    expect(whatIf).toBeNull();
  });

  test('at the agreed rate the buffer counts', () => {
    const packets = Array.from({ length: 1500 }, (_, i) => ({
      atMs: i * 20 + (i % 50 === 49 ? 400 : 0),
      sequence: i,
      timestamp: i * 160,
    }));
    const scoring = scoreStream(feed(packets), NOTHING_ELSE, { ...DEFAULT_SCORING, playout: 'fixed50' });
    if (scoring === null || !('quality' in scoring)) throw new Error('no score');
    expect(scoring.quality.impairments.discard).toBeGreaterThan(1);
  });
});

test.each([
  [249, ['insufficient_data']],
  [250, []],
])('a score of %i packets has the flags %j', (count, flags) => {
  const packets = Array.from({ length: count }, (_, i) => ({
    atMs: i * 20,
    sequence: i,
    timestamp: i * 160,
  }));
  const scoring = scoreStream(feed(packets), NOTHING_ELSE, DEFAULT_SCORING);
  if (scoring === null || !('quality' in scoring)) throw new Error('no score');
  expect(scoring.quality.flags).toEqual(flags);
});
