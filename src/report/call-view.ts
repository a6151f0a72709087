import { findingEntry } from '../records/finding-codes.ts';
import { OWNER_WORDS } from '../records/findings-page.ts';
import { clock, counted, day, fixed, scoreText, span } from './amounts.ts';
import { unfolded } from './brief-streams.ts';
import { VERDICT_TONE } from './call-rows.ts';
import { callSignallingLines } from './call-signalling-lines.ts';
import { timelineLines } from './call-timeline.ts';
import type { ReportCall, ReportFinding, ReportStream } from './contract.ts';
import { factLines } from './facts.ts';
import { directionWords, heldBackWhy, SEVERITY_TONE } from './finding-notes.ts';
import type { Evidence, Pointer, ShownLadder } from './html/evidence-contract.ts';
import { microsOf } from './iso-time.ts';
import { ladderLines } from './ladder-lines.ts';
import { overTimeLines } from './over-time.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import { placeWords } from './place.ts';
import type { Report } from './report.ts';
import { scoreOf } from './score.ts';
import { othersLines } from './search/answer-lines.ts';
import { bySeverity, shownCall, shownFinding, shownStream } from './shown-records.ts';
import { streamBlock } from './stream-block.ts';
import { t38Lines } from './t38-lines.ts';
import { wrapped } from './terminal-text.ts';
import { neutralised } from './wire-text.ts';

/** What a second look at the captures shows of a call: its ladder and frames, or why there is none. */
export interface CallEvidence {
  evidence: Evidence | null;
  note: string;
}

/**
 * Everything about one call, line by line, each with its line end. `call` is what `findCall` answered. The ladder is
 * left out where nobody looked for it.
 */
export function* renderCall(
  report: Report,
  call: number,
  options: TextStyle = {},
  looked: CallEvidence | null = null,
): Generator<string> {
  for (const line of callReport(report, call, options, looked)) yield `${line}\n`;
}

function* callReport(
  { records, search }: Report,
  sequence: number,
  options: TextStyle,
  looked: CallEvidence | null,
): Generator<string> {
  const paint = options.paint ?? PLAIN;
  const call = shownCall(records, sequence);
  const brief = unfolded(records, records.streamsOf(sequence));
  const streams = brief.streams.map((stream) => shownStream(records, stream));
  streams.sort(
    (a, b) =>
      directionRank(a) - directionRank(b) || (microsOf(a.startTime) ?? 0) - (microsOf(b.startTime) ?? 0),
  );

  yield `${paint.bold(`CALL ${call.id}`)}  verdict ${paint[VERDICT_TONE[call.verdict]](call.verdict)}`;
  yield* partyLines(call, options);
  yield '';
  yield paint.bold('TIMELINE');
  const ladder = looked?.evidence?.ladder(sequence) ?? null;
  yield* timelineLines(call, streams, ladder?.steps ?? [], options);
  yield* ladderBlock(call, ladder, looked, options);
  const findings = bySeverity(records, records.findingsOf(sequence));
  const shown = findings.map((finding) => shownFinding(records, finding));
  const course = [...overTimeLines(streams, shown, microsOf(call.startTime), options)];
  if (course.length > 0) yield* ['', paint.bold('OVER TIME'), ...course];
  for (const stream of streams) {
    yield '';
    yield paint.bold(streamTitle(stream));
    const heldBack = call.heldBack.filter(({ streamId }) => streamId === stream.id);
    yield* streamBlock(stream, microsOf(call.startTime), heldBack, options);
  }
  if (brief.lines.length > 0) yield '';
  for (const text of brief.lines) yield* wrapped(text, options.columns ?? 0);
  yield* t38Lines(call, options);
  if (streams.length === 0 && brief.folded === 0 && call.t38 === null) {
    yield '';
    const elsewhere = call.legs.length > 0 ? ' Its media may be in the other legs.' : '';
    yield `No RTP stream of this call was seen.${elsewhere}`;
  }
  yield '';
  yield paint.bold(findings.length === 0 ? 'FINDINGS: none' : 'FINDINGS');
  for (const [i, finding] of shown.entries()) {
    yield* findingBlock(finding, options);
    yield* framesLine(looked?.evidence?.finding(findings[i]!) ?? null, options);
  }
  yield* heldBackLines(call, options);
  yield* cleanLines(call, options);
  yield* othersLines(search?.others ?? null, search?.question?.symptom?.name ?? null, options);
}

function* ladderBlock(
  call: ReportCall,
  ladder: ShownLadder | null,
  looked: CallEvidence | null,
  options: TextStyle,
): Generator<string> {
  if (looked === null) return;
  yield '';
  yield (options.paint ?? PLAIN).bold('SIP LADDER');
  if (ladder !== null) yield* ladderLines(ladder, microsOf(call.startTime), options);
  else {
    const note =
      looked.evidence === null ? looked.note : 'No SIP message of this call was found in the captures.';
    for (const line of wrapped(note, Math.max(0, (options.columns ?? 0) - 2))) yield `  ${line}`;
  }
}

function framesText({ first, last, count }: NonNullable<Pointer['frames']>): string {
  return first === last ? `frame ${first}` : `frames ${first} to ${last} (${counted(count, 'packet')})`;
}

/** Which packets a finding is about, for whoever looks at them in Wireshark. */
function* framesLine(pointer: Pointer | null, options: TextStyle): Generator<string> {
  if (pointer === null) return;
  const { file, frames, filter, goesOn } = pointer;
  const where = file === null ? '' : `${neutralised(file)}: `;
  const more = goesOn ? ', and more in further files' : '';
  const range = frames === null ? null : `${where}${framesText(frames)}${more}`;
  const width = Math.max(0, (options.columns ?? 0) - 6);
  if (range !== null) for (const line of wrapped(range, width)) yield `      ${line}`;
  // Unbroken, to be copied.
  if (filter !== null) yield `      Wireshark: ${neutralised(filter)}`;
}

/** What was not said, because the capture may explain it, or a scan does. */
function* heldBackLines({ heldBack }: ReportCall, { paint = PLAIN }: TextStyle): Generator<string> {
  if (heldBack.length === 0) return;
  yield '';
  yield paint.bold(`HELD BACK, because ${heldBackWhy(heldBack)}`);
  for (const { code, streamId, direction, reason } of heldBack) {
    const where = directionWords(direction);
    yield `  ${code}${where === null ? '' : `, ${where}`}${streamId === null ? '' : ` (${streamId})`}: ${reason}`;
  }
}

/** What a call without a fault was checked for. */
function* cleanLines({ clean }: ReportCall, { paint = PLAIN }: TextStyle): Generator<string> {
  if (clean === null) return;
  yield '';
  yield paint.bold('CLEAN AT THIS POINT');
  for (const line of clean.checked) yield `  checked   ${line}`;
  for (const line of clean.notSeen) yield `  not seen  ${line}`;
}

function directionRank({ direction }: ReportStream): number {
  return direction === 'callerToCallee' ? 0 : direction === 'calleeToCaller' ? 1 : 2;
}

function streamTitle(stream: ReportStream): string {
  const direction = directionWords(stream.direction)?.toUpperCase() ?? 'DIRECTION UNKNOWN';
  const score = scoreOf(stream.quality);
  return `${direction}  ${stream.id}  ${score === null ? 'not scored' : `R ${scoreText(score)}, MOS ${fixed(score.mos, 2)}`}`;
}

function* partyLines(call: ReportCall, options: TextStyle): Generator<string> {
  yield* factLines('Call-ID', call.callId, options);
  yield* factLines('from', call.from ?? 'unknown', options);
  yield* factLines('to', call.to ?? 'unknown', options);
  const place = placeWords(call, call.direction);
  if (place !== null) yield* factLines('place', place, options);
  yield* factLines('start', `${day(call.startTime)} ${clock(call.startTime)} UTC`, options);
  const code = call.finalCode === null ? '' : ` (${call.finalCode})`;
  const length = call.durationMs === null ? '' : `, ${span(call.durationMs)}`;
  const release = call.releasedBy === null ? '' : `, released by the ${call.releasedBy}`;
  yield* factLines('state', `${call.state}${code}${length}${release}`, options);
  if (call.roundTripMs !== null)
    yield* factLines('round trip', `${fixed(call.roundTripMs, 1)} ms, both sides together`, options);
  yield* callSignallingLines(call, options);
}

function* findingBlock(finding: ReportFinding, options: TextStyle): Generator<string> {
  const paint = options.paint ?? PLAIN;
  const width = options.columns ?? 0;
  const where = directionWords(finding.direction);
  const stream = finding.streamId === null ? '' : ` (${finding.streamId})`;
  const text = `${finding.severity}: ${where === null ? '' : `${where}${stream}: `}${finding.text} [${finding.code}]`;
  for (const line of wrapped(text, Math.max(0, width - 2)))
    yield `  ${paint[SEVERITY_TONE[finding.severity]](line)}`;
  const evidence = Object.entries(finding.evidence).map(([name, value]) => `${name} ${value ?? 'unknown'}`);
  const times = `${clock(finding.startTime)} to ${finding.endTime === null ? 'open' : clock(finding.endTime)}`;
  const entry = findingEntry(finding.code);
  const advice =
    entry === null
      ? []
      : [
          `usually: ${entry.usually}`,
          `check first: ${entry.check}`,
          `usually owned by: ${entry.owner.map((name) => OWNER_WORDS[name]).join(', ')}`,
        ];
  for (const text of [[times, ...evidence].join(', '), ...advice])
    for (const line of wrapped(text, Math.max(0, width - 6))) yield `      ${line}`;
}
