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
function verdictOn(
  streams: readonly StreamKey[],
  ended = over([1, 2, 3, 4, 5]),
  offsetUs: (slot: number) => number = (slot) => slot,
) {
  const instants = new LossInstants();
  const feed = new LossFeed();
  for (let second = 1; second <= 5; second++) {
    for (let slot = 0; slot < streams.length; slot++) feed.push(second * 1e6 + offsetUs(slot), slot);
  }
  instants.drain(feed, (slot) => streams[slot]!);
  instants.noteReports(ended);
  instants.sweep(Number.POSITIVE_INFINITY);
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

  test('four telephones behind one link, with both legs of the relay that renumbers their calls: the link', () => {
    // Host 9 is the relay: 1 and 2 speak with each other through it, and so do 3 and 4.
    const first = [stream(1, 9, 1), stream(2, 9, 2), stream(3, 9, 3), stream(4, 9, 4)];
    const second = [stream(9, 2, 11), stream(9, 1, 12), stream(9, 4, 13), stream(9, 3, 14)];
    const legs = first.flatMap((leg, i) => [leg, second[i]!]);
    const relayed = (slot: number): number => (slot >> 1) * 6000 + (slot & 1) * 800;
    expect(verdictOn(legs, undefined, relayed)).toBeNull();
    // The same streams, out of step: no relay passes on within the time of a packet what it has not got.
    expect(verdictOn(legs, undefined, (slot) => ((slot * 7) % 8) * 2300)).not.toBeNull();
  });

  /**
   * What is said of streams that begin within a second and lose one packet in a thousand, a loss in every millisecond
   * then; at `moments` (ms) fifty streams more lose one each. The stream that is over lost packets at these seconds.
   */
  function verdictOnMany(moments: readonly number[], seconds: readonly number[]) {
    let state = 1;
    const random = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const instants = new LossInstants();
    const feed = new LossFeed();
    for (let ms = 0; ms < 3200; ms++) {
      const usual = Math.min(1, ms / 1200);
      if (random() < usual) feed.push(1e9 + ms * 1000, ms);
      if (!moments.includes(ms)) continue;
      for (let extra = 0; extra < 50; extra++) feed.push(1e9 + ms * 1000, 4000 + extra);
    }
    instants.drain(feed, (slot) => (slot % 2 === 0 ? stream(1, 2, slot) : stream(2, 1, slot)));
    instants.noteReports({ ...over(seconds), startUs: 1e9, endUs: 1e9 + 3e6 });
    instants.sweep(Number.POSITIVE_INFINITY);
    return instants.verdict();
  }

  test('thousands of streams that begin within a second and lose one packet in a thousand: chance', () => {
    expect(verdictOnMany([], [1, 2])).toBeNull();
  });

  test('the same traffic with three moments in which fifty streams more lose packets: the mirror', () => {
    expect(verdictOnMany([500, 1500, 2500], [0.5, 1.5, 2.5])).toMatchObject({ instants: 3, lost: 3 });
  });
});

describe('ten thousand calls, each with 0.2 % of random loss', () => {
  const STREAMS = 20_000;
  const SECONDS = 12;
  /** Each direction of 5000 pairs of networks, with one SSRC. */
  const keys = Array.from({ length: STREAMS }, (_, slot) =>
    slot % 2 === 0
      ? stream(slot % 200, 200 + (slot % 50), slot)
      : stream(200 + ((slot - 1) % 50), (slot - 1) % 200, slot),
  );

  /** Plays it, with `burst` streams more that lose a packet at each of these parts of a second, in every second or some. */
  function play(burst: number, parts: readonly number[], everyS = 1) {
    let state = 7;
    const draw = (below: number): number => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
    const instants = new LossInstants();
    const feed = new LossFeed();
    const drain = (): void => instants.drain(feed, (slot) => keys[slot]!);
    feed.whenFull = drain;
    const shared: number[] = [];
    for (let second = 0; second < SECONDS; second++) {
      const losses: [ms: number, slot: number][] = [];
      for (let i = 0; i < STREAMS * 50 * 0.002; i++) losses.push([draw(1000), draw(STREAMS)]);
      for (const part of second % everyS === 0 ? parts : []) {
        shared.push(second + part);
        for (let i = 0; i < burst; i++) losses.push([part * 1000, (i * 7) % STREAMS]);
      }
      for (const [ms, slot] of losses.sort((a, b) => a[0] - b[0]))
        feed.push(1e9 + second * 1e6 + ms * 1000, slot);
      drain();
      instants.sweep(1e9 + (second + 1) * 1e6);
    }
    const struck = { ...over(shared), startUs: 1e9, endUs: 1e9 + SECONDS * 1e6 };
    instants.noteReports(struck);
    instants.sweep(Number.POSITIVE_INFINITY);
    const share = struck.history.losses.length === 0 ? null : instants.share(struck);
    return { verdict: instants.verdict(), share, refused: instants.refused + feed.dropped };
  }

  test('is chance, and all of it is compared', () => {
    expect(play(0, [0.5])).toMatchObject({ verdict: null, refused: 0 });
  });

  test('an instant that one stream in two hundred shares stands out of it; one in a thousand does not', () => {
    expect(play(100, [0.5], 3)).toMatchObject({ verdict: { instants: 4 }, share: 1, refused: 0 });
    expect(play(20, [0.5], 3).verdict).toBeNull();
  });

  test('a mirror port that drops from a tenth of them five times a second: every instant is known', () => {
    const { verdict, share } = play(2000, [0.1, 0.3, 0.5, 0.7, 0.9]);
    expect(verdict!.instants).toBe(5 * SECONDS);
    expect(share).toBe(1);
  });
});
