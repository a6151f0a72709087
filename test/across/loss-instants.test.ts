import { describe, expect, test } from 'vitest';
import { LossInstants } from '../../src/across/loss-instants.ts';
import { MomentLog } from '../../src/records/moment-log.ts';
import type { StreamRecord } from '../../src/records/types.ts';
import { LossFeed } from '../../src/rtp/loss-feed.ts';
import type { StreamKey } from '../../src/rtp/plane.ts';
import { stream as record } from '../report/records.ts';

const host = (number: number): Int32Array => Int32Array.of(0, 0, 0xffff, (10 << 24) | (number << 8) | 1);

/** A stream between two networks. */
const stream = (from: number, to: number, ssrc: number): StreamKey => ({
  src: host(from),
  srcPort: 4000,
  dst: host(to),
  dstPort: 5000,
  ssrc,
});

/** A stream that is over, which lost a packet at each of these seconds. */
function over(seconds: readonly number[]): StreamRecord {
  const losses = new MomentLog(16);
  for (const second of seconds) losses.push(second * 1000, 1);
  const whole = record();
  return { ...whole, startUs: 0, lost: seconds.length, history: { ...whole.history, losses } };
}

/** What is said when all these streams lose a packet every second, five times, and one of them is over. */
function verdictOn(streams: readonly StreamKey[], ended = over([1, 2, 3, 4, 5])) {
  const instants = new LossInstants();
  const feed = new LossFeed();
  for (let second = 1; second <= 5; second++) {
    for (let slot = 0; slot < streams.length; slot++) feed.push(second * 1e6 + slot, slot);
  }
  instants.drain(feed, (slot) => streams[slot]!);
  instants.noteReports(ended);
  return instants.verdict();
}

describe('losses of several streams at the same instants', () => {
  test('four streams in both directions: the mirror', () => {
    const streams = [stream(1, 2, 1), stream(2, 1, 2), stream(3, 4, 3), stream(4, 3, 4)];
    expect(verdictOn(streams)).toMatchObject({ instants: 5, streams: 4, lost: 5, onlyAtProbe: null });
  });

  test('four streams that lose most of their packets at other times: chance', () => {
    const streams = [stream(1, 2, 1), stream(2, 1, 2), stream(3, 4, 3), stream(4, 3, 4)];
    expect(verdictOn(streams, over([1, 6, 7, 8]))).toBeNull();
  });

  test('two streams on both legs of a relay, which lack the same packets: no mirror', () => {
    const streams = [stream(1, 2, 1), stream(2, 3, 1), stream(3, 2, 2), stream(2, 1, 2)];
    expect(verdictOn(streams)).toBeNull();
  });
});
