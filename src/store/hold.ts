/** What may not go while somebody still has to look at it, and who says so. */
export interface Hold {
  name: string;
  /** Why, and who wants it: free text. */
  reason: string;
  who: string;
  /** When it was made, us since the epoch. */
  madeUs: number;
  /** What it is about, us since the epoch; to null until somebody ends it. */
  fromUs: number;
  toUs: number | null;
  /** Octets that it may take. */
  maxBytes: number;
  /** The probe whose data it is, as configured. */
  probe: string | null;
}

/** A name is a folder's: no separator, nothing hidden, no way up. */
export const HOLD_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const SCHEMA = 'earshot.hold/1';

/** A hold as its marker has it. */
export function markerText(hold: Hold): string {
  const { madeUs, fromUs, toUs, ...rest } = hold;
  const times = { time: isoTime(madeUs), from: isoTime(fromUs), to: toUs === null ? null : isoTime(toUs) };
  return `${JSON.stringify({ schema: SCHEMA, ...rest, ...times }, null, 2)}\n`;
}

/** The hold that a marker tells of; null where it tells of none. */
export function holdIn(text: string): Hold | null {
  let marker: Record<string, unknown>;
  try {
    marker = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { schema, name, reason, who, probe, maxBytes, to } = marker;
  const madeUs = timeIn(marker.time);
  const fromUs = timeIn(marker.from);
  const toUs = to === null ? null : timeIn(to);
  if (schema !== SCHEMA || typeof name !== 'string' || !HOLD_NAME.test(name)) return null;
  if (Number.isNaN(madeUs) || Number.isNaN(fromUs) || Number.isNaN(toUs)) return null;
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) return null;
  const words = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    ...{ name, reason: words(reason), who: words(who), madeUs, fromUs, toUs, maxBytes },
    probe: typeof probe === 'string' ? probe : null,
  };
}

function timeIn(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) * 1000 : Number.NaN;
}

/** A time, us since the epoch, to the millisecond: as exact as a hold is. */
export function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}
