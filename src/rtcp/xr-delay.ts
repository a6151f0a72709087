import type {
  DelayReport,
  DelayVariationReport,
  JitterBufferReport,
  MeasurementSpan,
} from '../records/endpoint-view.ts';
import { known, shortTimeMs, spanOf } from './xr-number.ts';

const VARIATION_KINDS: readonly DelayVariationReport['kind'][] = ['mapdv2', 'y1540'];

/** Reads a measurement information block (RFC 6776 4.1), 8 words. */
export function readMeasurementSpan(data: DataView, offset: number): MeasurementSpan {
  return {
    firstSequence: data.getUint16(offset + 10),
    extendedFirstSequence: data.getUint32(offset + 12),
    extendedLastSequence: data.getUint32(offset + 16),
    intervalMs: (data.getUint32(offset + 20) * 1000) / 65536,
    cumulativeMs: data.getUint32(offset + 24) * 1000 + (data.getUint32(offset + 28) * 1000) / 2 ** 32,
  };
}

/** Reads a packet delay variation block (RFC 6798 3.1), 5 words. */
export function readDelayVariation(data: DataView, offset: number): DelayVariationReport {
  const flags = data.getUint8(offset + 1);
  return {
    span: spanOf(flags),
    kind: VARIATION_KINDS[(flags >> 2) & 0x0f] ?? null,
    positiveMs: sixteenths(data.getInt16(offset + 8)),
    positivePercent: percent(data.getUint16(offset + 10)),
    negativeMs: sixteenths(data.getInt16(offset + 12)),
    negativePercent: percent(data.getUint16(offset + 14)),
    meanMs: sixteenths(data.getInt16(offset + 16)),
  };
}

/** Signed ms in sixteenths; 0x7ffe and 0x8000 are over range, 0x7fff is unavailable. */
function sixteenths(value: number): number | null {
  return value >= 0x7ffe || value === -0x8000 ? null : value / 16;
}

/** A share in percent with eight bits behind the point. */
function percent(value: number): number | null {
  return value > 100 * 256 ? null : value / 256;
}

/** Reads a delay block (RFC 6843 3.1), 7 words. */
export function readDelay(data: DataView, offset: number): DelayReport {
  const seconds = data.getUint32(offset + 20);
  const fraction = data.getUint32(offset + 24);
  const reserved = seconds === 0xffff_ffff && fraction >= 0xffff_fffe;
  return {
    span: spanOf(data.getUint8(offset + 1)),
    roundTripMeanMs: shortTimeMs(data.getUint32(offset + 8)),
    roundTripMinMs: shortTimeMs(data.getUint32(offset + 12)),
    roundTripMaxMs: shortTimeMs(data.getUint32(offset + 16)),
    endSystemDelayMs: reserved ? null : seconds * 1000 + (fraction * 1000) / 2 ** 32,
  };
}

/** Reads a de-jitter buffer block (RFC 7005 4.1), 4 words. */
export function readJitterBuffer(data: DataView, offset: number): JitterBufferReport {
  const flags = data.getUint8(offset + 1);
  const ms = (at: number): number | null => known(data.getUint16(offset + at), 0xfffe);
  return {
    span: spanOf(flags),
    kind: (flags & 0x20) === 0 ? 'fixed' : 'adaptive',
    nominalMs: ms(8),
    maximumMs: ms(10),
    highWaterMarkMs: ms(12),
    lowWaterMarkMs: ms(14),
  };
}
