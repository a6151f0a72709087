import { labelValue, printable } from '../label-text.ts';
import type { FieldType, MeasurementEntry } from './measurement.ts';
import type { UniqueTimes } from './unique-times.ts';

/** Characters of a text in a field; identifiers are no longer (src/sip/limits.ts). */
export const FIELD_CHARACTERS_MAX = 1024;

/** What is written as one line. */
export interface Point {
  measurement: string;
  entry: MeasurementEntry;
  /** In the order of the measurement's tags. */
  tags: readonly string[];
  /** By name; what is null is left out. */
  fields: Readonly<Record<string, number | string | boolean | null>>;
  /** Capture time, us since the epoch; null when it is not known. */
  timeUs: number | null;
  /** What tells it from other points of its tags and time: the same for the same thing. */
  identity: string;
}

/**
 * A point as a line of InfluxDB's line protocol, without line feed; null where it has no time that can be written. Names
 * come from the catalogue; values may be anything.
 */
export function lineOf(
  { measurement, entry, tags, fields, timeUs, identity }: Point,
  times: UniqueTimes,
): string | null {
  if (timeUs === null) return null;
  let series = measurement;
  for (const [i, name] of entry.tags.entries()) series += `,${name}=${tagText(tags[i] ?? '')}`;
  const time = times.next(series, timeUs, identity);
  if (time === null) return null;
  const texts: string[] = [];
  for (const name in entry.fields) {
    const value = fieldText(entry.fields[name]!.type, fields[name] ?? null);
    if (value !== null) texts.push(`${name}=${value}`);
  }
  return texts.length === 0 ? null : `${series} ${texts.join()} ${time}`;
}

/**
 * A value of a tag. Backslashes are replaced: one that ends a value would take the comma behind it along, and servers
 * disagree on what two of them are.
 */
function tagText(value: string): string {
  return labelValue(value).replaceAll('\\', '/').replace(/[ ,=]/g, '\\$&');
}

function fieldText(type: FieldType, value: number | string | boolean | null): string | null {
  if (value === null) return null;
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) ? `${value}i` : null;
    case 'float':
      return Number.isFinite(value) ? String(value) : null;
    case 'flag':
      return value === true ? 't' : 'f';
    case 'text':
      return `"${printable(String(value), FIELD_CHARACTERS_MAX).replace(/["\\]/g, '\\$&')}"`;
  }
}
