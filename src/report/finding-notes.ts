import type { Severity } from '../records/types.ts';
import { day, moment } from './amounts.ts';
import type { Note } from './columns.ts';
import type { ReportFinding } from './contract.ts';
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

/** Findings that stand under no call, the gravest first, each with its time; of each code some, and a count of the others. */
export function looseNotes(records: RecordStore, findings: readonly number[]): Note[] {
  const notes: Note[] = [];
  const seen = new Map<string, number>();
  const days = findings.map((sequence) => day(isoMicros(records.findings.summary(sequence).startUs)));
  const withDay = new Set(days).size > 1;
  for (const sequence of bySeverity(records, findings)) {
    const { code } = records.findings.summary(sequence);
    const before = seen.get(code) ?? 0;
    seen.set(code, before + 1);
    if (before >= OF_ONE_CODE_SHOWN) continue;
    const finding = shownFinding(records, sequence);
    const { text, tone } = findingNote(finding, null);
    notes.push({ text: `${moment(finding.startTime, withDay)} ${text}`, tone });
  }
  for (const [code, count] of seen)
    if (count > OF_ONE_CODE_SHOWN)
      notes.push({ text: `+${count - OF_ONE_CODE_SHOWN} more [${code}]`, tone: 'dim' });
  return notes;
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
