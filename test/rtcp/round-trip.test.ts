import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceReports } from '../../src/rtcp/plane.ts';
import { echoTiming, ReferenceTimes, roundTripMs } from '../../src/rtcp/round-trip.ts';
import { nearestRank, RoundTrips } from '../../src/rtcp/round-trips.ts';
import { compound, dlrrBlock, extendedPacket, referenceTimeBlock, reportPacket } from './reports.ts';
import { A, B, RtcpFeed } from './rtcp-feed.ts';

const SENDER = 0xb00b_1e50;
/** The example of RFC 3550 6.4.1: LSR 46853.125 s, DLSR 5.250 s, arrival 46864.500 s. */
const LSR = 0xb705_2000;
const DLSR = 0x0005_4000;

/** A sender report at `sentMs` and its echo at `backMs`. */
function echoed(sentMs: number, backMs: number, lsr: number, dlsr: number): SourceReports {
  const feed = new RtcpFeed();
  feed.send(sentMs, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
  feed.send(backMs, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr, dlsr }));
  return feed.about(SENDER)!;
}

describe('LSR and DLSR', () => {
  test('the example of RFC 3550: 11.375 s until the echo less 5.250 s held is 6.125 s', () => {
    // A - LSR in 1/65536 s is what passes at the tap between the report and its echo.
    const passedMs = ((0xb710_8000 - LSR) * 1000) / 65_536;
    expect(passedMs).toBe(11_375);
    expect(echoed(1000, 1000 + passedMs, LSR, DLSR).roundTripsMs).toEqual([6125]);
  });

  test.each([
    ['LSR 0: the receiver had no report yet', 100, 0, 0, [], {}],
    ['an LSR nobody sent', 100, 0x1234, 0x1000, [], { unknown_report: 1 }],
    ['an LSR with its octets turned round', 100, 0x0020_05b7, 0x1000, [], { byte_order: 1 }],
    ['4 ms below zero is granularity', 246, LSR, 0x4000, [0], {}],
    ['6 ms below zero is nonsense', 244, LSR, 0x4000, [], { negative: 1 }],
    ['10 s is the most', 10_250, LSR, 0x4000, [10_000], {}],
    ['beyond 10 s', 10_251, LSR, 0x4000, [], { too_long: 1 }],
    ['held for 5 s more than it was out', 100, LSR, 0x51a00, [], { long_delay: 1 }],
    ['a DLSR of all ones', 100, LSR, 0xffff_ffff, [], { long_delay: 1 }],
    ['a DLSR of 0: how long the report was held is not known', 100, LSR, 0, [], { no_delay: 1 }],
  ])('%s', (_name, backMs, lsr, dlsr, wanted, dropped) => {
    const reports = echoed(0, backMs, lsr, dlsr);
    expect(reports.roundTripsMs).toEqual(wanted);
    expect(reports.roundTrips.dropped).toEqual(dropped);
  });

  test('a sender report seen twice counts from the later sight', () => {
    const feed = new RtcpFeed();
    for (const atMs of [0, 40]) feed.send(atMs, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(350, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0x4000 }));
    expect(feed.about(SENDER)!.roundTripsMs).toEqual([60]);
  });

  test('an echo finds its report behind seven newer ones, not behind eight', () => {
    for (const [newer, wanted] of [
      [7, [500]],
      [8, []],
    ] as const) {
      const feed = new RtcpFeed();
      for (let i = 0; i <= newer; i++) feed.send(i * 10, A, B, reportPacket({ ssrc: SENDER, ntp: LSR + i }));
      feed.send(750, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0x4000 }));
      expect(feed.about(SENDER)!.roundTripsMs).toEqual(wanted);
    }
  });

  test('a sender without a clock (NTP 0) has no round trips, and a capture may start at time 0', () => {
    expect(echoed(0, 300, LSR, 0x4000).roundTripsMs).toEqual([50]);
    const feed = new RtcpFeed();
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: 0 }));
    feed.send(90, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: 0, dlsr: 0x1000 }));
    expect(feed.about(SENDER)!.roundTripsMs).toEqual([]);
  });

  test('an echo on the way of the report itself is not one', () => {
    const feed = new RtcpFeed();
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(300, A, B, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0x4000 }));
    expect(feed.about(SENDER)!.roundTripsMs).toEqual([]);
  });
});

describe('RRTR and DLRR (RFC 3611 4.4, 4.5)', () => {
  test('a receiver that sends no RTP gets its round trip, too: to the sender of the stream', () => {
    const feed = new RtcpFeed();
    const key = 0x1234_5678;
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(
      1000,
      B,
      A,
      compound(
        reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0xc000 }),
        extendedPacket(2, referenceTimeBlock(key)),
      ),
    );
    feed.send(
      1530,
      A,
      B,
      compound(
        reportPacket({ ssrc: SENDER, ntp: LSR + 1 }),
        extendedPacket(SENDER, dlrrBlock(2, key, 0x8000)),
      ),
    );
    expect(feed.about(SENDER)!.roundTripsMs).toEqual([250]);
    expect(feed.aboutReceiver(SENDER)!.roundTripsMs).toEqual([30]);
  });

  test('an answer to a reference time that did not pass, or to none', () => {
    const feed = new RtcpFeed();
    feed.send(0, B, A, extendedPacket(2, referenceTimeBlock(77)));
    for (const lrr of [0, 78]) feed.send(100, A, B, extendedPacket(SENDER, dlrrBlock(2, lrr, 5)));
    feed.send(100, A, B, extendedPacket(SENDER, dlrrBlock(3, 77, 5)));
    expect(feed.about(2, B, A)!.roundTrips.dropped).toEqual({ unknown_report: 1 });
    expect(feed.about(3, B, A)).toBeNull();
  });
});

describe('collections of round trips', () => {
  test('nearest rank: the smallest value that a share of all do not exceed', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([0, 0.5, 0.91, 0.95, 1].map((q) => nearestRank(ten, q))).toEqual([1, 5, 10, 10, 10]);
    expect(nearestRank([7], 0.5)).toBe(7);
    // The example of the nearest-rank method: 15, 20, 35, 40, 50 at 30 % and 40 % is 20, at 50 % is 35.
    expect([0.3, 0.4, 0.5].map((q) => nearestRank([15, 20, 35, 40, 50], q))).toEqual([20, 20, 35]);
  });

  test('delays in milliseconds are found out and their round trips taken back', () => {
    const trips = new RoundTrips();
    // 45 ms of round trip, held for very different times; the telephone writes ms.
    for (const heldMs of [900, 2500, 3100, 700, 1800]) {
      trips.add({ elapsedMs: heldMs + 45, delay: heldMs });
    }
    expect(trips.valuesMs).toEqual([]);
    expect(trips.dropped).toEqual({ delay_in_ms: 5 });
  });

  test('delays in the right unit stay, however the network varies', () => {
    const trips = new RoundTrips();
    for (const [heldMs, tripMs] of [
      [900, 40],
      [2500, 700],
      [3100, 45],
      [700, 390],
      [1800, 60],
    ]) {
      trips.add({ elapsedMs: heldMs! + tripMs!, delay: Math.round((heldMs! * 65_536) / 1000) });
    }
    expect(trips.valuesMs.map(Math.round)).toEqual([40, 700, 45, 390, 60]);
    expect(trips.dropped).toEqual({});
  });

  test('many are thinned evenly, and the highest is remembered', () => {
    const trips = new RoundTrips();
    for (let i = 0; i < 10_000; i++)
      trips.add({ elapsedMs: 250 + (i === 5001 ? 900 : (i % 100) / 10), delay: 0x4000 });
    expect(trips.valuesMs.length).toBeLessThanOrEqual(256);
    expect(trips.valuesMs.length).toBeGreaterThan(128);
    expect(trips.maxMs).toBe(900);
    expect(trips.count).toBe(10_000);
  });

  test('whatever is echoed, a round trip lies between 0 and 10 s', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff_ffff),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (delay, elapsedMs) => {
          const value = roundTripMs({ elapsedMs, delay });
          if (typeof value === 'number') expect(value >= 0 && value <= 10_000).toBe(true);
        },
      ),
    );
    expect(echoTiming(new ReferenceTimes(), 5, 1, 1)).toBe('unknown_report');
  });
});
