import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCompound } from '../../src/rtcp/compound.ts';
import type { ExtendedReport, XrBlock } from '../../src/rtcp/xr.ts';
import { parseExtendedReport } from '../../src/rtcp/xr.ts';
import { dlrrBlock, extendedPacket, octets, referenceTimeBlock, xrBlock } from './reports.ts';

const SSRC = 0xcafe_f00d;

function parsed(...blocks: Uint8Array[]): ExtendedReport {
  const packet = extendedPacket(7, ...blocks);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return parseExtendedReport(view, 0, packet.length);
}

/** The only block of a packet. */
function only(block: Uint8Array): XrBlock {
  const report = parsed(block);
  expect(report).toMatchObject({ ssrc: 7, skipped: 0, malformed: 0 });
  expect(report.blocks).toHaveLength(1);
  return report.blocks[0]!;
}

const sampled = 1 << 6;
const interval = 2 << 6;
const cumulative = 3 << 6;

describe('the walk over blocks', () => {
  const voip = xrBlock(
    7,
    0,
    octets([4, SSRC], ...Array.from({ length: 28 }, () => [1, 1] as [number, number])),
  );

  test('unknown types are skipped and counted', () => {
    const report = parsed(xrBlock(99, 0, [1, 2, 3, 4]), voip, xrBlock(3, 0, octets([4, SSRC], [4, 0])), voip);
    expect(report.blocks.map((block) => block.type)).toEqual([7, 7]);
    expect(report).toMatchObject({ skipped: 2, malformed: 0 });
  });

  test('a block that reaches beyond the packet ends the walk', () => {
    const packet = extendedPacket(7, voip, voip);
    packet[8 + 36 + 3] = 200;
    const view = new DataView(packet.buffer);
    expect(parseExtendedReport(view, 0, packet.length)).toMatchObject({
      blocks: [{ type: 7 }],
      skipped: 0,
      malformed: 1,
    });
  });

  test('a block too short for its type is left out, and the walk goes on', () => {
    const report = parsed(xrBlock(7, 0, octets([4, SSRC], [4, 1])), xrBlock(6, 0, [1, 2, 3, 4]), voip);
    expect(report.blocks).toHaveLength(1);
    expect(report).toMatchObject({ skipped: 0, malformed: 2 });
  });

  test('blocks kept are bounded', () => {
    const report = parsed(...Array.from({ length: 300 }, () => dlrrBlock(1, 2, 3)));
    expect(report.blocks).toHaveLength(128);
    expect(report.skipped).toBe(172);
  });

  test('any octets end normally, with plain numbers', () => {
    const anyBlock = fc
      .tuple(
        fc.constantFrom(1, 2, 4, 5, 6, 7, 14, 15, 16, 20, 21, 23, 24, 25, 29, 77),
        fc.nat(255),
        fc.uint8Array({ maxLength: 64 }),
      )
      .map(([type, specific, body]) => xrBlock(type, specific, body));
    fc.assert(
      fc.property(
        fc.array(anyBlock, { maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255))),
        (blocks, flips) => {
          const packet = extendedPacket(7, ...blocks);
          for (const [at, value] of flips) packet[4 + (at % (packet.length - 4))] = value;
          const compound = parseCompound(new DataView(packet.buffer), 0, packet.length, packet.length);
          for (const report of compound.extended) {
            expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity/);
            for (const block of report.blocks) noNonsense(block);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  /** Every number is finite, and no ratio or MOS leaves its range. */
  function noNonsense(value: unknown, name = ''): void {
    if (typeof value === 'number') {
      expect(Number.isFinite(value)).toBe(true);
      if (name.endsWith('Ratio') || name.endsWith('Density')) expect(value).toBeLessThanOrEqual(1);
      if (name.startsWith('mos')) expect(value >= 1 && value <= 5).toBe(true);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) noNonsense(inner, key);
    }
  }
});

describe('RFC 3611', () => {
  test('4.4, 4.5: reference times and their answers', () => {
    expect(only(referenceTimeBlock(0x1234_5678))).toEqual({ type: 4, value: { key: 0x1234_5678 } });
    const two = xrBlock(5, 0, octets([4, 1], [4, 2], [4, 3], [4, 0xffff_ffff], [4, 5], [4, 6]));
    expect(only(two)).toEqual({
      type: 5,
      value: [
        { ssrc: 1, lrr: 2, dlrr: 3 },
        { ssrc: 0xffff_ffff, lrr: 5, dlrr: 6 },
      ],
    });
  });

  test('4.6: statistics summary, ten words; flags say what counts', () => {
    const body = octets(
      [4, SSRC],
      [2, 65_530],
      [2, 10],
      [4, 12],
      [4, 3],
      [4, 1],
      [4, 900],
      [4, 80],
      [4, 40],
      [1, 57],
      [1, 64],
      [1, 60],
      [1, 2],
    );
    expect(body).toHaveLength(36);
    expect(only(xrBlock(6, 0xe8, body))).toEqual({
      type: 6,
      ssrc: SSRC,
      value: {
        beginSequence: 65_530,
        endSequence: 10,
        lost: 12,
        duplicates: 3,
        jitterTicks: { min: 1, max: 900, mean: 80, deviation: 40 },
        ttl: { min: 57, max: 64, mean: 60, deviation: 2 },
      },
    });
    expect(only(xrBlock(6, 0x40, body))).toMatchObject({
      value: { lost: null, duplicates: 3, jitterTicks: null, ttl: null },
    });
  });

  test('4.7: VoIP metrics, nine words at the published offsets', () => {
    const body = octets(
      [4, SSRC],
      [1, 8],
      [1, 4],
      [1, 128],
      [1, 1],
      [2, 360],
      [2, 4200],
      [2, 85],
      [2, 120],
      [1, 256 - 21],
      [1, 256 - 68],
      [1, 55],
      [1, 16],
      [1, 88],
      [1, 127],
      [1, 41],
      [1, 39],
      [1, 0b11_11_0101],
      [1, 0],
      [2, 40],
      [2, 80],
      [2, 240],
    );
    expect(body).toHaveLength(32);
    expect(only(xrBlock(7, 0, body))).toEqual({
      type: 7,
      ssrc: SSRC,
      value: {
        lossRatio: 8 / 256,
        discardRatio: 4 / 256,
        burstDensity: 0.5,
        gapDensity: 1 / 256,
        burstDurationMs: 360,
        gapDurationMs: 4200,
        roundTripMs: 85,
        endSystemDelayMs: 120,
        signalLevelDbm0: -21,
        noiseLevelDbm0: -68,
        residualEchoReturnLossDb: 55,
        gmin: 16,
        rFactor: 88,
        externalRFactor: null,
        mosLq: 4.1,
        mosCq: 3.9,
        plc: 'standard',
        jitterBuffer: 'adaptive',
        jitterBufferRate: 5,
        jitterBufferNominalMs: 40,
        jitterBufferMaximumMs: 80,
        jitterBufferAbsoluteMaximumMs: 240,
      },
    });
  });

  test('4.7: 127 is no value, and neither is a score out of range', () => {
    const body = octets(
      [4, SSRC],
      [8, 0],
      [4, 0],
      [1, 127],
      [1, 127],
      [1, 127],
      [1, 16],
      [1, 127],
      [1, 101],
      [1, 9],
      [1, 51],
    );
    expect(only(xrBlock(7, 0, [...body, 0x20, 0, 0, 0, 0, 0, 0, 0]))).toMatchObject({
      value: {
        signalLevelDbm0: null,
        noiseLevelDbm0: null,
        residualEchoReturnLossDb: null,
        rFactor: null,
        externalRFactor: null,
        mosLq: null,
        mosCq: null,
        plc: null,
        jitterBuffer: 'fixed',
      },
    });
  });
});

describe('newer blocks', () => {
  test('RFC 6776 4.1: measurement information', () => {
    const body = octets(
      [4, SSRC],
      [2, 0],
      [2, 9],
      [4, 0x1_0009],
      [4, 0x1_00ff],
      [4, 5 * 65_536],
      [4, 12],
      [4, 2 ** 31],
    );
    expect(only(xrBlock(14, 0, body))).toEqual({
      type: 14,
      ssrc: SSRC,
      value: {
        firstSequence: 9,
        extendedFirstSequence: 0x1_0009,
        extendedLastSequence: 0x1_00ff,
        intervalMs: 5000,
        cumulativeMs: 12_500,
      },
    });
  });

  test('RFC 6798 3.1: packet delay variation', () => {
    const body = octets(
      [4, SSRC],
      [2, 160],
      [2, 99 * 256 + 128],
      [2, 0x10000 - 40],
      [2, 98 * 256],
      [2, 8],
      [2, 0],
    );
    expect(only(xrBlock(15, interval | (1 << 2), body))).toEqual({
      type: 15,
      ssrc: SSRC,
      value: {
        span: 'interval',
        kind: 'y1540',
        positiveMs: 10,
        positivePercent: 99.5,
        negativeMs: -2.5,
        negativePercent: 98,
        meanMs: 0.5,
      },
    });
    const unknown = octets(
      [4, SSRC],
      [2, 0x7fff],
      [2, 0xffff],
      [2, 0x8000],
      [2, 0xffff],
      [2, 0x7ffe],
      [2, 0],
    );
    expect(only(xrBlock(15, 5 << 2, unknown))).toMatchObject({
      value: {
        span: null,
        kind: null,
        positiveMs: null,
        positivePercent: null,
        negativeMs: null,
        negativePercent: null,
        meanMs: null,
      },
    });
  });

  test('RFC 6843 3.1: delay in the order mean, least, greatest', () => {
    const body = octets([4, SSRC], [4, 6554], [4, 3277], [4, 0xffff_ffff], [4, 0], [4, 2 ** 30]);
    expect(only(xrBlock(16, cumulative, body))).toEqual({
      type: 16,
      ssrc: SSRC,
      value: {
        span: 'cumulative',
        roundTripMeanMs: (6554 * 1000) / 65_536,
        roundTripMinMs: (3277 * 1000) / 65_536,
        roundTripMaxMs: null,
        endSystemDelayMs: 250,
      },
    });
    const unknown = octets(
      [4, SSRC],
      [4, 0xffff_fffe],
      [4, 0xffff_ffff],
      [4, 0],
      [4, 0xffff_ffff],
      [4, 0xffff_fffe],
    );
    expect(only(xrBlock(16, cumulative, unknown))).toMatchObject({
      value: { roundTripMeanMs: null, roundTripMaxMs: 0, endSystemDelayMs: null },
    });
  });

  test('RFC 6958 3.1: burst/gap loss; 24 + 24 + 12 + 36 bits share three words', () => {
    const squares = 9 * 2 ** 32 + 7;
    const body = octets([4, SSRC], [1, 16], [3, 4321], [3, 55], [3, 700], [2, (11 << 4) | 9], [4, 7]);
    expect(body).toHaveLength(20);
    expect(only(xrBlock(20, cumulative | 0x20, body))).toEqual({
      type: 20,
      ssrc: SSRC,
      value: {
        span: 'cumulative',
        combined: true,
        gmin: 16,
        burstDurationsMs: 4321,
        lostInBursts: 55,
        expectedInBursts: 700,
        bursts: 11,
        burstDurationsSquared: squares,
      },
    });
    const unknown = octets(
      [4, SSRC],
      [1, 16],
      [3, 0xffffff],
      [3, 0xfffffe],
      [3, 0xffffff],
      [2, 0xffff],
      [4, 0xffff_ffff],
    );
    expect(only(xrBlock(20, 0, unknown))).toMatchObject({
      value: {
        span: null,
        combined: false,
        burstDurationsMs: null,
        lostInBursts: null,
        expectedInBursts: null,
        bursts: null,
        burstDurationsSquared: null,
      },
    });
  });

  test('RFC 7003 3.1: burst/gap discard', () => {
    const body = octets([4, SSRC], [1, 16], [3, 12], [3, 480], [1, 0]);
    expect(only(xrBlock(21, interval, body))).toEqual({
      type: 21,
      ssrc: SSRC,
      value: { span: 'interval', gmin: 16, discardedInBursts: 12, expectedInBursts: 480 },
    });
  });

  test('RFC 7005 4.1: de-jitter buffer', () => {
    const body = octets([4, SSRC], [2, 60], [2, 200], [2, 0xffff], [2, 0xfffe]);
    expect(only(xrBlock(23, sampled | 0x20, body))).toEqual({
      type: 23,
      ssrc: SSRC,
      value: {
        span: 'sampled',
        kind: 'adaptive',
        nominalMs: 60,
        maximumMs: 200,
        highWaterMarkMs: null,
        lowWaterMarkMs: null,
      },
    });
  });

  test.each([
    [0, 'duplicates'],
    [1, 'early'],
    [2, 'late'],
    [3, 'earlyAndLate'],
  ])('RFC 7002 3.1: discard count, kind %i', (code, kind) => {
    expect(only(xrBlock(24, interval | (code << 4), octets([4, SSRC], [4, 17])))).toEqual({
      type: 24,
      ssrc: SSRC,
      value: { span: 'interval', kind, count: 17 },
    });
    expect(only(xrBlock(24, code << 4, octets([4, SSRC], [4, 0xffff_fffe])))).toMatchObject({
      value: { count: null },
    });
  });

  test('RFC 7266 3.1: MOS in eighths of 32; a MOS of 0 or for one of several channels is none', () => {
    const segment = (algorithm: number, payloadType: number, value: number): [number, number] => [
      4,
      algorithm * 2 ** 23 + payloadType * 2 ** 16 + value,
    ];
    const body = octets([4, SSRC], segment(2, 8, 4.25 * 256), segment(1, 111, 0xffff), [4, 0x8000_0400]);
    expect(only(xrBlock(29, interval, body))).toEqual({
      type: 29,
      ssrc: SSRC,
      value: [
        { span: 'interval', algorithm: 2, payloadType: 8, mos: 4.25 },
        { span: 'interval', algorithm: 1, payloadType: 111, mos: null },
        { span: 'interval', algorithm: 0, payloadType: 0, mos: null },
      ],
    });
  });
});
