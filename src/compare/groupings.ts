import type { TimeZone } from '../report/search/time-zone.ts';
import type { CallSample } from './call-sample.ts';

/** What sets of calls can be divided by. */
export const GROUPINGS = ['site', 'trunk', 'direction', 'device', 'codec', 'endpoint', 'hour'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** The groups that a call is in: none where it does not say, two where its ends differ. */
export function groupsOf(sample: CallSample, by: Grouping, zone: TimeZone): readonly string[] {
  const { marks, codecs } = sample;
  switch (by) {
    case 'site':
    case 'trunk':
    case 'direction':
      return marks[by] === null ? [] : [marks[by]];
    case 'device':
      return distinct(marks.callerDevice, marks.calleeDevice);
    case 'endpoint':
      return distinct(marks.source, marks.destination);
    case 'codec':
      return codecs;
    case 'hour':
      return marks.startUs === null ? [] : [hourText(marks.startUs, zone)];
  }
}

function distinct(...names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((each) => each !== null))];
}

const HOUR_US = 3600e6;

/** The hour of the day on a clock in that zone: `14:00`. */
export function hourText(us: number, zone: TimeZone): string {
  const wallUs = us + zone.offsetMs(us / 1000) * 1000;
  const hour = Math.floor(wallUs / HOUR_US) % 24;
  return `${String((hour + 24) % 24).padStart(2, '0')}:00`;
}
