import { byGravity } from '../records/severity.ts';
import { ABSENT, clock, counted, day, fixed, grouped, percent, seconds, span } from './amounts.ts';
import { VERDICT_TONE } from './call-rows.ts';
import { emergencyText } from './call-signalling-lines.ts';
import type { ReportCall, ReportCapture, ReportFinding } from './contract.ts';
import { findingPlace, heldBackText, SEVERITY_TONE } from './finding-notes.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import { neutralised } from './wire-text.ts';

/*
 * What a live probe prints for people: a line per call, per finding that is about more than one call, and one that says
 * where it stands. A line is never broken: it ends up in journals and is searched there.
 */

/** One line about a call that ended: verdict, who, when, what was found, the gravest first. */
export function callLine(
  call: ReportCall,
  findings: readonly ReportFinding[],
  style: TextStyle = {},
): string {
  const paint = style.paint ?? PLAIN;
  const told = [...findings]
    .filter(({ severity }) => severity !== 'info' || call.verdict === 'healthy')
    .sort((a, b) => byGravity(a.severity, b.severity))
    .map((finding) => findingWords(finding, call));
  if (call.heldBack.length > 0) told.push(heldBackText(call.heldBack));
  const { emergency } = call.signalling;
  if (emergency !== null) told.unshift(`EMERGENCY CALL (${neutralised(emergencyText(emergency))})`);
  const code = call.finalCode === null || call.finalCode === 200 ? '' : ` ${call.finalCode}`;
  const who = `${neutralised(call.from ?? ABSENT)} -> ${neutralised(call.to ?? ABSENT)}`;
  const verdict = paint[VERDICT_TONE[call.verdict]](call.verdict);
  const length = call.durationMs === null ? '' : ` ${seconds(call.durationMs, 1)} s`;
  const head = `${moment(call.startTime)} ${verdict} ${call.id} ${who} ${call.state}${code}${length}`;
  return `${head}${told.length === 0 ? '' : `: ${told.join('; ')}`}\n`;
}

/** One line about a finding that is no call's: about the capture, a registration, several calls, a stray stream. */
export function findingLine(finding: ReportFinding, style: TextStyle = {}): string {
  const paint = style.paint ?? PLAIN;
  const about =
    finding.party !== null
      ? ` ${neutralised(finding.party)}`
      : finding.streamId === null
        ? ''
        : ` ${finding.streamId}`;
  const severity = paint[SEVERITY_TONE[finding.severity]](finding.severity);
  return `${moment(finding.startTime)} ${severity}${about}: ${neutralised(finding.text)} [${finding.code}]\n`;
}

/** What is told of a call while it is up. */
export interface OngoingTold extends Pick<ReportFinding, 'code' | 'severity' | 'text'> {
  time: string | null;
  from: string | null;
  to: string | null;
  signalling: Pick<ReportCall['signalling'], 'emergency'>;
}

/** One line about a call that is up, in which somebody is not heard. */
export function ongoingLine({ time, from, to, ...told }: OngoingTold, style: TextStyle = {}): string {
  const paint = style.paint ?? PLAIN;
  const { emergency } = told.signalling;
  const alarm = emergency === null ? '' : `EMERGENCY CALL (${neutralised(emergencyText(emergency))}); `;
  const who = `${neutralised(from ?? ABSENT)} -> ${neutralised(to ?? ABSENT)}`;
  const severity = paint[SEVERITY_TONE[told.severity]](told.severity);
  return `${moment(time)} ${severity} ${who} now: ${alarm}${neutralised(told.text)} [${told.code}]\n`;
}

function findingWords(finding: ReportFinding, call: ReportCall): string {
  return `${findingPlace(finding, call)}${neutralised(finding.text)} [${finding.code}]`;
}

function moment(time: string | null): string {
  return time === null ? ABSENT : `${day(time)} ${clock(time)}`;
}

/** What the line about where a probe stands is made of. */
export interface LiveStanding {
  packets: number;
  packetsPerSecond: number;
  dropped: number | null;
  calls: number;
  streams: number;
  restarts: number;
  trust: Pick<ReportCapture['trust'], 'verdict'>;
}

/** Where a probe stands, in a line without line feed. */
export function standingLine(standing: LiveStanding): string {
  const { packets, packetsPerSecond, dropped, calls, streams, restarts, trust } = standing;
  const word = trust.verdict === 'trusted' ? trust.verdict : trust.verdict.toUpperCase();
  const parts = [
    `${counted(calls, 'call')}, ${counted(streams, 'stream')}`,
    `${grouped(packets)} packets (${grouped(packetsPerSecond)}/s)`,
    droppedWords(dropped, packets),
    `capture ${word}`,
  ];
  if (restarts > 0) parts.push(`started again ${counted(restarts, 'time')}`);
  return parts.join('; ');
}

/** The closing account of a run, in a line. */
export function closingLine(
  capture: ReportCapture & { dropped: number | null },
  calls: number,
  unhealthy: number,
  ranMs: number,
): string {
  const { trust } = capture;
  const word = trust.verdict === 'trusted' ? trust.verdict : trust.verdict.toUpperCase();
  const reasons = trust.reasons.map(({ text }) => text);
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return (
    `${span(ranMs)}: ${grouped(capture.packets)} packets, ${droppedWords(capture.dropped, capture.packets)}; ` +
    `${counted(calls, 'call')}, ${grouped(unhealthy)} not healthy; capture ${word}${why}\n`
  );
}

function droppedWords(dropped: number | null, packets: number): string {
  if (dropped === null) return 'drops not known';
  if (dropped === 0) return 'none dropped';
  const ratio = dropped / (dropped + packets);
  return `${grouped(dropped)} dropped (${ratio < 0.0001 ? fixed(ratio * 100, 4) : percent(ratio)} %)`;
}
