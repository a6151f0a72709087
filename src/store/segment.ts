import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file: when what it holds begins, and its octets. */
export interface Segment {
  path: string;
  startUs: number;
  bytes: number;
}

/** What a segment holds, which is how its name ends. */
export type SegmentKind = 'pcapng' | 'ndjson';
/** The same, or packets of single calls, in files that are named by when they were saved. */
export type HeldKind = SegmentKind | 'calls';

/** The longest that a file of packets goes on, us of capture time. */
export const PACKETS_MOST_US = 60_000_000;

const NAME = /^(earshot|calls)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z(?:-\d+)?\.([a-z]+)$/;

/** The files of a kind in a directory, by the time at which they begin. Throws what the file system says. */
export function segmentsIn(directory: string, kind: HeldKind): Segment[] {
  const found: Segment[] = [];
  for (const name of readdirSync(directory)) {
    const parts = NAME.exec(name);
    if (parts === null || kindOf(parts[1]!, parts[9]!) !== kind) continue;
    const [year, month, day, hour, minute, second, ms] = parts.slice(2, 9).map(Number) as number[];
    const startMs = Date.UTC(year!, month! - 1, day, hour, minute, second, ms);
    const path = join(directory, name);
    found.push({ path, startUs: startMs * 1000, bytes: statSync(path).size });
  }
  return found.sort((a, b) => a.startUs - b.startUs || a.path.localeCompare(b.path));
}

function kindOf(writer: string, ending: string): string {
  return writer === 'earshot' ? ending : ending === 'pcapng' ? 'calls' : '';
}

/** The name of a file that begins at a time, us since the epoch, without its ending. */
export function nameOf(startUs: number): string {
  return `earshot-${compactTime(Math.floor(startUs / 1000))}`;
}

/** A time, ms since the epoch, as names of files have it: in their order. */
export function compactTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:.]/g, '');
}
