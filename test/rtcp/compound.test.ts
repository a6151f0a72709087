import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeRtcp, parseCompound, type RtcpCompound } from '../../src/rtcp/compound.ts';
import {
  applicationPacket,
  byeBecause,
  byePacket,
  compound,
  extendedPacket,
  reportPacket,
  sdesPacket,
} from './reports.ts';

/** Parses octets as one datagram, captured whole or cut. */
function parsed(bytes: Uint8Array, captured = bytes.length): RtcpCompound {
  return parseCompound(viewOf(bytes), 0, captured, bytes.length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe('the compound walk', () => {
  const block = {
    about: 0xcafe,
    fractionLost: 64,
    cumulativeLost: 12,
    highest: 0x1_0005,
    jitterTicks: 99,
    lsr: 7,
    dlsr: 8,
  };
  const datagram = compound(
    reportPacket({
      ssrc: 0xffff_fffe,
      ntp: 0x1234_5678,
      rtpTimestamp: 1,
      packetsSent: 2,
      octetsSent: 3,
      ...block,
    }),
    reportPacket({ ssrc: 0xabcd, blocks: [block, { about: 2 }] }),
    sdesPacket(0xffff_fffe),
    extendedPacket(0xabcd),
    byePacket(0x8000_0001, 5),
  );

  test('SR, RR, SDES, XR and BYE', () => {
    const { fault, types, reports, names, goodbyes, extended } = parsed(datagram);
    expect({ fault, types, names, goodbyes }).toEqual({
      fault: null,
      types: [200, 201, 202, 207, 203],
      names: [{ ssrc: 0xffff_fffe, cname: 'abc' }],
      goodbyes: [{ ssrcs: [0x8000_0001, 5], reason: null }],
    });
    expect(extended.map((report) => report.ssrc)).toEqual([0xabcd]);
    expect(reports[0]).toEqual({
      ssrc: 0xffff_fffe,
      sender: {
        ntpSeconds: 0xe800_1234,
        ntpFraction: 0x5678_0000,
        lsrKey: 0x1234_5678,
        rtpTimestamp: 1,
        packetsSent: 2,
        octetsSent: 3,
      },
      blocks: [
        {
          ssrc: 0xcafe,
          fractionLost: 64,
          cumulativeLost: 12,
          extendedHighestSequence: 0x1_0005,
          jitterTicks: 99,
          lsr: 7,
          dlsr: 8,
        },
      ],
    });
    expect(reports[1]).toMatchObject({ ssrc: 0xabcd, sender: null });
    expect(reports[1]!.blocks.map((found) => found.ssrc)).toEqual([0xcafe, 2]);
  });

  test.each([
    [-1, -1],
    [-8_388_608, -8_388_608],
    [8_388_607, 8_388_607],
    [0xff_ffff, -1],
  ])('the 24 bits of cumulative loss are signed: %i', (written, read) => {
    const { reports } = parsed(
      reportPacket({ ssrc: 1, about: 2, fractionLost: 255, cumulativeLost: written }),
    );
    expect(reports[0]!.blocks[0]).toMatchObject({ cumulativeLost: read, fractionLost: 255 });
  });

  test('cut by the snap length, the packets that are all there are kept', () => {
    // SR 52, RR 56, SDES 20, XR 20, BYE 12 octets.
    expect(datagram.length).toBe(52 + 56 + 20 + 20 + 12);
    const ends = [52, 108, 128, 148];
    for (let captured = 8; captured < datagram.length; captured++) {
      const found = parsed(datagram, captured);
      const whole = ends.filter((end) => end <= captured).length;
      // The first header alone proves nothing: the second has to stand where it says, all four octets of it.
      const proven = captured >= 52 + 4;
      expect({ captured, fault: found.fault, types: found.types.length }).toEqual({
        captured,
        fault: 'cut',
        types: whole,
      });
      expect(found.reports).toHaveLength(proven ? Math.min(whole, 2) : 0);
      expect(found.names).toHaveLength(proven && whole >= 3 ? 1 : 0);
      expect(found.extended).toHaveLength(proven && whole >= 4 ? 1 : 0);
      expect(found.goodbyes).toEqual([]);
    }
  });

  test('a datagram that was encrypted and then cut yields nothing', () => {
    const secured = compound(
      reportPacket({ ssrc: 1, about: 2 }),
      Uint8Array.from({ length: 30 }, (_, i) => i * 7),
    );
    for (let captured = 36; captured < secured.length; captured++) {
      expect(parsed(secured, captured)).toMatchObject({ fault: 'unreadable', reports: [] });
    }
  });

  test.each([
    ['HMAC-SHA1-80', 10],
    ['HMAC-SHA1-32', 4],
    ['AES-GCM, tag before the index', 0],
    ['an MKI of 4 octets', 14],
  ])('SRTCP: a readable header, then noise, an index and a tag: %s', (_name, trailer) => {
    const noise = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) & 0xff);
    const index = [0x80, 0, 0x12, 0x34];
    const tag = Array.from({ length: trailer }, (_, i) => (i * 71 + 5) & 0xff);
    const secured = compound(
      reportPacket({ ssrc: 0x1234, about: 2 }),
      Uint8Array.from([...noise, ...index, ...tag]),
    );
    expect(looksLikeRtcp(viewOf(secured), 0, secured.length, secured.length)).toBe(true);
    expect(parsed(secured)).toMatchObject({ fault: 'srtcp', sender: 0x1234, reports: [], types: [201] });
  });

  test('SRTCP that is authenticated only (RFC 3711 3.4, E bit clear) can be read', () => {
    const trailer = Uint8Array.from([0, 0, 0, 9, ...Array.from({ length: 10 }, () => 0xaa)]);
    expect(parsed(compound(datagram, trailer))).toMatchObject({
      fault: null,
      types: [200, 201, 202, 207, 203],
    });
  });

  test('what is neither whole, cut nor encrypted is damaged', () => {
    const tail = Uint8Array.of(0x45, 0, 0, 1, 9, 8, 7, 6);
    expect(parsed(compound(reportPacket({ ssrc: 1, about: 2 }), tail))).toMatchObject({
      fault: 'unreadable',
      reports: [],
    });
    expect(parsed(datagram.subarray(0, datagram.length - 4))).toMatchObject({
      fault: 'unreadable',
      reports: [],
    });
  });

  test('reduced size (RFC 5506): any packet may stand alone', () => {
    for (const alone of [sdesPacket(7), byePacket(7), extendedPacket(7), applicationPacket(7, 'PoC1')]) {
      expect(looksLikeRtcp(viewOf(alone), 0, alone.length, alone.length)).toBe(true);
      expect(parsed(alone)).toMatchObject({ fault: null, sender: 7, types: [alone[1]] });
    }
  });

  test('padding of the last packet belongs to nothing (RFC 3550 6.4.1)', () => {
    const bye = compound(byePacket(9), Uint8Array.of(0, 0, 0, 4));
    bye[0] = bye[0]! | 0x20;
    bye[3] = 2;
    expect(parsed(compound(reportPacket({ ssrc: 9 }), bye)).goodbyes).toEqual([{ ssrcs: [9], reason: null }]);
  });

  test('names, reasons and applications; what could steer a terminal does not', () => {
    const text = compound(
      reportPacket({ ssrc: 5 }),
      sdesPacket(5, 'alice@192.0.2.1\u001b[31m\u202e'),
      applicationPacket(5, 'qos\u0007', 3),
      byeBecause(5, 'camera malfunction'),
    );
    expect(parsed(text)).toMatchObject({
      names: [{ ssrc: 5, cname: 'alice@192.0.2.1\ufffd[31m\ufffd' }],
      applications: [{ ssrc: 5, subtype: 3, name: 'qos\ufffd' }],
      goodbyes: [{ ssrcs: [5], reason: 'camera malfunction' }],
    });
    expect(parsed(sdesPacket(5, 'x'.repeat(255))).names[0]!.cname).toHaveLength(128);
  });

  test('an SDES item or a reason that reaches beyond its packet is left out', () => {
    const lying = sdesPacket(5, 'abc');
    lying[13] = 200;
    expect(parsed(lying)).toMatchObject({ fault: null, names: [] });
    const bye = byeBecause(5, 'gone');
    bye[8] = 90;
    expect(parsed(bye).goodbyes).toEqual([{ ssrcs: [5], reason: null }]);
  });

  test('a block count beyond the packet gives the blocks that are there', () => {
    const lying = reportPacket({ ssrc: 1, about: 2 });
    lying[0] = 0x80 | 31;
    expect(parsed(lying).reports[0]!.blocks).toHaveLength(1);
  });

  test('what is no RTCP', () => {
    const looks = (bytes: Uint8Array): boolean => looksLikeRtcp(viewOf(bytes), 0, bytes.length, bytes.length);
    const report = reportPacket({ ssrc: 1, about: 2 });
    expect(looks(report)).toBe(true);
    expect(looks(report.with(0, 0x41))).toBe(false);
    expect(looks(report.with(1, 199))).toBe(false);
    expect(looks(report.with(3, 200))).toBe(false);
    expect(looks(report.subarray(0, 7))).toBe(false);
    // A sender report is never shorter than its sender information.
    expect(looks(report.with(1, 200).with(3, 1))).toBe(false);
  });

  test('damaged and random datagrams never throw and never yield half a result', () => {
    const damaged = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(datagram.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(datagram.length),
      )
      .map(([flips, length]) => {
        const bytes = datagram.slice();
        for (const [at, value] of flips) bytes[at] = bytes[at]! ^ value;
        return bytes.subarray(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), fc.nat(300), (bytes, more) => {
        if (bytes.length < 8) return;
        const wire = bytes.length + more;
        looksLikeRtcp(viewOf(bytes), 0, bytes.length, wire);
        const result = parseCompound(viewOf(bytes), 0, bytes.length, wire);
        if (result.fault !== null && result.fault !== 'cut') expect(result.reports).toEqual([]);
        for (const report of result.reports) {
          for (const value of report.blocks.flatMap((found) => Object.values(found))) {
            expect(Number.isSafeInteger(value)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
