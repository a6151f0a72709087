import type { Criteria } from '../selection.ts';
import type { Symptom } from './symptoms.ts';
import type { TimeSpan } from './time-window.ts';

/** What somebody wants to know: when, who, and what it was like; each null where it was not said. */
export interface Question {
  /** The time as it was written, its zone, and the spans that are meant within the capture. */
  at: { text: string; zone: string; spans: TimeSpan[] } | null;
  party: string | null;
  symptom: Symptom | null;
}

/** A question in words: `one-way, of 4711, at 14:05..14:10`. */
export function questionText({ at, party, symptom }: Question): string {
  const parts = [
    symptom === null ? null : symptom.name,
    party === null ? null : `of ${party}`,
    at === null ? null : `at ${at.text}${at.zone === 'UTC' ? '' : ` (${at.zone})`}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** Criteria without what people say of the calls: those who might be meant. */
export function withoutSymptom(criteria: Criteria): Criteria {
  const { symptom: _, ...others } = criteria;
  return others;
}
