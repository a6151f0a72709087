import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { percentText, secondsText } from './finding.ts';
import type { PlainLoss } from './loss.ts';
import type { Piece } from './media-gaps.ts';

/** Packets in a row that never came. */
export interface LossRun {
  fromUs: number;
  toUs: number;
  packets: number;
}

/** How much was lost, of which time. */
export interface LossShare {
  /** From the first loss to the last. */
  startUs: number;
  endUs: number;
  /** Of what was expected then, and of the whole stream. */
  spanRatio: number;
  ratio: number;
  /** The span is the stream, but for a little at its ends. */
  isWhole: boolean;
  /** What is missing in one piece and left out, and how many pieces. */
  leftOutMs: number;
  pieces: number;
}

/** What a stream may last longer at either end: as much as what is said of whole calls leaves out. */
const LEFT_OUT_MAX_US = 5e6;
const LEFT_OUT_MAX_SHARE = 0.1;

/** The runs of losses that are known, but for those that are `pieces`. */
export function otherRuns({ startUs, ptimeMs, history }: StreamRecord, pieces: readonly Piece[]): LossRun[] {
  const { losses } = history;
  const runs: LossRun[] = [];
  for (let i = 0; i < losses.length; i++) {
    const fromUs = startUs + losses.atMs(i) * 1000;
    const packets = losses.value(i);
    const isPiece = pieces.some(
      (piece) => packets === piece.missing && fromUs >= piece.fromUs && fromUs <= piece.toUs,
    );
    if (!isPiece) runs.push({ fromUs, toUs: fromUs + packets * (ptimeMs ?? 0) * 1000, packets });
  }
  return runs;
}

/** Which share of a stream, and of the time in which it lost, is lost; `pieces` left out. */
export function lossShare(stream: StreamRecord, loss: PlainLoss, pieces: readonly Piece[]): LossShare {
  const span = lossSpan(stream, otherRuns(stream, pieces));
  const cut = pieces.filter(({ missing }) => (missing ?? 0) > 0);
  const leftOutUs = Math.min(LEFT_OUT_MAX_US, (stream.endUs - stream.startUs) * LEFT_OUT_MAX_SHARE);
  const isWhole = span.startUs <= stream.startUs + leftOutUs && span.endUs >= stream.endUs - leftOutUs;
  const expected = Math.min(loss.expected, Math.max(loss.lost, expectedIn(stream, span, cut)));
  return {
    ...span,
    spanRatio: expected > 0 ? loss.lost / expected : 0,
    ratio: loss.ratio,
    isWhole,
    leftOutMs: cut.reduce((sum, { fromUs, toUs }) => sum + (toUs - fromUs) / 1000, 0),
    pieces: cut.length,
  };
}

/** From the first loss to the last, as exactly as they are known. */
function lossSpan(stream: StreamRecord, runs: readonly LossRun[]): { startUs: number; endUs: number } {
  const startUs = runs[0]?.fromUs ?? stream.startUs;
  let { endUs } = stream;
  const last = runs.at(-1);
  if (last !== undefined && stream.history.losses.dropped === 0) endUs = last.toUs;
  else {
    for (let i = stream.intervals.length - 1; i >= 0; i--) {
      const interval = stream.intervals.look(i);
      if (interval.lost === 0) continue;
      endUs = interval.startUs + interval.durationMs * 1000;
      break;
    }
  }
  return { startUs, endUs: Math.max(startUs, Math.min(endUs, stream.endUs)) };
}

/** Packets due in a time, by the intervals that it covers or cuts. */
function expectedIn(
  { intervals }: StreamRecord,
  { startUs, endUs }: { startUs: number; endUs: number },
  cut: readonly Piece[],
): number {
  let sum = 0;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    const lengthUs = interval.durationMs * 1000;
    const insideUs = Math.min(endUs, interval.startUs + lengthUs) - Math.max(startUs, interval.startUs);
    if (insideUs > 0 && lengthUs > 0) sum += (interval.expected * insideUs) / lengthUs;
  }
  for (const { fromUs, toUs, missing } of cut) if (fromUs >= startUs && toUs <= endUs) sum -= missing ?? 0;
  return sum;
}

/**
 * `6.1 % of packets lost within 300 s, 3.0 % of the whole stream`: the time that a finding names has a share of its own.
 * @param how ` in bursts`, ` one by one` or nothing
 */
export function shareText(
  { startUs, endUs, spanRatio, ratio, isWhole, ...leftOut }: LossShare,
  how: string,
): string {
  const without = withoutText(leftOut);
  if (isWhole) return `${percentText(ratio)} % of packets lost${how}${without}`;
  const span = secondsText((endUs - startUs) / 1000);
  return `${percentText(spanRatio)} % of packets lost${how} within ${span} s, ${percentText(ratio)} % of the whole stream${without}`;
}

/** ` (without the 1.5 s missing in one piece)`; empty where nothing was left out. */
export function withoutText({ leftOutMs, pieces }: Pick<LossShare, 'leftOutMs' | 'pieces'>): string {
  if (pieces === 0) return '';
  return ` (without the ${secondsText(leftOutMs)} s missing in ${pieces === 1 ? 'one piece' : `${pieces} pieces`})`;
}

/** How much audio packets in a row hold, ms; null where their length is not known. */
export function holeMs({ ptimeMs }: StreamRecord, packets: number): number | null {
  return ptimeMs === null ? null : packets * ptimeMs;
}

/** `longest hole 60 ms`, after a comma; empty where that is not known. */
export function longestHoleText(lengthMs: number | null, before: string): string {
  return lengthMs === null ? '' : `${before}longest hole ${lengthMs.toFixed(0)} ms`;
}

/** `one hole of 700 ms (35 packets)`. */
export function oneHoleText(lengthMs: number | null, packets: number): string {
  return lengthMs === null
    ? `one hole of ${packets} packets`
    : `one hole of ${lengthMs.toFixed(0)} ms (${packets} packets)`;
}

/** The share as evidence. */
export function shareEvidence({
  startUs,
  endUs,
  spanRatio,
  leftOutMs,
}: LossShare): FindingRecord['evidence'] {
  return { spanLostRatio: spanRatio, spanMs: (endUs - startUs) / 1000, leftOutMs };
}
