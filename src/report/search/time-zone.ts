/** How far the clock on somebody's wall is ahead of UTC. */
export interface TimeZone {
  name: string;
  /** At a moment of UTC; both in milliseconds. */
  offsetMs(utcMs: number): number;
}

export const UTC: TimeZone = { name: 'UTC', offsetMs: () => 0 };

const DAY_MS = 86_400_000;

/** A time zone by `utc`, an offset (`+02:00`), `local` or its name (`Europe/Berlin`); null for anything else. */
export function parseTimeZone(text: string): TimeZone | null {
  const wanted = text.trim();
  if (/^(utc|z)$/i.test(wanted)) return UTC;
  const offset = /^([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(wanted);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    if (minutes > 14 * 60) return null;
    const ms = (offset[1] === '-' ? -minutes : minutes) * 60_000;
    return { name: `UTC${offsetText(ms)}`, offsetMs: () => ms };
  }
  const name = /^local$/i.test(wanted) ? new Intl.DateTimeFormat().resolvedOptions().timeZone : wanted;
  return namedZone(name);
}

function namedZone(name: string): TimeZone | null {
  // What begins with a sign is an offset to newer engines, and was none to us.
  if (!/^[a-z]/i.test(name)) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    return null;
  }
  const zone = format.resolvedOptions().timeZone;
  return {
    name: zone,
    offsetMs: (utcMs) => {
      const parts = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, value]));
      const { year, month, day, hour, minute, second } = parts as Record<string, string>;
      const wall = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!);
      return wall - Math.floor(utcMs / 1000) * 1000;
    },
  };
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * The moments of UTC at which a clock on the wall shows a time: two when the clock is set back, and when it is set
 * forward those just before and after the gap. Milliseconds; `wallMs` is the time as if it were UTC.
 */
export function momentsOf(wallMs: number, zone: TimeZone): { earliestMs: number; latestMs: number } {
  const guesses = [wallMs - DAY_MS, wallMs + DAY_MS].map((ms) => wallMs - zone.offsetMs(ms));
  const exact = guesses.filter((ms) => ms + zone.offsetMs(ms) === wallMs);
  const moments = exact.length > 0 ? exact : guesses;
  return { earliestMs: Math.min(...moments), latestMs: Math.max(...moments) };
}
