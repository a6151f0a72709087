import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCompound } from '../../src/rtcp/compound.ts';
import { parseExtendedReport } from '../../src/rtcp/xr.ts';
import { dlrrBlock, extendedPacket, octets, referenceTimeBlock, xrBlock } from './reports.ts';
import { only, parsed, SSRC } from './xr-read.ts';

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
