import { explainsOthers } from '../records/explaining.ts';
import type { Severity } from '../records/types.ts';
import { day, moment } from './amounts.ts';
import type { Note } from './columns.ts';
import type { ReportCall, ReportFinding } from './contract.ts';
import { type CallTimes, type FindingTimes, findingTime } from './finding-time.ts';
import { isoMicros } from './iso-time.ts';
import type { Tone } from './paint.ts';
import type { RecordStore } from './record-store.ts';
import { bySeverity, shownFinding } from './shown-records.ts';

/** The colour that goes with the word. */
export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'dim',
};

/** Why findings of a call were held back, in words. */
export function heldBackWhy(heldBack: readonly { reason: string }[]): string {
  const ofScan = heldBack.filter(({ reason }) => reason === 'sip_scan').length;
  if (ofScan === 0) return 'the capture may be the cause';
  return ofScan === heldBack.length
    ? 'the call is part of a scan'
    : 'the capture, or a scan, may be the cause';
}

/** What was held back of a call, and why, in one line. */
export function heldBackText(heldBack: ReportCall['heldBack']): string {
  const codes = [...new Set(heldBack.map(({ code }) => code))].join(', ');
  const reasons = [...new Set(heldBack.map(({ reason }) => reason))].join(', ');
  return `held back, since ${heldBackWhy(heldBack)} (${reasons}): ${codes}`;
}

/** Findings of a call in words, the gravest first, at most `most` and a count of the others. */
export function findingNotes(
  records: RecordStore,
  findings: readonly number[],
  call: CallTimes,
  most: number,
): Note[] {
  const ordered = bySeverity(records, findings);
  const notes = ordered.slice(0, most).map((sequence) => findingNote(shownFinding(records, sequence), call));
  if (ordered.length > most) notes.push({ text: `+${ordered.length - most} more`, tone: 'dim' });
  return notes;
}

/** Findings of one code that are shown, where they stand alone: a flood of one kind must not hide the others. */
const OF_ONE_CODE_SHOWN = 6;

/**
 * Findings that stand under no call, each with its time: first those that explain others, then the gravest; of each code
 * some, and a count of the others.
 */
export function looseNotes(records: RecordStore, findings: readonly number[]): Note[] {
  const days = findings.map((sequence) => day(isoMicros(records.findings.summary(sequence).startUs)));
  const withDay = new Set(days).size > 1;
  const ordered = bySeverity(records, findings);
  const explaining = new Set(
    ordered.filter((sequence) =>
      explainsOthers(records.findings.summary(sequence).code, () => shownFinding(records, sequence).evidence),
    ),
  );
  const chosen = [
    ...someOfEach(records, [...explaining]),
    ...someOfEach(
      records,
      ordered.filter((sequence) => !explaining.has(sequence)),
    ),
  ];
  const notes: Note[] = chosen.map((sequence) => {
    const finding = shownFinding(records, sequence);
    const { text, tone } = findingNote(finding, null);
    return { text: `${moment(finding.startTime, withDay)} ${text}`, tone };
  });
  const left = new Map<string, number>();
  for (const sequence of ordered) count(left, records.findings.summary(sequence).code, 1);
  for (const sequence of chosen) count(left, records.findings.summary(sequence).code, -1);
  for (const [code, more] of left) if (more > 0) notes.push({ text: `+${more} more [${code}]`, tone: 'dim' });
  return notes;
}

/** The first of each code. */
function someOfEach(records: RecordStore, findings: readonly number[]): number[] {
  const seen = new Map<string, number>();
  return findings.filter(
    (sequence) => count(seen, records.findings.summary(sequence).code, 1) <= OF_ONE_CODE_SHOWN,
  );
}

function count(counts: Map<string, number>, name: string, by: number): number {
  const next = (counts.get(name) ?? 0) + by;
  counts.set(name, next);
  return next;
}

function findingNote(finding: ReportFinding, call: CallTimes | null): Note {
  const text = `${finding.severity}: ${findingPlace(finding, call)}${finding.text} [${finding.code}]`;
  return { text, tone: SEVERITY_TONE[finding.severity] };
}

/**
 * Which way a finding is about, and when in its call, as it stands before the words: `callee to caller, 09:00:08.201 for
 * 14.1 s: `. Empty where there is nothing to say; without a call nothing is said of the time.
 */
export function findingPlace(
  finding: FindingTimes & Pick<ReportFinding, 'direction'>,
  call: CallTimes | null,
  clockOf?: (iso: string) => string,
): string {
  const when = call === null ? null : findingTime(finding, call, clockOf);
  const parts = [directionWords(finding.direction), when].filter((part) => part !== null);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

/** A direction in words. */
export function directionWords(direction: ReportFinding['direction']): string | null {
  if (direction === null) return null;
  return direction === 'callerToCallee' ? 'caller to callee' : 'callee to caller';
}
