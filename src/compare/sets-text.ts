import { ABSENT, counted, fixed, grouped } from '../report/amounts.ts';
import { type Column, tableLines } from '../report/columns.ts';
import { headed } from '../report/headed.ts';
import { PLAIN, type TextStyle, type Tone } from '../report/paint.ts';
import { wrapped } from '../report/terminal-text.ts';
import { ASPECT_WORDS, amount, chanceText, claimText, signed, withUnit } from './change-text.ts';
import type {
  Change,
  ChangeVerdict,
  ChosenCalls,
  MeasureSpread,
  SetsComparison,
  SideFacts,
} from './contract.ts';
import { groupLines } from './groups-text.ts';

/** Times of one choice that are named. */
const SPANS_SHOWN = 3;

/** A comparison of two sets of calls as text, line by line. */
export function* renderSets(comparison: SetsComparison, style: TextStyle): Generator<string> {
  for (const line of lines(comparison, style)) yield `${line}\n`;
}

function* lines(comparison: SetsComparison, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const { a, b, changes, method } = comparison;
  for (const [name, side] of [['A', a] as const, ['B', b] as const])
    yield* headed(name, sideText(side), style);
  for (const note of comparison.notes)
    for (const line of wrapped(`note: ${note}`, style.columns ?? 0)) yield paint.yellow(line);
  yield '';
  yield* claims('GOT WORSE', 'worse', 'red', changes, style);
  yield* claims('GOT BETTER', 'better', 'green', changes, style);
  yield* claims('WOULD BE SAID IF THE CAPTURE COULD BE TRUSTED', 'doubted', 'yellow', changes, style);
  const claimed = changes.filter(({ verdict }) => verdict === 'worse' || verdict === 'better');
  if (claimed.length === 0) yield 'Nothing is claimed to have become better or worse.';
  if (claimed.length === 0) yield '';
  if (comparison.groups !== undefined) yield* groupLines(comparison.groups, style);
  if (changes.length === 0) return;
  yield paint.bold('ALL THAT WAS COMPARED');
  yield* tableLines(CHANGE_COLUMNS, changes, () => [], style);
  if (comparison.distributions.length > 0) {
    yield '';
    yield paint.bold('OVER THE CALLS OF EACH SIDE');
    yield* tableLines(SPREAD_COLUMNS, comparison.distributions, () => [], style);
  }
  if (method.measures === 0) return;
  yield '';
  const legend = `${grouped(method.measures)} figures were tested together: the chance of even one false claim is ${fixed(100 * method.familyLevel, 0)} % at most where calls do not hang together (${method.test}, ${method.correction}); intervals are 95 % for one figure. A difference is a claim when it is that certain and at least as large as matters to people. That something changed does not say why.`;
  for (const line of wrapped(legend, style.columns ?? 0)) yield paint.dim(line);
}

function sideText({ files, calls, units, startTime, endTime, chosen, trust }: SideFacts): string {
  const whole = startTime === null ? '' : `${moment(startTime)} to ${moment(endTime)} UTC`;
  const part = [...new Set(chosen.map(chosenText))].filter((text) => text !== '').join('; ');
  const of = whole === '' ? '' : ` of ${whole}`;
  const times = part === '' ? whole : `chosen ${part}${of}`;
  const linked = units < calls ? ` (${counted(units, 'conversation')})` : '';
  return `${files.join(', ')}: ${counted(calls, 'call')}${linked}${times === '' ? '' : `, ${times}`}, capture ${trust.verdict}`;
}

/** What was asked for, in words: a header with the times of all would say that there were no other calls then. */
function chosenText({ spans, party, symptom }: ChosenCalls): string {
  const times = spans.slice(0, SPANS_SHOWN).map(spanText).join(' and ');
  const more = spans.length > SPANS_SHOWN ? ` (+${spans.length - SPANS_SHOWN} more)` : '';
  const parts = [
    spans.length === 0 ? '' : `${times} UTC${more}`,
    party === null ? '' : `party ${party}`,
    symptom === null ? '' : `symptom ${symptom}`,
  ];
  return parts.filter((text) => text !== '').join(', ');
}

function spanText({ fromTime, toTime }: ChosenCalls['spans'][number]): string {
  return `${fromTime === null ? 'the beginning' : moment(fromTime)} to ${toTime === null ? 'the end' : moment(toTime)}`;
}

function moment(iso: string | null): string {
  return iso === null ? ABSENT : iso.slice(0, 19).replace('T', ' ');
}

function* claims(
  title: string,
  verdict: ChangeVerdict,
  tone: Tone,
  changes: readonly Change[],
  style: TextStyle,
): Generator<string> {
  const own = changes.filter((change) => change.verdict === verdict);
  if (own.length === 0) return;
  const paint = style.paint ?? PLAIN;
  yield paint.bold(title);
  for (const change of own)
    for (const line of wrapped(claimText(change), Math.max(0, (style.columns ?? 0) - 2)))
      yield `  ${paint[tone](line)}`;
  yield '';
}

const VERDICT_WORDS: Readonly<Record<ChangeVerdict, string>> = {
  worse: 'worse',
  better: 'better',
  too_small: 'differs, too little to matter',
  same: 'no difference that matters',
  cannot_tell: 'not enough calls to tell',
  doubted: 'capture in doubt',
  no_data: 'only on one side',
};

const VERDICT_TONES: Readonly<Partial<Record<ChangeVerdict, Tone>>> = {
  worse: 'red',
  better: 'green',
  doubted: 'yellow',
};

const CHANGE_COLUMNS: readonly Column<Change>[] = [
  { header: 'figure', align: 'left', min: 14, cell: ({ title }) => title },
  { header: 'of', align: 'left', cell: ({ aspect }) => ASPECT_WORDS[aspect].replace(' of calls from', '') },
  { header: 'A', align: 'right', cell: (change) => withUnit(change.a, change) },
  { header: 'B', align: 'right', cell: (change) => withUnit(change.b, change) },
  { header: 'B less A', align: 'right', leaveOut: 3, cell: (change) => signed(change.difference, change) },
  {
    header: '95 % interval',
    align: 'right',
    leaveOut: 2,
    cell: (change) =>
      change.interval === null
        ? ABSENT
        : `${signed(change.interval.low, change)} .. ${signed(change.interval.high, change)}`,
  },
  { header: 'p', align: 'right', leaveOut: 1, cell: ({ p }) => chanceText(p) },
  {
    header: 'verdict',
    align: 'left',
    cell: ({ verdict }) => VERDICT_WORDS[verdict],
    tone: ({ verdict }) => VERDICT_TONES[verdict] ?? null,
  },
];

function spreadColumns(group: 'A' | 'B', side: 'a' | 'b'): Column<MeasureSpread>[] {
  return [
    { header: 'calls', group, align: 'right', cell: (row) => grouped(row[side].calls) },
    { header: 'p10', group, align: 'right', leaveOut: 1, cell: (row) => amount(row[side].p10, row) },
    { header: 'p50', group, align: 'right', cell: (row) => amount(row[side].p50, row) },
    { header: 'p90', group, align: 'right', cell: (row) => amount(row[side].p90, row) },
  ];
}

const SPREAD_COLUMNS: readonly Column<MeasureSpread>[] = [
  {
    header: 'figure',
    align: 'left',
    min: 14,
    cell: ({ title, unit }) => (unit === 'ratio' ? `${title}, %` : unit === 'ms' ? `${title}, ms` : title),
  },
  ...spreadColumns('A', 'a'),
  ...spreadColumns('B', 'b'),
];
