/** Milliseconds of a unit of time. */
export const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A span of time such as `250ms`, `1.5s`, `10m`, `2h` or `7d` in milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const parts = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d)$/.exec(text.trim());
  return parts === null ? null : Number(parts[1]) * UNIT_MS[parts[2]!]!;
}

/** Milliseconds in the largest unit that needs no fraction: `90000` is `90s`. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    if (ms >= UNIT_MS[unit]! && ms % UNIT_MS[unit]! === 0) return `${ms / UNIT_MS[unit]!}${unit}`;
  }
  return `${ms}ms`;
}
