import type { ReportInterval, ReportStream } from '../contract.ts';
import { microsOf } from '../iso-time.ts';
import { placeOf, type TimeAxis } from './time-axis.ts';

/** Width of the coordinates of a plot; it is stretched to the page. */
export const PLOT_WIDTH = 1000;
/** Points of one line; more intervals are drawn as the worst of each group. */
const POINTS_MAX = 600;

/** One interval as a chart takes it. Ratios 0 to 1, times as places 0..1 on the axis. */
export interface Point {
  from: number;
  to: number;
  startUs: number;
  durationMs: number;
  lost: number | null;
  discarded: number | null;
  jitterMs: number | null;
  pdvP95Ms: number | null;
  mosLq: number | null;
}

/** The intervals of a stream on an axis, thinned to the worst of each group where there are too many. */
export function pointsOf(stream: ReportStream, axis: TimeAxis, pointsMax = POINTS_MAX): Point[] {
  const { intervals } = stream;
  const each = Math.max(1, Math.ceil(intervals.length / pointsMax));
  const points: Point[] = [];
  for (let i = 0; i < intervals.length; i += each) {
    const point = worstOf(intervals.slice(i, i + each), axis);
    if (point !== null) points.push(point);
  }
  return points;
}

function worstOf(group: readonly ReportInterval[], axis: TimeAxis): Point | null {
  const first = group[0]!;
  const last = group[group.length - 1]!;
  const startUs = microsOf(first.startTime);
  const lastUs = microsOf(last.startTime);
  if (startUs === null || lastUs === null) return null;
  const endUs = lastUs + (last.durationMs ?? 0) * 1000;
  const ratio = (count: (interval: ReportInterval) => number): number | null =>
    greatest(group.map((each) => (each.expected === 0 ? null : count(each) / each.expected)));
  return {
    from: placeOf(axis, startUs),
    to: placeOf(axis, endUs),
    startUs,
    durationMs: (endUs - startUs) / 1000,
    lost: ratio(({ lost }) => lost),
    discarded: ratio(({ discarded }) => discarded),
    jitterMs: greatest(group.map(({ jitterMs }) => jitterMs)),
    pdvP95Ms: greatest(group.map(({ pdvP95Ms }) => pdvP95Ms)),
    mosLq: least(group.map(({ mosLq }) => mosLq)),
  };
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** A line in steps: one level for each interval, a break where a value is absent or time is missing. */
export function stepPath(
  points: readonly Point[],
  value: (point: Point) => number | null,
  y: (value: number) => number,
): string {
  let path = '';
  let end = Number.NaN;
  for (const point of points) {
    const at = value(point);
    if (at === null) {
      end = Number.NaN;
      continue;
    }
    const [x0, x1] = [point.from * PLOT_WIDTH, point.to * PLOT_WIDTH];
    // A hair between intervals is rounding.
    const joined = Math.abs(x0 - end) < 0.5;
    path += `${joined ? 'V' : `M${coordinate(x0)} `}${coordinate(y(at))}H${coordinate(x1)}`;
    end = x1;
  }
  return path;
}

/** Bars from one level to another, one for each interval that has any. */
export function barPath(
  points: readonly Point[],
  span: (point: Point) => readonly [from: number, to: number] | null,
): string {
  let path = '';
  for (const point of points) {
    const levels = span(point);
    if (levels === null) continue;
    const x0 = point.from * PLOT_WIDTH;
    const width = Math.max(0.8, (point.to - point.from) * PLOT_WIDTH * 0.92);
    path += `M${coordinate(x0)} ${coordinate(levels[0])}V${coordinate(levels[1])}h${coordinate(width)}V${coordinate(levels[0])}z`;
  }
  return path;
}

/** A coordinate with one decimal: finer than a screen. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A round number at or above a value, to end an axis with. */
export function niceTop(value: number, least: number): number {
  if (!(value > least)) return least;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}
