import type { LiveCaptureError, LiveCounters, LiveSource } from '../capture/live/live-source.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { SourceStatus } from './live-records.ts';

interface Running {
  source: LiveSource;
  ended: boolean;
  /** As they were when they were last read. */
  packets: number;
  dropped: number | null;
  /** The highest that the ring stood since it was last told. */
  highWaterRatio: number | null;
}

/** Takes when packets were dropped: between two times (capture time, us), and how many came meanwhile. */
export interface DropSink {
  note(fromUs: number, toUs: number, dropped: number, packets: number): void;
}

/** What becomes of sources. */
export interface SourcesListener {
  /** @param isPressed packets come faster than they are measured */
  take(batch: PacketBatch, isPressed: boolean): void;
  /** A source ended that nobody stopped; `reason` where it should not have. */
  sourceEnded(source: LiveSource, reason: LiveCaptureError | null): void;
  allEnded(): void;
}

/** All places that packets come from. */
export class Sources {
  private readonly running: Running[];
  private readonly listener: SourcesListener;
  private stopping = false;

  constructor(sources: readonly LiveSource[], listener: SourcesListener) {
    this.running = sources.map((source) => ({
      source,
      ended: false,
      packets: 0,
      dropped: null,
      highWaterRatio: null,
    }));
    this.listener = listener;
  }

  /** @throws {LiveCaptureError} when one of them cannot begin */
  start(): void {
    for (const each of this.running) {
      each.source.start(
        (batch) => this.take(batch),
        (reason) => this.end(each, reason),
      );
    }
  }

  private take(batch: PacketBatch): void {
    const isPressed = this.running.some(({ source, ended }) => !ended && source.isPressed === true);
    this.listener.take(batch, isPressed);
  }

  private end(each: Running, reason: LiveCaptureError | null): void {
    if (each.ended) return;
    each.ended = true;
    if (!this.stopping) this.listener.sourceEnded(each.source, reason);
    if (this.running.every(({ ended }) => ended)) this.listener.allEnded();
  }

  /** Stops all of them, once they have delivered what waits. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running.map(({ source }) => source.stop()));
    for (const each of this.running) this.end(each, null);
  }

  /**
   * Reads what was dropped since the last time and notes when that was.
   *
   * @param fromUs capture time at the last reading
   * @param toUs capture time now
   * @returns packets dropped since the last time, of all sources
   */
  noteDrops(moments: DropSink, fromUs: number | null, toUs: number | null): number {
    let all = 0;
    for (const each of this.running) {
      const { packets, dropped } = read(each);
      const lost = (dropped ?? 0) - (each.dropped ?? 0);
      if (lost > 0) all += lost;
      if (lost > 0 && fromUs !== null && toUs !== null) {
        moments.note(fromUs, toUs, lost, packets - each.packets);
      }
      each.packets = packets;
      each.dropped = dropped;
    }
    return all;
  }

  /** Where each of them stands; the ring's high water is that since the last time. */
  statuses(): SourceStatus[] {
    return this.running.map((each) => {
      const { source, ended } = each;
      const { engine, name, stamps } = source;
      const counters = read(each);
      each.highWaterRatio = null;
      return { engine, name, stamps, ended, ...counters, details: { ...source.details?.() } };
    });
  }
}

/** A source's counters; it tells the ring's high water only once. */
function read(each: Running): LiveCounters {
  const counters = each.source.counters();
  const { ringHighWaterRatio } = counters;
  if (ringHighWaterRatio !== null)
    each.highWaterRatio = Math.max(each.highWaterRatio ?? 0, ringHighWaterRatio);
  return { ...counters, ringHighWaterRatio: each.highWaterRatio };
}
