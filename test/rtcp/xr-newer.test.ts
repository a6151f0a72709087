import { describe, expect, test } from 'vitest';
import { octets, xrBlock } from './reports.ts';
import { CUMULATIVE, INTERVAL, only, SAMPLED, SSRC } from './xr-read.ts';

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
    expect(only(xrBlock(15, INTERVAL | (1 << 2), body))).toEqual({
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
    expect(only(xrBlock(16, CUMULATIVE, body))).toEqual({
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
    expect(only(xrBlock(16, CUMULATIVE, unknown))).toMatchObject({
      value: { roundTripMeanMs: null, roundTripMaxMs: 0, endSystemDelayMs: null },
    });
  });

  test('RFC 6958 3.1: burst/gap loss; 24 + 24 + 12 + 36 bits share three words', () => {
    const squares = 9 * 2 ** 32 + 7;
    const body = octets([4, SSRC], [1, 16], [3, 4321], [3, 55], [3, 700], [2, (11 << 4) | 9], [4, 7]);
    expect(body).toHaveLength(20);
    expect(only(xrBlock(20, CUMULATIVE | 0x20, body))).toEqual({
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
    expect(only(xrBlock(21, INTERVAL, body))).toEqual({
      type: 21,
      ssrc: SSRC,
      value: { span: 'interval', gmin: 16, discardedInBursts: 12, expectedInBursts: 480 },
    });
  });

  test('RFC 7005 4.1: de-jitter buffer', () => {
    const body = octets([4, SSRC], [2, 60], [2, 200], [2, 0xffff], [2, 0xfffe]);
    expect(only(xrBlock(23, SAMPLED | 0x20, body))).toEqual({
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
    expect(only(xrBlock(24, INTERVAL | (code << 4), octets([4, SSRC], [4, 17])))).toEqual({
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
    expect(only(xrBlock(29, INTERVAL, body))).toEqual({
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
