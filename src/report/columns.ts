import type { Tone } from './paint.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import { displayWidth, padded, truncated, wrapped } from './terminal-text.ts';

/** One column of a table. */
export interface Column<Row> {
  header: string;
  /** Stands above neighbours that share it. */
  group?: string;
  align: 'left' | 'right';
  cell: (row: Row) => string;
  tone?: (row: Row) => Tone | null;
  /** The text may be cut down to this width. Without it the column keeps its width. */
  min?: number;
  /** Left out when the terminal is too narrow, lowest first. Without it the column always stays. */
  leaveOut?: number;
}

/** Lines that belong under one row. */
export interface Note {
  text: string;
  tone: Tone | null;
}

interface Placed<Row> {
  column: Column<Row>;
  width: number;
}

const GAP = 2;
const NOTE_INDENT = 4;

/**
 * A table as lines: headers, rows, notes under their row. On a terminal it fits the width: first the texts that may be
 * cut are cut, then columns are left out, and a last line says which.
 */
export function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  notesOf: (row: Row) => readonly Note[],
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const unicode = style.unicode ?? true;
  const limit = style.columns ?? 0;
  const { placed, leftOut } = place(columns, rows, limit);
  if (placed.some(({ column }) => column.group !== undefined)) yield paint.dim(groupLine(placed));
  yield paint.dim(line(placed.map(({ column, width }) => padded(column.header, width, column.align))));
  for (const row of rows) {
    const cells = placed.map(({ column, width }) => {
      const text = padded(truncated(column.cell(row), width, unicode), width, column.align);
      const tone = column.tone?.(row) ?? null;
      return tone === null ? text : paint[tone](text);
    });
    yield line(cells);
    for (const note of notesOf(row)) yield* noteLines(note, style);
  }
  if (leftOut.length === 0) return;
  for (const text of wrapped(`(left out at this width: ${leftOut.join(', ')})`, limit)) yield paint.dim(text);
}

/** A note as lines, indented, wrapped to the terminal. */
export function* noteLines(note: Note, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const limit = style.columns ?? 0;
  const indent = ' '.repeat(NOTE_INDENT);
  for (const text of wrapped(note.text, limit === 0 ? 0 : Math.max(1, limit - NOTE_INDENT))) {
    yield indent + (note.tone === null ? text : paint[note.tone](text));
  }
}

/** Trailing spaces would only wrap on a terminal. Within a coloured cell they stay: they are not at the end. */
function line(cells: readonly string[]): string {
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function place<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  limit: number,
): { placed: Placed<Row>[]; leftOut: string[] } {
  const natural = columns.map((column) => ({ column, width: naturalWidth(column, rows) }));
  let placed = roomForGroups(natural);
  if (limit === 0) return { placed, leftOut: [] };
  const leftOut = new Set<Column<Row>>();
  while (leastWidth(placed) > limit) {
    const next = nextToLeaveOut(placed);
    if (next === null) break;
    leftOut.add(next);
    placed = roomForGroups(natural.filter(({ column }) => !leftOut.has(column)));
  }
  return { placed: narrowed(placed, limit), leftOut: columns.filter((c) => leftOut.has(c)).map(nameOf) };
}

function naturalWidth<Row>(column: Column<Row>, rows: readonly Row[]): number {
  let width = displayWidth(column.header);
  for (const row of rows) width = Math.max(width, displayWidth(column.cell(row)));
  return width;
}

/** Widens a column that is alone in its group (because the others were left out) to the name of the group. */
function roomForGroups<Row>(placed: readonly Placed<Row>[]): Placed<Row>[] {
  return placed.map(({ column, width }) => {
    const { group } = column;
    const members = placed.filter((other) => other.column.group === group).length;
    return { column, width: group === undefined || members > 1 ? width : Math.max(width, group.length) };
  });
}

function leastWidth<Row>(placed: readonly Placed<Row>[]): number {
  return totalWidth(placed.map(({ column, width }) => Math.min(width, column.min ?? width)));
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}

function nextToLeaveOut<Row>(placed: readonly Placed<Row>[]): Column<Row> | null {
  let next: Column<Row> | null = null;
  for (const { column } of placed) {
    if (column.leaveOut === undefined) continue;
    if (next === null || column.leaveOut < next.leaveOut!) next = column;
  }
  return next;
}

/** Takes columns one by one from the widest text that may be cut. */
function narrowed<Row>(placed: readonly Placed<Row>[], limit: number): Placed<Row>[] {
  const result = placed.map((entry) => ({ ...entry }));
  let over = totalWidth(result.map(({ width }) => width)) - limit;
  while (over > 0) {
    const cuttable = result.filter(({ column, width }) => column.min !== undefined && width > column.min);
    const first = cuttable[0];
    if (first === undefined) break;
    const widest = cuttable.reduce((a, b) => (b.width > a.width ? b : a), first);
    widest.width--;
    over--;
  }
  return result;
}

function nameOf<Row>({ group, header }: Column<Row>): string {
  return group === undefined ? header : `${group} ${header}`;
}

/** The names of groups, each from the left edge of its first column. */
function groupLine<Row>(placed: readonly Placed<Row>[]): string {
  let text = '';
  let at = 0;
  let last: string | undefined;
  for (const { column, width } of placed) {
    if (column.group !== undefined && column.group !== last) text = `${text.padEnd(at)}${column.group}`;
    last = column.group;
    at += width + GAP;
  }
  return text;
}
