import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/packet/address.ts';
import { PacketView } from '../../src/packet/view.ts';
import { RtcpPlane, type SourceReports } from '../../src/rtcp/plane.ts';
import { byePacket, compound, extendedPacket, reportPacket, sdesPacket } from './reports.ts';

const A = '192.0.2.1';
const B = '198.51.100.1';
const SENDER = 0xb00b_1e50;
/** The example of RFC 3550 6.4.1: LSR 46853.125 s, DLSR 5.250 s, arrival 46864.500 s. */
const LSR = 0xb705_2000;
const DLSR = 0x0005_4000;

/** Hands datagrams to a plane as if they came from one address to another. */
class Feed {
  readonly plane = new RtcpPlane();

  send(timeMs: number, from: string, to: string, payload: Uint8Array, wire = payload.length): void {
    const view = new PacketView();
    const [src, dst] = [parseAddress(from)!, parseAddress(to)!];
    Object.assign(view, { src0: src[0], src1: src[1], src2: src[2], src3: src[3] });
    Object.assign(view, { dst0: dst[0], dst1: dst[1], dst2: dst[2], dst3: dst[3] });
    Object.assign(view, { payloadOffset: 0, payloadLength: payload.length, payloadWireLength: wire });
    this.plane.receive(view, new DataView(payload.buffer, payload.byteOffset, payload.length), timeMs * 1000);
  }

  about(ssrc: number, from = A, to = B): SourceReports | null {
    return this.plane.about(ssrc | 0, parseAddress(from)!, parseAddress(to)!);
  }
}

/** A sender report at `sentMs` and its echo at `backMs`. */
function echoed(sentMs: number, backMs: number, lsr: number, dlsr: number): number[] {
  const feed = new Feed();
  feed.send(sentMs, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
  feed.send(backMs, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr, dlsr }));
  return feed.about(SENDER)!.roundTripsMs;
}

describe('round trip at the tap', () => {
  test('the example of RFC 3550: 11.375 s until the echo less 5.250 s held is 6.125 s', () => {
    // A - LSR in 1/65536 s is what passes at the tap between the report and its echo.
    const passedMs = ((0xb710_8000 - LSR) * 1000) / 65_536;
    expect(passedMs).toBe(11_375);
    expect(echoed(1000, 1000 + passedMs, LSR, DLSR)).toEqual([6125]);
  });

  test.each([
    ['LSR 0: the receiver had no report yet', 100, 0, 0, []],
    ['an LSR nobody sent', 100, 0x1234, 0, []],
    ['4 ms below zero is granularity', 246, LSR, 0x4000, [0]],
    ['6 ms below zero is nonsense', 244, LSR, 0x4000, []],
    ['10 s is the most', 10_000, LSR, 0, [10_000]],
    ['beyond 10 s', 10_001, LSR, 0, []],
    ['a DLSR of all ones', 100, LSR, 0xffff_ffff, []],
  ])('%s', (_name, backMs, lsr, dlsr, wanted) => {
    expect(echoed(0, backMs, lsr, dlsr)).toEqual(wanted);
  });

  test('a sender report seen twice counts from the later sight', () => {
    const feed = new Feed();
    for (const atMs of [0, 40]) feed.send(atMs, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(100, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0 }));
    expect(feed.about(SENDER)!.roundTripsMs).toEqual([60]);
  });

  test('an echo finds its report behind seven newer ones, not behind eight', () => {
    for (const [newer, wanted] of [
      [7, [500]],
      [8, []],
    ] as const) {
      const feed = new Feed();
      for (let i = 0; i <= newer; i++) feed.send(i * 10, A, B, reportPacket({ ssrc: SENDER, ntp: LSR + i }));
      feed.send(500, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, dlsr: 0 }));
      expect(feed.about(SENDER)!.roundTripsMs).toEqual(wanted);
    }
  });

  test('a capture that starts at time 0', () => {
    expect(echoed(0, 50, LSR, 0)).toEqual([50]);
  });
});

describe('what belongs to whom', () => {
  test('two paths with one SSRC are kept apart', () => {
    const feed = new Feed();
    const inner = ['10.0.0.1', '10.0.0.2'] as const;
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(5, inner[0], inner[1], reportPacket({ ssrc: SENDER, ntp: LSR }));
    feed.send(55, inner[1], inner[0], reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, cumulativeLost: 3 }));
    feed.send(80, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR, cumulativeLost: -4 }));
    expect(feed.about(SENDER)).toMatchObject({
      roundTripsMs: [80],
      last: { cumulativeLost: -4 },
      senderReports: 1,
    });
    expect(feed.about(SENDER, ...inner)).toMatchObject({ roundTripsMs: [50], last: { cumulativeLost: 3 } });
    expect(feed.about(SENDER, B, A)).toBeNull();
  });

  test('reports, goodbye and extended reports reach the stream they are about', () => {
    const feed = new Feed();
    const both = { ssrc: 2, ntp: 77, about: SENDER };
    feed.send(0, A, B, compound(reportPacket({ ssrc: SENDER, ntp: LSR }), sdesPacket(SENDER)));
    feed.send(10, B, A, compound(reportPacket(both), sdesPacket(2), extendedPacket(2)));
    feed.send(20, A, B, compound(reportPacket({ ssrc: SENDER, ntp: LSR + 1 }), byePacket(SENDER)));
    expect(feed.about(SENDER)).toMatchObject({
      senderReports: 2,
      receiverReports: 1,
      xrReports: 1,
      goodbye: true,
    });
    expect(feed.about(2, B, A)).toMatchObject({ senderReports: 1, receiverReports: 0, goodbye: false });
    expect(feed.plane.hasSender(SENDER | 0)).toBe(true);
    expect(feed.plane.hasSender(99)).toBe(false);
  });

  test('encrypted and cut datagrams are counted and not believed', () => {
    const feed = new Feed();
    const report = reportPacket({ ssrc: 2, about: SENDER, cumulativeLost: 5 });
    feed.send(0, B, A, compound(report, Uint8Array.of(0x80, 0, 0, 1, 1, 2, 3, 4)));
    feed.send(10, B, A, report, report.length + 40);
    expect(feed.about(SENDER)).toBeNull();
    expect(feed.plane.counters).toMatchObject({ datagrams: 2, notWhole: 2 });
  });
});

describe('bounds', () => {
  test('sources are bounded, the rest is counted, and silence frees them', () => {
    const feed = new Feed();
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

  test('one SSRC on many paths is bounded', () => {
    const feed = new Feed();
    for (let i = 1; i <= 20; i++) feed.send(i, B, `10.0.0.${i}`, reportPacket({ ssrc: 2, about: 5 }));
    expect(feed.plane.counters.refused).toBe(4);
  });

  test('round trips kept are bounded', () => {
    const feed = new Feed();
    feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }));
    for (let i = 0; i < 5000; i++) feed.send(1 + i, B, A, reportPacket({ ssrc: 2, about: SENDER, lsr: LSR }));
    expect(feed.about(SENDER)!.roundTripsMs).toHaveLength(4096);
  });

  test('any octets', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 20 }), (datagrams) => {
        const feed = new Feed();
        for (const [i, octets] of datagrams.entries()) feed.send(i, A, B, octets);
        expect(feed.plane.counters.datagrams).toBe(datagrams.length);
      }),
      { numRuns: 300 },
    );
  });
});
