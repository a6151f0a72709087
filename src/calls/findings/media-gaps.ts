import { type Gap, leavesOutSilence } from '../../records/stream-history.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { isAudio } from './call-facts.ts';
import { aboutStream, secondsText } from './finding.ts';
import type { Span } from './talk-time.ts';
import type { Thresholds } from './thresholds.ts';

/** A piece of a stream that is missing. */
export interface Piece {
  fromUs: number;
  toUs: number;
  /** Sequence numbers in it; null when the numbers began anew. */
  missing: number | null;
}

/**
 * Gaps in which media was lost: numbers are missing for most of the time, they began anew in step with the clock, or
 * the sender's clock ran on although nothing says that the sender was silent.
 */
export function missingPieces(stream: StreamRecord, limits: Thresholds): Piece[] {
  const { gaps } = stream.history;
  return gaps
    .filter((gap) => gap.durationMs >= limits.interruptionMs && isMissing(gap, stream))
    .map((gap) => pieceOf(gap, stream));
}

function pieceOf({ atMs, durationMs, missing }: Gap, stream: StreamRecord): Piece {
  const fromUs = stream.startUs + atMs * 1000;
  return { fromUs, toUs: fromUs + durationMs * 1000, missing };
}

/** The longest of some pieces, and all together, us. */
function lengthsOf(pieces: readonly Piece[]): { longestUs: number; totalUs: number } {
  const lengthsUs = pieces.map(({ fromUs, toUs }) => toUs - fromUs);
  return { longestUs: Math.max(...lengthsUs), totalUs: lengthsUs.reduce((sum, us) => sum + us, 0) };
}

/** Unexplained stops of a clock that runs on; more of them are a sender that suppresses silence without markers. */
const UNEXPLAINED_MAX = 2;

function isMissing(gap: Gap, stream: StreamRecord): boolean {
  const { missing, mediaMs, durationMs } = gap;
  const ranOn = mediaMs !== null && mediaMs >= durationMs / 2 && mediaMs <= durationMs * 1.5 + 500;
  if (missing === null) return ranOn;
  if (missing > 0) {
    // A lost packet or two beside a long silence interrupt nothing.
    const ptimeMs = stream.ptimeMs ?? 20;
    return missing * ptimeMs >= durationMs / 2;
  }
  if (!ranOn || suppressesSilence(stream)) return false;
  const alike = stream.history.gaps.filter((other) => other.missing === 0 && (other.mediaMs ?? 0) >= 500);
  return alike.length <= UNEXPLAINED_MAX;
}

/** Does the sender stop sending in silence? Then time without packets is no interruption. */
export function suppressesSilence({ media, history }: StreamRecord): boolean {
  return leavesOutSilence(media.silencePackets, history);
}

/**
 * Whether another stream was to be heard in place of this one: a media server that plays music, or lets another party speak,
 * with an SSRC of its own. `others`: streams of the same call.
 */
function isFilled(
  { fromUs, toUs }: Piece,
  stream: StreamRecord,
  others: readonly StreamRecord[],
  limits: Thresholds,
): boolean {
  const { ip, port } = stream.dst;
  let filledUs = 0;
  for (const other of others) {
    const isSameWay = other.dst.ip === ip && other.dst.port === port && other.direction === stream.direction;
    // Video may share the port of its voice, and replaces none.
    if (other === stream || !isSameWay || isAudio(other) !== isAudio(stream)) continue;
    filledUs += Math.max(0, Math.min(toUs, other.endUs) - Math.max(fromUs, other.startUs));
  }
  return toUs - fromUs - filledUs < limits.interruptionMs * 1000;
}

/** A second or more of media is missing in the middle of a stream, and no other of `streams` is there instead. */
export function interruptedFinding(
  stream: StreamRecord,
  limits: Thresholds,
  held: readonly Span[],
  streams: readonly StreamRecord[] = [],
): FindingRecord | null {
  const pieces = missingPieces(stream, limits).filter(
    (piece) => !overlaps(piece, held) && !isFilled(piece, stream, streams, limits),
  );
  if (pieces.length === 0) return null;
  const { longestUs, totalUs } = lengthsOf(pieces);
  const missing = pieces.reduce((sum, piece) => sum + (piece.missing ?? 0), 0);
  const times = pieces.length === 1 ? '' : `${pieces.length} times, `;
  return aboutStream(stream, {
    code: 'media_interrupted',
    severity: longestUs >= 3e6 || pieces.length > 2 ? 'critical' : 'warning',
    text:
      `media was interrupted ${times}${pieces.length === 1 ? 'for' : 'at most for'} ${secondsText(longestUs / 1000)} s` +
      `${missing > 0 ? `: ${missing} packets in a piece are missing` : ": the sender's clock ran on"}`,
    evidence: {
      interruptions: pieces.length,
      longestMs: longestUs / 1000,
      missingPackets: missing,
      totalMs: totalUs / 1000,
    },
    startUs: pieces[0]!.fromUs,
    endUs: pieces.at(-1)!.toUs,
  });
}

/** The sender stopped and went on: time passed, no number is missing, and its clock stood still. */
export function pausedFinding(
  stream: StreamRecord,
  limits: Thresholds,
  held: readonly Span[],
  streams: readonly StreamRecord[] = [],
): FindingRecord | null {
  const pauses = stream.history.gaps
    .filter((gap) => gap.stayed && gap.missing === 0 && gap.durationMs >= limits.interruptionMs)
    .map((gap) => pieceOf(gap, stream))
    .filter((piece) => !overlaps(piece, held) && !isFilled(piece, stream, streams, limits));
  if (pauses.length === 0) return null;
  const { longestUs, totalUs } = lengthsOf(pauses);
  return aboutStream(stream, {
    code: 'sender_paused',
    severity: 'warning',
    text:
      `the sender paused ${pauses.length === 1 ? '' : `${pauses.length} times, at most `}for ` +
      `${secondsText(longestUs / 1000)} s: no packet is missing, and its clock stood still`,
    evidence: { pauses: pauses.length, longestMs: longestUs / 1000, totalMs: totalUs / 1000 },
    startUs: pauses[0]!.fromUs,
    endUs: pauses.at(-1)!.toUs,
  });
}

/** Digital silence for 10 s or more, but for time on hold. */
export function deadAirFinding(
  stream: StreamRecord,
  limits: Thresholds,
  held: readonly Span[],
): FindingRecord | null {
  const dead = stream.media.deadAir;
  if (dead === null || dead.longestStartUs === null || dead.longestMs < limits.deadAirMs) return null;
  const fromUs = dead.longestStartUs;
  const toUs = fromUs + dead.longestMs * 1000;
  if (overlaps({ fromUs, toUs }, held)) return null;
  const most = dead.longestMs >= stream.durationMs / 2;
  return aboutStream(stream, {
    code: 'dead_air',
    severity: most ? 'warning' : 'info',
    text: `${secondsText(dead.longestMs)} s of digital silence while packets flow: nothing can be heard`,
    evidence: { longestMs: dead.longestMs, ratio: dead.ratio, thresholdMs: limits.deadAirMs },
    startUs: fromUs,
    endUs: toUs,
  });
}

function overlaps({ fromUs, toUs }: Pick<Piece, 'fromUs' | 'toUs'>, spans: readonly Span[]): boolean {
  return spans.some((span) => fromUs < span.endUs && toUs > span.startUs);
}
