import { describe, expect, test } from 'vitest';
import { IntervalFeed } from '../../src/engine/interval-feed.ts';
import { DEFAULT_SCORING } from '../../src/engine/scoring.ts';
import type { IntervalRecord } from '../../src/records/interval-record.ts';
import { ALICE, audioOf, BOB, Dialog } from '../calls/dialog.ts';
import { Tape } from '../calls/tape.ts';
import { type Replayed, replayed } from './replayed.ts';

/** A call of 30 s both ways whose codec is agreed at one rate; `real` is how fast its timestamps advance. */
function call(
  rtpmap: string,
  real: number,
  delayMs: (index: number) => number,
): { told: IntervalRecord[]; all: Replayed } {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  const codecs: [number, string][] = [[98, rtpmap]];
  dialog.answered(0, audioOf(ALICE, { codecs }), audioOf(BOB, { codecs }));
  dialog.conversation(1050, 1500, { payloadType: 98, clockRate: real, delayMs });
  dialog.released(31_200);
  const told: IntervalRecord[] = [];
  let feed: IntervalFeed | null = null;
  const all = replayed(tape.file(), 100, {}, (engine) => {
    feed ??= new IntervalFeed(engine.rtp, engine.calls, DEFAULT_SCORING);
    feed.collect((record) => told.push(record));
  });
  return { told, all };
}

const spread = (index: number): number => (index * 7919) % 13;

describe.each([
  ['G722/16000', 8000, 4.34],
  ['opus/16000/2', 48_000, 4.23],
  ['PCMU/8000', 10_000, 4.41],
])('%s whose timestamps advance at %i Hz', (rtpmap, real, mosLq) => {
  const { told, all } = call(rtpmap, real, spread);

  test('is told while it runs without what its wrong clock made, from the first interval on', () => {
    expect(told.length).toBeGreaterThanOrEqual(10);
    for (const interval of told) {
      expect(interval).toMatchObject({ discarded: 0, jitterMs: null, pdvP95Ms: null, ipdvP95Ms: null });
      // Of Opus the mode is known in the end only.
      expect(interval.mosLq).toBeCloseTo(mosLq, 1);
    }
  });

  test('has no jitter, no delays and no discards in the end, and says why', () => {
    for (const stream of all.streams) {
      expect(stream.clockRateMeasured).toBe(real);
      expect(stream.ptimeMs).toBe(20);
      expect(stream.jitterMs).toMatchObject({ mean: null, p95: null, max: null });
      expect(stream.pdvMs).toMatchObject({ p95: null, max: null, samples: 0 });
      expect(stream.ipdvMs.p95).toBeNull();
      expect(stream.playout).toEqual({});
      expect(stream.intervals.at(0)).toMatchObject({ discarded: 0, pdvP50Ms: null, leastDelayMs: null });
      expect(stream.quality?.mosLq).toBeCloseTo(mosLq, 2);
    }
    expect(new Set(all.findings.map(({ code }) => code))).toEqual(new Set(['clock_rate_mismatch']));
  });
});

test('jitter, queues and drifting clocks do not make a clock another one', () => {
  for (const delayMs of [
    spread,
    // A queue that fills and empties, up to 600 ms.
    (index: number) => 600 * Math.abs(Math.sin(index / 80)),
    // Half a second more and more over the first interval, then steady.
    (index: number) => Math.min(500, index * 2),
  ]) {
    const { told, all } = call('PCMU/8000', 8000, delayMs);
    expect(told.length).toBeGreaterThanOrEqual(10);
    for (const interval of told) expect(interval.pdvP95Ms).not.toBeNull();
    for (const stream of all.streams) expect(stream.clockRateMeasured).toBeNull();
  }
});
