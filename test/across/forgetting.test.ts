import { describe, expect, test } from 'vitest';
import { LossInstants } from '../../src/across/loss-instants.ts';
import { SharedClock } from '../../src/across/shared-clock.ts';
import { TapView } from '../../src/across/tap-view.ts';
import { MomentLog } from '../../src/records/moment-log.ts';
import { LossFeed } from '../../src/rtp/loss-feed.ts';
import { START_US, stream } from '../report/records.ts';

const HOUR_US = 3_600_000_000;

/** Address words of 10.0.0.x. */
const host = (x: number): Int32Array => Int32Array.of(0, 0, 0xffff, 0x0a000000 + x * 256);

/** Another one of the network of `host(x)`. */
const nearby = (x: number, y: number): Int32Array => Int32Array.of(0, 0, 0xffff, 0x0a000000 + x * 256 + y);

describe('what a probe must not remember for months', () => {
  test('a tap that sees one way only since it was changed: what it saw before is trusted for a day or two', () => {
    const view = new TapView();
    view.callSeenBothWays();
    const lack = (): void => {
      for (let call = 0; call < 3; call++) view.callLacks(host(1), host(2));
    };
    lack();
    expect(view.isBlind(host(1), host(2))).toBe(false);
    for (let hour = 1; hour <= 47; hour++) view.turn();
    lack();
    expect(view.isBlind(host(1), host(2))).toBe(false);
    view.turn();
    expect(view.isBlind(host(1), host(2))).toBe(true);
    view.streamSeen(host(1), host(2), START_US);
    expect(view.isBlind(host(1), host(2))).toBe(false);
  });

  test('an outage of hours between two networks stays one, and says since when', () => {
    const view = new TapView();
    view.streamSeen(host(1), host(2), START_US);
    view.callSeenBothWays();
    for (let hour = 0; hour < 24; hour++) {
      const nowUs = START_US + hour * HOUR_US;
      for (let call = 0; call < 2; call++) {
        view.callLacksAll(host(2), host(1));
        view.callLacks(host(1), host(2));
      }
      expect(view.isBlindBetween(host(1), host(2))).toBe(false);
      expect(view.isBlind(host(1), host(2))).toBe(false);
      // Two calls are too few to say so.
      const sinceUs = hour < 1 ? null : START_US;
      expect(view.silentBetweenSince(host(1), host(2), nowUs)).toBe(sinceUs);
      expect(view.silentWaySince(host(1), host(2), nowUs)).toBe(sinceUs);
      view.turn();
    }
    const nowUs = START_US + 24 * HOUR_US;
    expect(view.silentBetweenSince(host(1), host(3), nowUs)).toBeNull();
    view.streamSeen(host(1), host(2), nowUs - 2 * HOUR_US);
    expect(view.silentBetweenSince(host(1), host(2), nowUs)).toBeNull();
    expect(view.silentWaySince(host(1), host(2), nowUs)).toBeNull();
  });

  test('an outage of one host stays one for as long, also where no call was seen both ways', () => {
    const view = new TapView();
    const [phone, pbx] = [host(1), nearby(1, 2)];
    view.streamSeen(phone, pbx, START_US);
    for (let hour = 1; hour <= 47; hour++) view.turn();
    for (let call = 0; call < 3; call++) view.callLacks(phone, pbx);
    expect(view.isBlind(phone, pbx)).toBe(false);
    expect(view.silentWaySince(phone, pbx, START_US + 47 * HOUR_US)).toBe(START_US);
    view.turn();
    for (let call = 0; call < 3; call++) view.callLacks(phone, pbx);
    expect(view.isBlind(phone, pbx)).toBe(true);
  });

  test('more hosts than there is room for: those that sent last stay, and the others are counted', () => {
    const view = new TapView();
    const half = 65_536;
    const at = (i: number): Int32Array => Int32Array.of(0, 0, 0xffff, i);
    const see = (from: number, to: number): void => {
      for (let i = from; i < to; i++) view.streamSeen(at(i), at(i ^ 1), START_US);
    };
    const isKnown = (i: number): boolean => {
      for (let call = 0; call < 3; call++) view.callLacks(at(i), at(i ^ 1));
      return !view.isBlind(at(i), at(i ^ 1));
    };
    see(0, 2 * half);
    expect([view.refused, isKnown(0), isKnown(2 * half - 1)]).toEqual([0, true, true]);
    see(2 * half, 2 * half + 1);
    expect([view.refused, isKnown(1), isKnown(half), isKnown(2 * half)]).toEqual([half, false, true, true]);
  });

  test('a step of the clock, and senders that are gone', () => {
    const clock = new SharedClock();
    const streams = [1, 2, 3, 4, 5].map((i) =>
      stream({
        id: `s${i}`,
        src: { ip: `192.0.2.${i % 2 === 0 ? 9 : i}`, port: 4000 },
        dst: { ip: `192.0.2.${i % 2 === 0 ? 1 : 9}`, port: 4002 },
        skewPpm: 100 + i,
        endUs: START_US,
      }),
    );
    for (const each of streams)
      clock.add(each, [{ atUs: START_US, stepMs: 250, exact: true, stays: true, newHops: false }]);
    expect(clock.step()).toMatchObject({ stepMs: 250 });
    expect(clock.driftPpm()?.senders).toBe(4);
    clock.forget(START_US - HOUR_US);
    expect(clock.step()).not.toBeNull();
    clock.forget(START_US + HOUR_US);
    expect(clock.step()).toBeNull();
    expect(clock.driftPpm()).toBeNull();
    expect(clock.refused).toBe(0);
  });

  test('instants in which the mirror dropped', () => {
    const losses = new LossInstants();
    const feed = new LossFeed();
    for (const instant of [0, 1, 2]) {
      for (let slot = 0; slot < 8; slot++) feed.push(START_US + instant * 1_000_000, slot);
    }
    losses.drain(feed, (slot) => ({
      src: host(slot % 2 === 0 ? 1 : 2),
      srcPort: 4000,
      dst: host(slot % 2 === 0 ? 2 : 1),
      dstPort: 4002,
      ssrc: slot,
    }));
    losses.sweep(START_US + 120_000_000);
    const own = new MomentLog(8);
    for (const atMs of [0, 1000, 2000]) own.push(atMs, 1);
    const lossy = stream({ startUs: START_US, lost: 3 });
    losses.noteReports({ ...lossy, history: { ...lossy.history, losses: own } });
    losses.sweep(Number.POSITIVE_INFINITY);
    expect(losses.verdict()).toMatchObject({ instants: 3, streams: 8 });
    losses.forget(START_US - HOUR_US);
    expect(losses.verdict()).not.toBeNull();
    losses.forget(START_US + HOUR_US);
    expect(losses.verdict()).toBeNull();
  });
});
