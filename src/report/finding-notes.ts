import type { Severity } from '../records/types.ts';
import type { Note } from './columns.ts';
import type { ReportFinding } from './contract.ts';
import type { Tone } from './paint.ts';
import type { RecordStore } from './record-store.ts';
import { bySeverity, shownFinding } from './shown-records.ts';

/** The colour that goes with the word. */
export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'dim',
};

/** Findings in words, the gravest first, at most `most` and a count of the others. */
export function findingNotes(records: RecordStore, findings: readonly number[], most: number): Note[] {
  const ordered = bySeverity(records, findings);
  const notes = ordered.slice(0, most).map((sequence) => findingNote(shownFinding(records, sequence)));
  if (ordered.length > most) notes.push({ text: `+${ordered.length - most} more`, tone: 'dim' });
  return notes;
}

function findingNote(finding: ReportFinding): Note {
  const where = directionWords(finding.direction);
  const text = `${finding.severity}: ${where === null ? '' : `${where}: `}${finding.text} [${finding.code}]`;
  return { text, tone: SEVERITY_TONE[finding.severity] };
}

/** A direction in words. */
export function directionWords(direction: ReportFinding['direction']): string | null {
  if (direction === null) return null;
  return direction === 'callerToCallee' ? 'caller to callee' : 'callee to caller';
}
