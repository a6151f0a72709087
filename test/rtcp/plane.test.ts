import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/packet/address.ts';
import { SOURCES_MAX } from '../../src/rtcp/source-table.ts';
import {
  applicationPacket,
  byeBecause,
  byePacket,
  compound,
  extendedPacket,
  octets,
  reportPacket,
  sdesPacket,
  xrBlock,
} from './reports.ts';
import { A, B, RtcpFeed } from './rtcp-feed.ts';

const SENDER = 0xb00b_1e50;
const LSR = 0xb705_2000;
/** 15.625 ms in 1/65536 s. */
const HELD = 0x400;

describe('who hears whom', () => {
  const way = (from: string, to: string) => [parseAddress(from)!, parseAddress(to)!] as const;

  test('the newest report says it: media that moved is heard where it comes from now', () => {
    const feed = new RtcpFeed();
    const [relayA, relayB] = ['203.0.113.1', '203.0.113.2'];
    feed.send(0, B, relayA, reportPacket({ ssrc: 2, about: SENDER }));
    expect(feed.plane.hearsFrom(2, ...way(relayA, B))).toBe(true);
    feed.send(5000, B, relayB, reportPacket({ ssrc: 2, about: SENDER + 1 }));
    expect(feed.plane.hearsFrom(2, ...way(relayB, B))).toBe(true);
    expect(feed.plane.hearsFrom(2, ...way(relayA, B))).toBe(false);
  });

  test('reporters are bounded, and those that find no room are counted', () => {
    const feed = new RtcpFeed();
    // All about one source: its own table has room.
    for (let ssrc = 1; ssrc <= SOURCES_MAX; ssrc++) feed.send(0, B, A, reportPacket({ ssrc, about: SENDER }));
    expect(feed.plane.counters.refused).toBe(0);
    for (let i = 1; i <= 3; i++) feed.send(1, B, A, reportPacket({ ssrc: SOURCES_MAX + i, about: SENDER }));
    expect(feed.plane.counters.refused).toBe(3);
    expect(feed.plane.hearsFrom(SOURCES_MAX, ...way(A, B))).toBe(true);
    expect(feed.plane.hearsFrom(SOURCES_MAX + 1, ...way(A, B))).toBe(false);
  });
});

describe('what belongs to whom', () => {
  test('two paths with one SSRC are kept apart', () => {
    const feed = new RtcpFeed();
    const inner = ['10.0.0.1', '10.0.0.2'] as const;
    const echo = { ssrc: 2, about: SENDER, lsr: LSR, dlsr: HELD };
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(5, ...inner, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(70.625, inner[1], inner[0], reportPacket({ ...echo, cumulativeLost: 3 }));
    feed.send(95.625, B, A, reportPacket({ ...echo, cumulativeLost: -4 }));
    expect(feed.about(SENDER)).toMatchObject({
      roundTripsMs: [80],
      last: { cumulativeLost: -4 },
      senderReports: 1,
    });
    expect(feed.about(SENDER, ...inner)).toMatchObject({ roundTripsMs: [50], last: { cumulativeLost: 3 } });
    expect(feed.about(SENDER, B, A)).toBeNull();
  });

  test('reports, goodbye and extended reports reach the stream they are about', () => {
    const feed = new RtcpFeed();
    const both = { ssrc: 2, ntp: 77, about: SENDER };
    feed.send(0, A, B, compound(reportPacket({ ssrc: SENDER, ntp: LSR }), sdesPacket(SENDER, 'a@b')));
    feed.send(10, B, A, compound(reportPacket(both), sdesPacket(2), extendedPacket(2)));
    feed.send(15, A, B, applicationPacket(SENDER, 'EXTR'));
    feed.send(20, A, B, compound(reportPacket({ ssrc: SENDER, ntp: LSR + 1 }), byeBecause(SENDER, 'over')));
    expect(feed.about(SENDER)).toMatchObject({
      senderReports: 2,
      receiverReports: 1,
      xrReports: 1,
      cname: 'a@b',
      goodbye: true,
      goodbyeReason: 'over',
      applications: ['EXTR'],
    });
    expect(feed.about(2, B, A)).toMatchObject({ senderReports: 1, receiverReports: 0, goodbye: false });
    expect(feed.plane.hasSender(SENDER | 0)).toBe(true);
    expect(feed.plane.hasSender(99)).toBe(false);
  });

  test('extended report blocks reach the stream they name, without any report beside them', () => {
    const feed = new RtcpFeed();
    const voip = xrBlock(7, 0, [...octets([4, SENDER], [1, 64], [1, 32]), ...new Array(26).fill(127)]);
    feed.send(0, B, A, extendedPacket(2, voip));
    feed.send(5000, B, A, extendedPacket(2, voip.with(8, 128), voip.with(8, 16)));
    expect(feed.about(SENDER)).toMatchObject({
      xrReports: 2,
      receiverReports: 0,
      endpoint: { voipMetrics: { lossRatio: 1 / 16, discardRatio: 1 / 8 } },
    });
    expect(feed.about(SENDER, B, A)).toBeNull();
  });

  test('the greatest fraction and jitter reported; what cannot be jitter is none', () => {
    const feed = new RtcpFeed();
    for (const [fractionLost, jitterTicks] of [
      [3, 80],
      [64, 400],
      [0, 160],
      [1, 0xffff_fff0],
    ] as const) {
      feed.send(0, B, A, reportPacket({ ssrc: 2, about: SENDER, fractionLost, jitterTicks }));
    }
    expect(feed.about(SENDER)).toMatchObject({ fractionLostMax: 64, jitterTicks: 160, jitterTicksMax: 400 });
  });

  test('encrypted, damaged and cut datagrams are counted, and only what was whole is believed', () => {
    const feed = new RtcpFeed();
    const report = reportPacket({ ssrc: 2, about: SENDER, cumulativeLost: 5 });
    feed.send(0, B, A, compound(report, Uint8Array.of(0x81, 9, 9, 9, 1, 2, 3, 4)));
    feed.send(
      5,
      B,
      A,
      compound(report, new Uint8Array(6).fill(7), Uint8Array.of(0x80, 0, 0, 1), new Uint8Array(10)),
    );
    feed.send(10, B, A, report, report.length + 40);
    expect(feed.about(SENDER)).toBeNull();
    expect(feed.about(2, B, A)).toMatchObject({ srtcp: 1, senderReports: 0 });
    expect(feed.plane.counters).toMatchObject({
      datagrams: 3,
      faults: { unreadable: 1, srtcp: 1, cut: 1 },
      salvaged: 0,
    });
    const whole = compound(report, sdesPacket(2));
    feed.send(20, B, A, whole.subarray(0, whole.length - 3), whole.length);
    expect(feed.about(SENDER)).toMatchObject({ receiverReports: 1, last: { cumulativeLost: 5 } });
    expect(feed.plane.counters).toMatchObject({ faults: { cut: 2 }, salvaged: 1 });
  });

  test('a source that is forgotten starts from nothing', () => {
    const feed = new RtcpFeed();
    feed.send(0, B, A, reportPacket({ ssrc: 2, about: SENDER, cumulativeLost: 5 }));
    feed.send(0, B, '10.0.0.9', reportPacket({ ssrc: 2, about: SENDER }));
    feed.forget(SENDER);
    feed.forget(SENDER);
    expect(feed.about(SENDER)).toBeNull();
    expect(feed.about(SENDER, '10.0.0.9')).toMatchObject({ receiverReports: 1 });
    feed.send(9, B, A, reportPacket({ ssrc: 2, about: SENDER }));
    expect(feed.about(SENDER)).toMatchObject({ receiverReports: 1, last: { cumulativeLost: 0 } });
  });
});

describe('bounds', () => {
  test('sources are bounded, the rest is counted, and silence frees them', () => {
    const feed = new RtcpFeed();
    let about = 1;
    for (let i = 0; i < 5000; i++) {
      const blocks = Array.from({ length: 31 }, () => ({ about: about++ }));
      feed.send(i, B, A, reportPacket({ ssrc: 2, blocks }));
    }
    expect(feed.plane.counters.refused).toBe(5000 * 31 - 131_072);
    expect(feed.about(1)).not.toBeNull();
    feed.plane.sweep(605_001_000);
    expect(feed.about(1)).toBeNull();
    feed.send(700_000, B, A, reportPacket({ ssrc: 2, about: 7 }));
    expect(feed.about(7)).toMatchObject({ receiverReports: 1 });
  });

  test('a clock that was set back does not stop the sweeps', () => {
    const feed = new RtcpFeed();
    feed.plane.sweep(9e15);
    feed.send(0, B, A, reportPacket({ ssrc: 2, about: 5 }));
    feed.plane.sweep(601_000_000);
    expect(feed.about(5)).toBeNull();
  });

  test('one SSRC on many paths is bounded', () => {
    const feed = new RtcpFeed();
    for (let i = 1; i <= 68; i++) feed.send(i, B, `10.0.0.${i}`, reportPacket({ ssrc: 2, about: 5 }));
    expect(feed.plane.counters.refused).toBe(4);
  });

  test('round trips, samples and applications kept are bounded', () => {
    const feed = new RtcpFeed();
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    for (let i = 0; i < 5000; i++) {
      feed.send(17 + i, B, A, reportPacket({ ssrc: 2, about: SENDER, highest: i, lsr: LSR, dlsr: HELD }));
      feed.send(17 + i, A, B, applicationPacket(SENDER, `n${i}`.padEnd(4).slice(0, 4)));
    }
    const reports = feed.about(SENDER)!;
    expect(reports.roundTripsMs.length).toBeLessThanOrEqual(256);
    expect(reports.samples.samples().length).toBeLessThanOrEqual(66);
    expect(reports.applications).toHaveLength(8);
  });

  test('a sender report, a goodbye and nothing else', () => {
    const feed = new RtcpFeed();
    feed.send(0, A, B, byePacket(SENDER));
    expect(feed.about(SENDER)).toBeNull();
  });

  test('any octets', () => {
    const datagram = fc.oneof(
      fc.uint8Array({ minLength: 8, maxLength: 120 }),
      fc
        .tuple(fc.constantFrom(200, 201, 202, 203, 204, 207), fc.uint8Array({ minLength: 6, maxLength: 200 }))
        .map(([type, rest]) => {
          const bytes = Uint8Array.from([0x80 | (rest[0]! & 0x3f), type, 0, 0, ...rest]);
          const whole = bytes.subarray(0, bytes.length & ~3);
          whole[3] = whole.length / 4 - 1;
          return whole;
        }),
    );
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 20 }), (datagrams) => {
        const feed = new RtcpFeed();
        for (const [i, bytes] of datagrams.entries()) feed.send(i, A, B, bytes);
        expect(feed.plane.counters.datagrams).toBe(datagrams.length);
      }),
      { numRuns: 500 },
    );
  });
});
