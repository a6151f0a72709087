import type { Scale } from '../records/types.ts';
import type { ReportInterval } from './contract.ts';
import { shownR } from './score.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';
const LETTERS = '_.-:=+*#';
const LEVELS = 8;
/** R of each scale that fills the line. */
const FULL: Readonly<Record<Scale, number>> = { NB: 100, WB: 129, FB: 148 };
/** Loss that fills the line: more than this is beyond repair, however much more. */
const FULL_LOSS = 0.2;

/** A row of values over time, one character each. */
export interface Sparkline {
  /** What it shows and what its ends mean. */
  legend: string;
  line: string;
  /** Intervals under each character. */
  intervalsEach: number;
}

/**
 * R per interval, or loss where the codec has no score; the worst of a group when there are more intervals than
 * characters, since a mean would hide what is looked for. A space is an interval in which nothing was due. Null
 * without intervals.
 */
export function sparkline(
  intervals: readonly ReportInterval[],
  scale: Scale | null,
  width: number,
  unicode: boolean,
): Sparkline | null {
  if (intervals.length === 0 || width < 1) return null;
  const marks = unicode ? BLOCKS : LETTERS;
  const scored = scale !== null && intervals.some((interval) => interval.rFactor !== null);
  const levelOf = scored
    ? (interval: ReportInterval) => rLevel(interval, scale)
    : (interval: ReportInterval) => lossLevel(interval);
  const intervalsEach = Math.ceil(intervals.length / width);
  let line = '';
  for (let from = 0; from < intervals.length; from += intervalsEach) {
    const levels = intervals.slice(from, from + intervalsEach).map(levelOf);
    const known = levels.filter((level) => level !== null);
    const worst = scored ? Math.min(...known) : Math.max(...known);
    line += known.length === 0 ? ' ' : marks.charAt(worst);
  }
  const first = marks.charAt(0);
  const last = marks.charAt(LEVELS - 1);
  const legend = scored
    ? `R: ${first} 0, ${last} ${FULL[scale]}`
    : `loss: ${first} none, ${last} 20 % or more`;
  return { legend, line, intervalsEach };
}

function rLevel({ rFactor }: ReportInterval, scale: Scale): number | null {
  if (rFactor === null) return null;
  return Math.min(LEVELS - 1, Math.floor((shownR(rFactor, scale) / FULL[scale]) * LEVELS));
}

/** No loss is the lowest mark; the smallest loss is already one higher. */
function lossLevel({ lost, expected }: ReportInterval): number | null {
  if (expected === 0) return null;
  if (lost <= 0) return 0;
  return Math.min(LEVELS - 1, Math.max(1, Math.ceil((lost / expected / FULL_LOSS) * (LEVELS - 1))));
}
