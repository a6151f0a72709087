import { describe, expect, test } from 'vitest';
import { LossInstants } from '../../src/across/loss-instants.ts';
import { LossFeed } from '../../src/rtp/loss-feed.ts';
import type { StreamKey } from '../../src/rtp/plane.ts';

const host = (number: number): Int32Array => Int32Array.of(0, 0, 0xffff, (10 << 24) | (number << 8) | 1);

/** A stream between two networks. */
const stream = (from: number, to: number, ssrc: number): StreamKey => ({
  src: host(from),
  srcPort: 4000,
  dst: host(to),
  dstPort: 5000,
  ssrc,
});

/** What is said when all these streams lose a packet every second, five times. */
function verdictOn(streams: readonly StreamKey[]) {
  const instants = new LossInstants();
  const feed = new LossFeed();
  for (let second = 1; second <= 5; second++) {
    for (let slot = 0; slot < streams.length; slot++) feed.push(second * 1e6 + slot, slot);
  }
  instants.drain(feed, (slot) => streams[slot]!);
  return instants.verdict();
}

describe('losses of several streams at the same instants', () => {
  test('four streams in both directions: the mirror', () => {
    const streams = [stream(1, 2, 1), stream(2, 1, 2), stream(3, 4, 3), stream(4, 3, 4)];
    expect(verdictOn(streams)).toMatchObject({ instants: 5, streams: 4 });
  });

  test('two streams on both legs of a relay, which lack the same packets: no mirror', () => {
    const streams = [stream(1, 2, 1), stream(2, 3, 1), stream(3, 2, 2), stream(2, 1, 2)];
    expect(verdictOn(streams)).toBeNull();
  });
});
