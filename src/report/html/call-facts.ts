import { EVIDENCE_MIN } from '../../records/evidence.ts';
import type { CallState, Verdict } from '../../records/types.ts';
import type { ReportCall, ReportStream } from '../contract.ts';
import { microsOf } from '../iso-time.ts';
import type { Report } from '../report.ts';
import { comparableR, type Score, scoreOf } from '../score.ts';
import { everything } from '../selection.ts';
import { shownCall, shownStream } from '../shown-records.ts';

/** What the overview needs of one call. */
export interface CallFacts {
  sequence: number;
  id: string;
  from: string | null;
  to: string | null;
  verdict: Verdict;
  state: CallState;
  finalCode: number | null;
  startTime: string | null;
  startUs: number;
  endUs: number;
  durationMs: number | null;
  postDialDelayMs: number | null;
  roundTripMs: number | null;
  /** The worst of its streams that are long enough to be judged. */
  score: Score | null;
  lostRatio: number | null;
  jitterP95Ms: number | null;
  findings: readonly string[];
}

/** Values of all streams that are long enough, one column for each measurement. */
export class Measurements {
  readonly mosLq: number[] = [];
  readonly lostPercent: number[] = [];
  readonly discardPercent: number[] = [];
  readonly jitterP95Ms: number[] = [];
  readonly pdvP95Ms: number[] = [];
  readonly postDialDelayMs: number[] = [];
  readonly roundTripMs: number[] = [];
  /** Streams that are too short to be counted. */
  short = 0;

  stream(stream: ReportStream): void {
    if (stream.expected < EVIDENCE_MIN) {
      this.short++;
      return;
    }
    const { quality, playout } = stream;
    const discard = quality === null ? null : (playout[quality.assumptions.playout]?.discardRatio ?? null);
    add(this.mosLq, quality?.mosLq ?? null);
    add(this.lostPercent, stream.lostRatio === null ? null : stream.lostRatio * 100);
    add(this.discardPercent, discard === null ? null : discard * 100);
    add(this.jitterP95Ms, stream.jitterMs.p95);
    add(this.pdvP95Ms, stream.pdvMs.p95);
  }

  call(call: ReportCall): void {
    add(this.postDialDelayMs, call.setup.postDialDelayMs);
    add(this.roundTripMs, call.roundTripMs);
  }
}

function add(values: number[], value: number | null): void {
  if (value !== null) values.push(value);
}

/** All that the overview shows. */
export interface Overview {
  calls: CallFacts[];
  measurements: Measurements;
}

/** Reads every record of the report once. */
export function overviewOf(report: Report): Overview {
  const { records } = report;
  const selection = report.selection ?? everything(records);
  const measurements = new Measurements();
  const calls = Array.from(selection.calls, (sequence) => {
    const call = shownCall(records, sequence);
    measurements.call(call);
    const streams = records.streamsOf(sequence).map((stream) => shownStream(records, stream));
    for (const stream of streams) measurements.stream(stream);
    return factsOf(sequence, call, streams);
  });
  for (const stream of selection.streams)
    if (records.isLoose(stream)) measurements.stream(shownStream(records, stream));
  return { calls, measurements };
}

function factsOf(sequence: number, call: ReportCall, streams: readonly ReportStream[]): CallFacts {
  const startUs = microsOf(call.startTime) ?? 0;
  const ends = [microsOf(call.endTime), ...streams.map(({ endTime }) => microsOf(endTime))];
  const judged = streams.filter(({ expected }) => expected >= EVIDENCE_MIN);
  return {
    sequence,
    id: call.id,
    from: call.from,
    to: call.to,
    verdict: call.verdict,
    state: call.state,
    finalCode: call.finalCode,
    startTime: call.startTime,
    startUs,
    endUs: Math.max(startUs, ...ends.filter((us) => us !== null)),
    durationMs: call.durationMs,
    postDialDelayMs: call.setup.postDialDelayMs,
    roundTripMs: call.roundTripMs,
    score: worst(judged.map(({ quality }) => scoreOf(quality))),
    lostRatio: greatest(judged.map(({ lostRatio }) => lostRatio)),
    jitterP95Ms: greatest(judged.map(({ jitterMs }) => jitterMs.p95)),
    findings: [...new Set(call.findings)],
  };
}

function worst(scores: readonly (Score | null)[]): Score | null {
  let found: Score | null = null;
  for (const score of scores)
    if (score !== null && (found === null || comparableR(score) < comparableR(found))) found = score;
  return found;
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
