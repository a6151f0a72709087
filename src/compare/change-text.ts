import { ABSENT, fixed, percent } from '../report/amounts.ts';
import type { Change } from './contract.ts';
import type { Aspect } from './measures.ts';

export const ASPECT_WORDS: Readonly<Record<Aspect, string>> = {
  typical: 'median call',
  worst_tenth: 'worst tenth of calls from',
  overall: 'all together',
};

/** A change in a sentence. */
export function claimText(change: Change): string {
  const { title, aspect, a, b, interval, p, relative } = change;
  const range =
    interval === null ? '' : `, between ${signed(interval.low, change)} and ${signed(interval.high, change)}`;
  const share = relative === null ? '' : `, ${relative > 0 ? '+' : ''}${fixed(100 * relative, 0)} %`;
  return `${title}, ${ASPECT_WORDS[aspect]}: ${withUnit(a, change)} -> ${withUnit(b, change)} (${signed(change.difference, change)}${share}${range}; p ${chanceText(p)})`;
}

type Unit = Pick<Change, 'unit'>;

/** A number alone. */
export function amount(value: number | null, { unit }: Unit): string {
  if (unit === 'ratio') return percent(value);
  return fixed(value, unit === 'MOS' ? 2 : 1);
}

/** An amount with its unit. */
export function withUnit(value: number | null, unit: Unit): string {
  const names = { ms: ' ms', MOS: '', ratio: ' %' } as const;
  return value === null ? ABSENT : `${amount(value, unit)}${names[unit.unit]}`;
}

/** A difference, with its sign. */
export function signed(value: number | null, unit: Unit): string {
  if (value === null) return ABSENT;
  const size = amount(Math.abs(value), unit);
  return `${value < 0 ? '-' : '+'}${size}`;
}

/** How likely chance is. */
export function chanceText(p: number | null): string {
  if (p === null) return ABSENT;
  return p < 0.001 ? '<0.001' : fixed(p, p < 0.1 ? 3 : 2);
}
