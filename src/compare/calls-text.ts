import { ABSENT, clock, day, fixed, grouped, percent, span } from '../report/amounts.ts';
import { type Column, tableLines } from '../report/columns.ts';
import { headed } from '../report/headed.ts';
import { PLAIN, type TextStyle } from '../report/paint.ts';
import type { CallName, CallRow, CallsComparison } from './compare-calls.ts';

/** Two calls side by side as text, line by line. */
export function* renderCalls(comparison: CallsComparison, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const { a, b, rows } = comparison;
  for (const [name, call] of [['A', a] as const, ['B', b] as const])
    for (const line of headed(name, nameText(call), style)) yield `${line}\n`;
  for (const [title, direction] of [
    ['CALL', null],
    ['CALLER TO CALLEE', 'callerToCallee'],
    ['CALLEE TO CALLER', 'calleeToCaller'],
  ] as const) {
    const own = rows.filter((row) => row.direction === direction && (row.a !== null || row.b !== null));
    if (own.length === 0) continue;
    yield `\n${paint.bold(title)}\n`;
    for (const line of tableLines(COLUMNS, own, () => [], style)) yield `${line}\n`;
  }
  const legend = '< the worse one of the two, by more than people would overlook; two calls prove no trend';
  yield `\n${paint.dim(legend)}\n`;
}

function nameText({ id, callId, from, to, startTime }: CallName): string {
  return `${id} ${callId}: ${from ?? 'unknown'} to ${to ?? 'unknown'}, ${day(startTime)} ${clock(startTime)} UTC`;
}

function cell(value: CallRow['a'], { unit }: CallRow): string {
  if (value === null) return ABSENT;
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'ratio':
      return `${percent(value)} %`;
    case 'ms':
      return value >= 10_000 ? span(value) : `${fixed(value, 1)} ms`;
    case 'MOS':
      return fixed(value, 2);
    case 'R':
      return fixed(value, 1);
    default:
      return grouped(value);
  }
}

const COLUMNS: readonly Column<CallRow>[] = [
  { header: '', align: 'left', cell: ({ title }) => title },
  {
    header: 'A',
    align: 'left',
    min: 12,
    cell: (row) => `${cell(row.a, row)}${row.worse === 'a' ? ' <' : ''}`,
    tone: ({ worse }) => (worse === 'a' ? 'red' : null),
  },
  {
    header: 'B',
    align: 'left',
    min: 12,
    cell: (row) => `${cell(row.b, row)}${row.worse === 'b' ? ' <' : ''}`,
    tone: ({ worse }) => (worse === 'b' ? 'red' : null),
  },
];
