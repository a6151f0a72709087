import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeRtcp, parseCompound, type RtcpCompound } from '../../src/rtcp/compound.ts';
import { byePacket, compound, extendedPacket, reportPacket, sdesPacket } from './reports.ts';

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
    const { whole, types, reports, goodbyes, extended } = parsed(datagram);
    expect({ whole, types, goodbyes, extended }).toEqual({
      whole: true,
      types: [200, 201, 202, 207, 203],
      goodbyes: [0x8000_0001, 5],
      extended: [0xabcd],
    });
    expect(reports[0]).toEqual({
      type: 200,
      ssrc: 0xffff_fffe,
      lsrKey: 0x1234_5678,
      rtpTimestamp: 1,
      packetsSent: 2,
      octetsSent: 3,
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
    expect(reports[1]).toMatchObject({ type: 201, ssrc: 0xabcd, lsrKey: null });
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

  test('cut by the snap length, anywhere, nothing of it is believed', () => {
    for (let captured = 0; captured < datagram.length; captured++) {
      const { whole, reports, goodbyes, extended } = parsed(datagram, captured);
      expect({ whole, reports, goodbyes, extended }).toEqual({
        whole: false,
        reports: [],
        goodbyes: [],
        extended: [],
      });
    }
  });

  test('SRTCP: a readable header, then an index and a tag that lead nowhere', () => {
    const secured = compound(
      reportPacket({ ssrc: 1, about: 2 }),
      Uint8Array.of(0x80, 0, 0, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
    );
    expect(looksLikeRtcp(viewOf(secured), 0, secured.length, secured.length)).toBe(true);
    expect(parsed(secured)).toMatchObject({ whole: false, reports: [] });
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
        const wire = bytes.length + more;
        looksLikeRtcp(viewOf(bytes), 0, bytes.length, wire);
        const result = parseCompound(viewOf(bytes), 0, bytes.length, wire);
        if (!result.whole) expect(result.reports).toEqual([]);
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
