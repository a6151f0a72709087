import type { MomentLog } from '../../records/moment-log.ts';
import type { Gap, PathMark } from '../../records/stream-history.ts';
import type { RecordSink, StreamRecord } from '../../records/types.ts';

/** Streams that moments are kept of; a report of more shows their intervals only. */
const STREAMS_KEPT = 40_000;

/** When a stream lost, halted and changed its path: ms after its first packet. The JSON report does not hold it. */
export interface Moments {
  readonly losses: MomentLog;
  readonly path: readonly PathMark[];
  readonly gaps: readonly Gap[];
}

/** Keeps the moments of streams on their way into the record store. */
export class StreamMoments {
  private readonly kept = new Map<string, Moments>();

  /** A sink that notes and hands on. */
  sink(next: RecordSink): RecordSink {
    return {
      stream: (record) => {
        this.note(record);
        next.stream(record);
      },
      call: (record) => next.call(record),
      finding: (record) => next.finding(record),
      registration: (record) => next.registration?.(record),
      trunk: (record) => next.trunk?.(record),
    };
  }

  /** Null for a stream to which nothing happened. */
  of(stream: string): Moments | null {
    return this.kept.get(stream) ?? null;
  }

  private note({ id, history }: StreamRecord): void {
    const { losses, path, gaps } = history;
    // Of a path that never changes the record says enough.
    if (losses.length === 0 && path.length < 2 && gaps.length === 0) return;
    if (this.kept.size < STREAMS_KEPT) this.kept.set(id, { losses, path, gaps });
  }
}
