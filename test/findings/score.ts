import { FINDING_CODES, type FindingCode } from '../../src/records/finding-codes.ts';
import type { Outcome } from './examine.ts';

/** How good the detector of one code is. */
export interface CodeScore {
  code: FindingCode;
  positives: number;
  found: number;
  missed: number;
  falseAlarms: number;
  /** Share of the positives that were found; null without any. */
  recall: number | null;
  /** Share of what was found that was there; null where nothing was found. */
  precision: number | null;
}

export const RECALL_MIN = 0.9;
export const PRECISION_MIN = 0.95;
export const POSITIVES_MIN = 3;

/** One line for every code of the catalogue. */
export function scoreCodes(outcomes: readonly Outcome[]): CodeScore[] {
  const scores = new Map<FindingCode, CodeScore>();
  for (const code of Object.keys(FINDING_CODES) as FindingCode[]) {
    scores.set(code, {
      ...{ code, positives: 0, found: 0, missed: 0, falseAlarms: 0, recall: null, precision: null },
    });
  }
  for (const { found, missed, falseAlarms } of outcomes) {
    for (const code of found) scores.get(code)!.found++;
    for (const code of missed) scores.get(code)!.missed++;
    for (const code of falseAlarms) scores.get(code)!.falseAlarms++;
  }
  for (const score of scores.values()) {
    score.positives = score.found + score.missed;
    const said = score.found + score.falseAlarms;
    score.recall = score.positives === 0 ? null : score.found / score.positives;
    score.precision = said === 0 ? null : score.found / said;
  }
  return [...scores.values()];
}

/** Why a code does not pass; null when it does. */
export function shortfall({ positives, recall, precision }: CodeScore): string | null {
  if (positives < POSITIVES_MIN) return `fewer than ${POSITIVES_MIN} positives`;
  if (recall! < RECALL_MIN) return `recall below ${RECALL_MIN}`;
  if (precision !== null && precision < PRECISION_MIN) return `precision below ${PRECISION_MIN}`;
  return null;
}

/** The table, a line for each code. */
export function scoreTable(scores: readonly CodeScore[]): string {
  const head = ['code', 'positives', 'found', 'missed', 'false', 'recall', 'precision', ''];
  const rows = scores.map((score) => {
    const { code, positives, found, missed, falseAlarms, recall, precision } = score;
    const note = shortfall(score) ?? '';
    const counts = [positives, found, missed, falseAlarms].map(String);
    return [code, ...counts, recall?.toFixed(3) ?? '-', precision?.toFixed(3) ?? '-', note];
  });
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 || i === 7 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
}
