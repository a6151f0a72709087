import type { Spread } from '../records/endpoint-view.ts';

/** A statistics summary block with its jitter still in timestamp ticks of the stream. */
export interface StatisticsBlock {
  beginSequence: number;
  endSequence: number;
  lost: number | null;
  duplicates: number | null;
  jitterTicks: Spread | null;
  ttl: Spread | null;
}

const LOSS_FLAG = 0x80;
const DUPLICATE_FLAG = 0x40;
const JITTER_FLAG = 0x20;
/** 1 time to live, 2 hop limit, 0 neither. */
const TTL_KIND = 0x18;

/** Reads a statistics summary block (RFC 3611 4.6), 10 words; a flag says which values count. */
export function readStatistics(data: DataView, offset: number): StatisticsBlock {
  const flags = data.getUint8(offset + 1);
  const word = (index: number): number => data.getUint32(offset + 4 * index);
  const octet = (index: number): number => data.getUint8(offset + 36 + index);
  return {
    beginSequence: data.getUint16(offset + 8),
    endSequence: data.getUint16(offset + 10),
    lost: (flags & LOSS_FLAG) === 0 ? null : word(3),
    duplicates: (flags & DUPLICATE_FLAG) === 0 ? null : word(4),
    jitterTicks:
      (flags & JITTER_FLAG) === 0 ? null : { min: word(5), max: word(6), mean: word(7), deviation: word(8) },
    ttl:
      (flags & TTL_KIND) === 0 ? null : { min: octet(0), max: octet(1), mean: octet(2), deviation: octet(3) },
  };
}
