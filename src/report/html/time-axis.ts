import { escaped } from './template.ts';

/** A span of capture time that charts share. */
export interface TimeAxis {
  readonly startUs: number;
  readonly endUs: number;
}

/** Steps between marks of an axis, seconds. */
const STEPS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14_400, 21_600, 43_200, 86_400,
];
const MARKS_MAX = 7;

/** Where a time lies on an axis, 0 to 1 and beyond. */
export function placeOf(axis: TimeAxis, us: number): number {
  return (us - axis.startUs) / Math.max(1, axis.endUs - axis.startUs);
}

/** A place as a percentage, within the axis. */
export function percentAt(axis: TimeAxis, us: number): string {
  return percentText(Math.min(1, Math.max(0, placeOf(axis, us))));
}

/** 0..1 as a percentage for coordinates. */
export function percentText(ratio: number): string {
  return `${Math.round(ratio * 100_000) / 1000}%`;
}

/** Marks of an axis: round times after its start, s. */
export function marksOf(lengthS: number): number[] {
  const step =
    STEPS_S.find((each) => lengthS / each <= MARKS_MAX) ?? Math.ceil(lengthS / MARKS_MAX / 86_400) * 86_400;
  const marks: number[] = [];
  for (let at = 0; at <= lengthS * 1.0001 && marks.length <= MARKS_MAX; at += step)
    marks.push(Math.round(at * 1000) / 1000);
  return marks;
}

/** Marks as texts of an SVG of any width, `y` px below its top. `text` names a mark. */
export function markTexts(axis: TimeAxis, y: number, text: (afterS: number) => string): string {
  const lengthS = (axis.endUs - axis.startUs) / 1e6;
  return marksOf(lengthS)
    .map((mark) => {
      const at = lengthS === 0 ? 0 : mark / lengthS;
      const anchor = at < 0.02 ? 'start' : at > 0.94 ? 'end' : 'middle';
      return `<text x="${percentText(at)}" y="${y}" text-anchor="${anchor}">${escaped(text(mark))}</text>`;
    })
    .join('');
}

/** Seconds after the start as people read them: `+12 s`, `+1:05`, `+1:02:03`. */
export function afterText(seconds: number): string {
  if (seconds < 60) return `+${Math.round(seconds * 1000) / 1000} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, '0');
  if (minutes < 60) return `+${minutes}:${rest}`;
  return `+${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}
