import { counted, span } from '../report/amounts.ts';
import type { HistoryFacts, HistorySideFacts } from './contract.ts';

/** Gaps that a note names. */
const GAPS_SHOWN = 3;
/** Where one side is known for less of its time than this share of what the other is, its hours are others. */
const COVERED_ALIKE = 0.9;

/** What limits a comparison of two times of a history, in words. */
export function historyNotes({ a, b, leftOut, hours, daysBack }: HistoryFacts): string[] {
  const notes = [...sideNotes('A', a), ...sideNotes('B', b)];
  const [less, more] = a.coveredMs < b.coveredMs ? [a, b] : [b, a];
  const back = daysBack === null ? '' : ` --days-back ${daysBack}`;
  if (less.coveredMs > 0 && less.coveredMs < COVERED_ALIKE * more.coveredMs) {
    const known = less.coveredMs / 3_600_000;
    const fewer = known < 0.1 ? null : Math.floor(known * 10) / 10;
    const help = fewer === null || fewer >= hours ? '' : `; --hours ${fewer}${back} compares alike`;
    notes.push(
      `${less === a ? 'A' : 'B'} is known for ${span(less.coveredMs)}, the other side for ${span(more.coveredMs)}: hours of the day differ, and so may calls${help}`,
    );
  }
  const { across, overEdge, untimed, tooMany } = leftOut;
  const left = [
    across === 0 ? '' : `${counted(across, 'call')} that ran across the change`,
    overEdge === 0 ? '' : `${counted(overEdge, 'call')} over another edge of A or B`,
    untimed === 0 ? '' : `${counted(untimed, 'call')} without a time`,
    tooMany === 0 ? '' : `${counted(tooMany, 'call')} more than are compared (fewer --hours have fewer)`,
  ].filter((text) => text !== '');
  if (left.length > 0) notes.push(`on neither side: ${left.join(', ')}`);
  return notes;
}

function sideNotes(
  name: string,
  { fromTime, toTime, coveredMs, gaps, furtherGaps, untrustedCalls }: HistorySideFacts,
): string[] {
  const notes: string[] = [];
  const wholeMs = Date.parse(toTime ?? '') - Date.parse(fromTime ?? '');
  if (coveredMs <= 0) notes.push(`${name}: the history has nothing of this time`);
  else if (gaps.length > 0) {
    const shown = gaps.slice(0, GAPS_SHOWN).map((gap) => `${moment(gap.fromTime)} to ${moment(gap.toTime)}`);
    const more = gaps.length + furtherGaps - shown.length;
    const share = (100 * (1 - coveredMs / wholeMs)).toFixed(0);
    const further = more > 0 ? ` (+${more} more)` : '';
    notes.push(
      `${name}: the history has nothing of ${span(wholeMs - coveredMs)} (${share} %) of this time: ${shown.join(', ')}${further}`,
    );
  }
  if (untrustedCalls > 0)
    notes.push(
      `${name}: ${counted(untrustedCalls, 'call')} left out that ran while the capture was untrusted`,
    );
  return notes;
}

function moment(iso: string | null): string {
  return (iso ?? '').slice(0, 19).replace('T', ' ');
}
