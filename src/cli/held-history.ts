import type { LiveRecord, StatusRecord } from '../live/live-records.ts';
import type { Stretch } from '../store/hold-coverage.ts';
import { linesOf, recordIn } from '../store/json-lines.ts';

/** Starts and standings that are remembered to judge what was between them. */
const MOMENTS_MAX = 1_000_000;
/** Where it stands is told every ten seconds; two of them missing is no hiccup. */
const SILENT_US = 30_000_000;

/** What the history of a span tells of the probe itself. */
export interface ProbeThen {
  records: number;
  /** When measuring began, or began again, ISO 8601. */
  starts: string[];
  /** Packets that sources lost, and those that the disk did not take; null where nobody says. */
  dropped: number | null;
  notKept: number | null;
}

/** Reads what was told of a span, line by line as it was written, and learns from it how the probe was. */
export class HeldHistory {
  readonly probe: ProbeThen = { records: 0, starts: [], dropped: null, notKept: null };
  private readonly span: Stretch;
  private readonly standingUs: number[] = [];
  /** What counters are held against: the last ones, or nothing since the start; null where nobody knows. */
  private before: StatusRecord | 'start' | null = null;

  constructor(span: Stretch) {
    this.span = span;
  }

  /** The lines of files that touch the span, each with its end. */
  *lines(files: readonly string[]): Generator<string> {
    for (const file of files) {
      for (const line of linesOf(file)) {
        const record = recordIn(line) as LiveRecord | null;
        if (record === null || !this.touches(record)) continue;
        this.probe.records++;
        yield `${line}\n`;
      }
    }
  }

  /** Whether the probe ran in a stretch of time; null where the history cannot tell. */
  ranIn({ fromUs, toUs }: Stretch): boolean | null {
    if (this.standingUs.some((us) => us >= fromUs && us <= toUs)) return true;
    return this.standingUs.length === 0 || toUs - fromUs < SILENT_US ? null : false;
  }

  private touches(record: LiveRecord): boolean {
    const stretch = stretchOf(record);
    // Counters are since the start: the last ones before the span are what those in it are held against.
    if (record.type === 'start') this.before = 'start';
    const touches =
      stretch === null || (stretch.fromUs <= this.span.toUs && stretch.toUs >= this.span.fromUs);
    if (record.type === 'status') this.noteStatus(record, stretch?.fromUs ?? Number.NaN, touches);
    if (record.type === 'start' && touches && record.time !== null && this.probe.starts.length < MOMENTS_MAX)
      this.probe.starts.push(record.time);
    return touches;
  }

  private noteStatus(status: StatusRecord, timeUs: number, isInSpan: boolean): void {
    const { before, probe } = this;
    if (isInSpan) {
      if (this.standingUs.length < MOMENTS_MAX) this.standingUs.push(timeUs);
      const counted = (of: (status: StatusRecord) => number | null | undefined): number | null =>
        since(before === null ? of(status) : before === 'start' ? 0 : of(before), of(status));
      probe.dropped = sum(
        probe.dropped,
        counted(({ dropped }) => dropped),
      );
      probe.notKept = sum(
        probe.notKept,
        counted(({ kept }) => kept?.lost),
      );
    }
    this.before = status;
  }
}

/** When what a record tells of was, us; null where it names no time. */
function stretchOf(record: LiveRecord): Stretch | null {
  const { startTime, endTime, time, durationMs } = record as unknown as Record<string, unknown>;
  const times = [startTime, endTime, time].map((each) => (typeof each === 'string' ? Date.parse(each) : NaN));
  if (typeof durationMs === 'number') times.push(times[0]! + durationMs);
  const known = times.filter((ms) => !Number.isNaN(ms));
  if (known.length === 0) return null;
  return { fromUs: Math.min(...known) * 1000, toUs: Math.max(...known) * 1000 };
}

/** What a counter rose by; one that fell began anew. */
function since(before: number | null | undefined, now: number | null | undefined): number | null {
  if (now == null) return null;
  return before == null || now < before ? now : now - before;
}

function sum(a: number | null, b: number | null): number | null {
  return b === null ? a : (a ?? 0) + b;
}
