import type { ReportBlock, SinceLast } from './reception.ts';
import type { ReportSeen } from './rtcp.ts';
import type { ExtendedReportKind } from './scenario.ts';

/** The answer to the other side's reference time (RFC 3611 4.5). */
export interface ReferenceEcho {
  ssrc: number;
  lrr: number;
  /** 1/65536 s. */
  dlrr: number;
}

/** What extended reports are to hold. */
export interface ExtendedSpec {
  kinds: readonly ExtendedReportKind[];
  /** From one end to the other and back. */
  roundTripMs: number;
}

/** Code for signal levels, R and MOS that are not known. */
const UNAVAILABLE = 127;

/** Longest run of one run-length chunk. */
const RUN_MAX = 0x3fff;

/** An extended report packet (RFC 3611) beside a report; null when there is nothing to put into it. */
export function extendedReport(
  { ssrc, block, referenceTime, echo }: ReportSeen,
  { kinds, roundTripMs }: ExtendedSpec,
): DataView<ArrayBuffer> | null {
  const blocks: number[][] = [];
  if (referenceTime !== null) blocks.push(words(4, 0, [referenceTime.ntpSeconds, referenceTime.ntpFraction]));
  if (echo !== null) blocks.push(words(5, 0, [echo.ssrc, echo.lrr, echo.dlrr]));
  if (block !== null && kinds.includes('voip_metrics')) blocks.push(voipMetrics(block, roundTripMs));
  if (block !== null && block.since.received.length > 0) {
    if (kinds.includes('statistics')) blocks.push(statistics(block));
    if (kinds.includes('loss_runs')) blocks.push(lossRuns(block));
  }
  if (blocks.length === 0) return null;
  const octets = blocks.flat();
  const view = new DataView(new ArrayBuffer(8 + octets.length));
  view.setUint8(0, 0x80);
  view.setUint8(1, 207);
  view.setUint16(2, view.byteLength / 4 - 1);
  view.setUint32(4, ssrc);
  new Uint8Array(view.buffer).set(octets, 8);
  return view;
}

function words(type: number, specific: number, values: readonly number[]): number[] {
  const view = new DataView(new ArrayBuffer(4 + 4 * values.length));
  view.setUint8(0, type);
  view.setUint8(1, specific);
  view.setUint16(2, values.length);
  for (const [i, value] of values.entries()) view.setUint32(4 + 4 * i, value);
  return [...new Uint8Array(view.buffer)];
}

/** Loss and round trip; what the generator does not model is unavailable or 0 (RFC 3611 4.7). */
function voipMetrics(block: ReportBlock, roundTripMs: number): number[] {
  const view = new DataView(new ArrayBuffer(36));
  const octets = new Uint8Array(view.buffer);
  octets.set([7, 0, 0, 8]);
  view.setUint32(4, block.ssrc);
  const lost = Math.max(0, block.cumulativeLost);
  const rate = Math.min(255, Math.floor((256 * lost) / block.expected));
  octets.set([rate, 0, 0, rate], 8);
  view.setUint16(16, Math.round(roundTripMs));
  octets.fill(UNAVAILABLE, 20, 23);
  octets[23] = 16;
  octets.fill(UNAVAILABLE, 24, 28);
  // Standard PLC, fixed buffer.
  octets[28] = 0b1110_0000;
  for (const at of [30, 32, 34]) view.setUint16(at, 60);
  return [...octets];
}

/** Loss and copies since the report before (RFC 3611 4.6), without jitter and TTL. */
function statistics({ ssrc, since }: ReportBlock): number[] {
  const lost = since.received.filter((received) => !received).length;
  return words(6, 0xc0, [ssrc, range(since), lost, since.duplicates, 0, 0, 0, 0, 0]);
}

/** What became of each number since the report before (RFC 3611 4.1). */
function lossRuns({ ssrc, since }: ReportBlock): number[] {
  const chunks = chunksOf(since.received);
  if (chunks.length % 2 === 1) chunks.push(0);
  const pairs = Array.from(
    { length: chunks.length / 2 },
    (_, i) => chunks[2 * i]! * 65536 + chunks[2 * i + 1]!,
  );
  return words(1, 0, [ssrc, range(since), ...pairs]);
}

function range({ begin, end }: SinceLast): number {
  return (begin % 65536) * 65536 + (end % 65536);
}

/** Runs where they are longer than a vector, else vectors of 15. */
function chunksOf(received: readonly boolean[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < received.length; ) {
    let run = 1;
    while (at + run < received.length && received[at + run] === received[at] && run < RUN_MAX) run++;
    if (run > 15) {
      chunks.push((received[at] ? 0x4000 : 0) | run);
      at += run;
      continue;
    }
    let vector = 0x8000;
    for (let bit = 0; bit < 15; bit++) if (received[at + bit]) vector |= 1 << (14 - bit);
    chunks.push(vector);
    at += 15;
  }
  return chunks;
}
