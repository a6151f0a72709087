import { attemptOutcome } from '../records/attempt-outcome.ts';
import { EVIDENCE_MIN, INTERVAL_EVIDENCE_MIN } from '../records/evidence.ts';
import type { CallState, Scale } from '../records/types.ts';
import type { ReportCall, ReportFinding, ReportInterval, ReportStream } from '../report/contract.ts';
import { neutralised } from '../report/wire-text.ts';
import { type CallMarks, marksOfCall, marksOfStreams } from './call-marks.ts';

/** A record as some version of this program wrote it: anything may be missing. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Loose<T[Key]> | null }
    : T;

/** What counts, and of how much: packets lost of packets expected. */
export interface Part {
  part: number;
  whole: number;
}

/**
 * What a comparison knows of one call, or of the streams between two endpoints that no call claims. Of two directions the
 * worse one counts; streams that are too short to be judged (fewer than 250 packets expected) say nothing.
 */
export interface CallSample {
  /** What it is drawn together with: legs of one conversation are no two observations. */
  unit: string;
  /** A call with signalling; else streams of no call. */
  signalled: boolean;
  jitterP95Ms: number | null;
  pdvP95Ms: number | null;
  roundTripMs: number | null;
  postDialDelayMs: number | null;
  mediaDelayMs: number | null;
  /** MOS-LQ by scale, and the 5th percentile of that of its intervals: scales are never mixed. */
  mos: Partial<Record<Scale, number>>;
  mosP05: Partial<Record<Scale, number>>;
  lost: Part;
  discarded: Part;
  badTime: Part;
  answered: Part;
  effective: Part;
  /** Codes of findings that are more than information. */
  findings: readonly string[];
  /** Final code of a failed call, `timeout` without one; null when it did not fail. */
  failure: string | null;
  codecs: readonly string[];
  marks: CallMarks;
}

/** A call with its streams; `grave` are the codes of its findings that are more than information. */
export function sampleOfCall(
  call: Loose<ReportCall>,
  streams: readonly Loose<ReportStream>[],
  grave: readonly string[],
): CallSample {
  const state = (call.state ?? 'open') as CallState;
  const finalCode = finite(call.finalCode);
  const rang = finite(call.setup?.postDialDelayMs) !== null;
  const ofScan = call.signalling?.ofScan === true;
  const answerSeen = (call.answerTime ?? null) !== null;
  const outcome = attemptOutcome({ state, finalCode, answerSeen, rang, ofScan });
  const { resolved, answered, redirected, userOutcome, afterRinging } = outcome;
  const counts = resolved && !redirected;
  const effective = answered || userOutcome || afterRinging;
  return {
    ...mediaOf(streams),
    unit: `call ${call.conversationId ?? call.id ?? call.callId ?? ''}`,
    signalled: true,
    roundTripMs: finite(call.roundTripMs),
    postDialDelayMs: finite(call.setup?.postDialDelayMs),
    mediaDelayMs: greatest([
      finite(call.setup?.mediaDelayMs?.callerToCallee),
      finite(call.setup?.mediaDelayMs?.calleeToCaller),
    ]),
    answered: { part: answered ? 1 : 0, whole: counts ? 1 : 0 },
    effective: { part: effective && counts ? 1 : 0, whole: counts ? 1 : 0 },
    findings: [...new Set(grave)],
    failure: state === 'failed' && !ofScan ? String(finalCode ?? 'timeout') : null,
    marks: marksOfCall(call),
  };
}

/** Streams between two endpoints that no call claims: all that a capture without signalling has. */
export function sampleOfStreams(unit: string, streams: readonly Loose<ReportStream>[]): CallSample {
  return {
    ...mediaOf(streams),
    unit: `streams ${unit}`,
    signalled: false,
    roundTripMs: null,
    postDialDelayMs: null,
    mediaDelayMs: null,
    answered: { part: 0, whole: 0 },
    effective: { part: 0, whole: 0 },
    findings: [],
    failure: null,
    marks: marksOfStreams(streams),
  };
}

/** Both directions between two endpoints have one name. */
export function endpointsOf({ src, dst }: Loose<ReportStream>): string {
  const ends = [src, dst].map((end) => `${end?.ip ?? ''} ${end?.port ?? ''}`);
  return ends.sort().join(' ');
}

/** Codes that are more than information. */
export function graveCodes(findings: readonly Loose<ReportFinding>[]): string[] {
  return findings.flatMap(({ code, severity }) =>
    severity === 'info' || typeof code !== 'string' ? [] : neutralised(code),
  );
}

type MediaSample = Pick<
  CallSample,
  'jitterP95Ms' | 'pdvP95Ms' | 'mos' | 'mosP05' | 'lost' | 'discarded' | 'badTime' | 'codecs'
>;

function mediaOf(streams: readonly Loose<ReportStream>[]): MediaSample {
  const judged = streams.filter(isJudged);
  const lost = { part: 0, whole: 0 };
  const discarded = { part: 0, whole: 0 };
  const badTime = { part: 0, whole: 0 };
  for (const stream of judged) {
    const expected = finite(stream.expected) ?? 0;
    lost.part += finite(stream.lost) ?? 0;
    lost.whole += expected;
    const { quality } = stream;
    const model = quality?.assumptions?.playout;
    const ratio = typeof model === 'string' ? finite(stream.playout?.[model]?.discardRatio) : null;
    if (ratio !== null) add(discarded, ratio * expected, expected);
    const bad = finite(quality?.badTimeRatio);
    const durationMs = finite(stream.durationMs);
    if (bad !== null && durationMs !== null) add(badTime, bad * durationMs, durationMs);
  }
  return {
    jitterP95Ms: greatest(judged.map(({ jitterMs }) => finite(jitterMs?.p95))),
    pdvP95Ms: greatest(judged.map(({ pdvMs }) => finite(pdvMs?.p95))),
    mos: leastByScale(judged, ({ quality }) => finite(quality?.mosLq)),
    mosP05: leastByScale(judged, lowIntervalMos),
    lost,
    discarded,
    badTime,
    codecs: [
      ...new Set(judged.map(({ codec }) => (typeof codec === 'string' ? neutralised(codec) : 'unknown'))),
    ],
  };
}

/** Audio (a score, or the reason why there is none), and enough of it. */
function isJudged({ expected, quality, noScore }: Loose<ReportStream>): boolean {
  return (
    (finite(expected) ?? 0) >= EVIDENCE_MIN && ((quality ?? null) !== null || (noScore ?? null) !== null)
  );
}

function leastByScale(
  streams: readonly Loose<ReportStream>[],
  read: (stream: Loose<ReportStream>) => number | null,
): Partial<Record<Scale, number>> {
  const least: Partial<Record<Scale, number>> = {};
  for (const stream of streams) {
    const scale = stream.quality?.scale;
    const value = read(stream);
    if (value === null || (scale !== 'NB' && scale !== 'WB' && scale !== 'FB')) continue;
    least[scale] = Math.min(least[scale] ?? value, value);
  }
  return least;
}

/** The 5th percentile (nearest rank) of MOS-LQ of the stream's intervals; the last one may have too few packets to count. */
function lowIntervalMos({ intervals }: Loose<ReportStream>): number | null {
  if (!Array.isArray(intervals)) return null;
  const all = intervals as readonly (Loose<ReportInterval> | null)[];
  const long = all.filter((each) => (finite(each?.expected) ?? 0) >= INTERVAL_EVIDENCE_MIN);
  const values = long.map((each) => finite(each?.mosLq)).filter((value) => value !== null);
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return values[Math.ceil(0.05 * values.length) - 1]!;
}

function add(sum: Part, part: number, whole: number): void {
  sum.part += part;
  sum.whole += whole;
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** A number of a record; null for what is none. */
export function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
