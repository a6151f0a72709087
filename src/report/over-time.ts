import type { Direction } from '../records/types.ts';
import { ABSENT, fixed, seconds, span } from './amounts.ts';
import type { ReportFinding, ReportInterval, ReportStream } from './contract.ts';
import { directionWords } from './finding-notes.ts';
import { microsOf } from './iso-time.ts';
import { PLAIN, type TextStyle } from './paint.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';
const LETTERS = '_.-:=+*#';
const LEVELS = 8;
const LABEL_WIDTH = 14;
/** What stands after a line of marks: the worst value and when it was. */
const WORST_WIDTH = 32;
const MARKS_MOST = 96;
const MARKS_LEAST = 8;
/** A short call is stretched, so that its marks can be told apart. */
const STRETCH_MOST = 6;

/** One thing that is shown over time, its worst value where several fall into one mark. */
interface Row {
  label: string;
  /** What fills a mark. Fixed, so that calls can be compared by eye. */
  full: number;
  /** What an empty mark stands for. */
  zero: number;
  decimals: number;
  /** Whether low values are the bad ones. */
  lowIsBad: boolean;
  value(interval: ReportInterval): number | null;
}

const ROWS: readonly Row[] = [
  {
    ...{ label: 'loss %', full: 20, zero: 0, decimals: 1, lowIsBad: false },
    value: ({ lost, expected }) => (expected === 0 ? null : (100 * Math.max(0, lost)) / expected),
  },
  {
    ...{ label: 'discard %', full: 20, zero: 0, decimals: 1, lowIsBad: false },
    value: ({ discarded, expected }) => (expected === 0 ? null : (100 * discarded) / expected),
  },
  {
    ...{ label: 'jitter ms', full: 100, zero: 0, decimals: 1, lowIsBad: false },
    value: ({ jitterMs }) => jitterMs,
  },
  {
    ...{ label: 'MOS-LQ', full: 4.5, zero: 1, decimals: 2, lowIsBad: true },
    value: ({ mosLq }) => mosLq,
  },
];

/** The one axis that all lines share. */
interface Axis {
  startUs: number;
  stepUs: number;
  marks: number;
  /** Characters for each mark. */
  stretch: number;
}

/** Loss, discards, jitter and MOS of both directions on one axis of time; nothing without intervals. */
export function* overTimeLines(
  streams: readonly ReportStream[],
  findings: readonly ReportFinding[],
  callStartUs: number | null,
  style: TextStyle,
): Generator<string> {
  const axis = axisOf(streams, style.columns ?? 0);
  if (axis === null) return;
  const paint = style.paint ?? PLAIN;
  const offsetMs = callStartUs === null ? 0 : (axis.startUs - callStartUs) / 1000;
  const from = `+${seconds(offsetMs, 1)} s`;
  const to = `+${seconds(offsetMs + (axis.stepUs * axis.marks) / 1000, 1)} s`;
  const width = axis.marks * axis.stretch;
  const head =
    from.length + to.length + 1 > width ? `${from} to ${to}` : from + to.padStart(width - from.length);
  const scale = `${' '.repeat(LABEL_WIDTH)}${head}`;
  const note = `a mark is ${span(axis.stepUs / 1000)}, the worst in it`;
  const columns = style.columns ?? 0;
  const fits = columns === 0 || scale.length + 2 + note.length <= columns;
  if (!fits) yield paint.dim(`${' '.repeat(LABEL_WIDTH)}${note}`);
  yield paint.dim(fits ? `${scale}, ${note}` : scale);
  for (const direction of ['callerToCallee', 'calleeToCaller', null] as const) {
    const own = streams.filter((stream) => stream.direction === direction);
    if (own.length > 0) yield* directionLines(direction, own, findings, axis, offsetMs, style);
    else if (direction !== null) yield `  ${directionWords(direction)}: no stream was seen`;
  }
}

function axisOf(streams: readonly ReportStream[], columns: number): Axis | null {
  let startUs = Number.POSITIVE_INFINITY;
  let endUs = Number.NEGATIVE_INFINITY;
  let stepUs = 0;
  for (const { intervals } of streams) {
    for (const { startTime, durationMs } of intervals) {
      const at = microsOf(startTime);
      if (at === null) continue;
      startUs = Math.min(startUs, at);
      endUs = Math.max(endUs, at + (durationMs ?? 0) * 1000);
      stepUs = Math.max(stepUs, (durationMs ?? 0) * 1000);
    }
  }
  if (!(endUs > startUs) || stepUs === 0) return null;
  const room = columns === 0 ? MARKS_MOST : columns - LABEL_WIDTH - WORST_WIDTH;
  const most = Math.max(MARKS_LEAST, Math.min(MARKS_MOST, room));
  const intervals = Math.ceil((endUs - startUs) / stepUs);
  const each = Math.ceil(intervals / most);
  const marks = Math.ceil(intervals / each);
  return {
    startUs,
    stepUs: stepUs * each,
    marks,
    stretch: Math.max(1, Math.min(STRETCH_MOST, Math.floor(most / marks))),
  };
}

function* directionLines(
  direction: Direction | null,
  streams: readonly ReportStream[],
  findings: readonly ReportFinding[],
  axis: Axis,
  offsetMs: number,
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  yield `  ${directionWords(direction) ?? 'direction unknown'} (${streams.map(({ id }) => id).join(', ')})`;
  const intervals = streams.flatMap((stream) => stream.intervals);
  if (intervals.length === 0) yield '    nothing over time: too few packets';
  for (const row of ROWS) {
    const line = rowLine(row, intervals, axis, offsetMs, style.unicode ?? true);
    if (line !== null) yield `    ${paint.dim(row.label.padEnd(LABEL_WIDTH - 4))}${line}`;
  }
  const ids = new Set<string | null>(streams.map(({ id }) => id));
  const serious = findings.filter(({ severity, streamId }) => severity !== 'info' && ids.has(streamId));
  if (serious.length > 0)
    yield `    ${paint.dim('findings'.padEnd(LABEL_WIDTH - 4))}${paint.yellow(findingMarks(serious, axis))}`.trimEnd();
}

function rowLine(
  row: Row,
  intervals: readonly ReportInterval[],
  axis: Axis,
  offsetMs: number,
  unicode: boolean,
): string | null {
  const worse = (a: number, b: number): boolean => (row.lowIsBad ? a < b : a > b);
  const values = new Array<number | null>(axis.marks).fill(null);
  let worst: number | null = null;
  let worstAt = 0;
  for (const interval of intervals) {
    const value = row.value(interval);
    const startUs = microsOf(interval.startTime);
    if (value === null || startUs === null) continue;
    const mark = markAt(startUs + ((interval.durationMs ?? 0) * 1000) / 2, axis);
    const known = values[mark] ?? null;
    if (known === null || worse(value, known)) values[mark] = value;
    if (worst !== null && !worse(value, worst)) continue;
    worst = value;
    worstAt = offsetMs + (startUs - axis.startUs) / 1000;
  }
  if (worst === null) return null;
  const marks = unicode ? BLOCKS : LETTERS;
  const line = values.map((value) =>
    (value === null ? ' ' : marks.charAt(levelOf(value, row))).repeat(axis.stretch),
  );
  const word = row.lowIsBad ? 'lowest' : 'highest';
  const none = !row.lowIsBad && worst === 0;
  return `${line.join('')}  ${none ? ABSENT : `${word} ${fixed(worst, row.decimals)} at +${seconds(worstAt, 1)} s`}`;
}

/** The least that is not nothing is one mark higher than nothing. */
function levelOf(value: number, { full, zero, lowIsBad }: Row): number {
  const share = Math.min(1, Math.max(0, (value - zero) / (full - zero)));
  if (lowIsBad) return Math.min(LEVELS - 1, Math.floor(share * LEVELS));
  return share === 0 ? 0 : Math.max(1, Math.ceil(share * (LEVELS - 1)));
}

function markAt(us: number, { startUs, stepUs, marks }: Axis): number {
  return Math.min(marks - 1, Math.max(0, Math.floor((us - startUs) / stepUs)));
}

/** Where findings are: `!` for critical ones, `~` for others. */
function findingMarks(findings: readonly ReportFinding[], axis: Axis): string {
  const marks = new Array<string>(axis.marks).fill(' ');
  for (const { startTime, endTime, severity } of findings) {
    const startUs = microsOf(startTime);
    if (startUs === null) continue;
    const last = markAt((microsOf(endTime) ?? startUs) - 1, axis);
    for (let mark = markAt(startUs, axis); mark <= last; mark++)
      if (marks[mark] !== '!') marks[mark] = severity === 'critical' ? '!' : '~';
  }
  return marks.map((mark) => mark.repeat(axis.stretch)).join('');
}
