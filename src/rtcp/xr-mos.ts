import type { ReportedMos } from '../records/endpoint-view.ts';
import { spanOf } from './xr-number.ts';

/** Segments read of one block: one per algorithm and payload type is plenty. */
const SEGMENTS_MAX = 16;

/**
 * Reads the segments of a MOS metrics block (RFC 7266 3.1): 1 bit of kind, 8 of algorithm, 7 of payload type, 16 of
 * value. Values are fixed point with eight bits behind the point; outside 1..5 they are no MOS. Segments for one of
 * several channels have no value here.
 */
export function readMos(data: DataView, offset: number, end: number): ReportedMos[] {
  const span = spanOf(data.getUint8(offset + 1));
  const segments: ReportedMos[] = [];
  for (let at = offset + 8; at + 4 <= end && segments.length < SEGMENTS_MAX; at += 4) {
    const word = data.getUint32(at);
    const single = word >>> 31 === 0;
    const mos = (word & 0xffff) / 256;
    segments.push({
      span,
      algorithm: (word >>> 23) & 0xff,
      payloadType: (word >>> 16) & 0x7f,
      mos: single && mos >= 1 && mos <= 5 ? mos : null,
    });
  }
  return segments;
}
