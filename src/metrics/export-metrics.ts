import type { NameOf } from './catalogue.ts';
import type { MetricSet } from './metric-set.ts';

/** What became of what one server was to get, since the start. */
export interface ExportCounts {
  target: string;
  written: number;
  dropped: Readonly<Record<string, number>>;
  /** By how they ended. */
  requests: Readonly<Record<string, number>>;
  waiting: number;
  isFailing: boolean;
  spoolFailures: number;
  /** Octets in memory, and on the disk where there is a spool. */
  queue: { used: number; max: number };
  spool: { used: number; max: number } | null;
}

/** Metrics of exports. They are counted elsewhere and only ever go on. */
export class ExportMetrics {
  private readonly set: MetricSet;
  private readonly seen = new Map<string, number>();

  constructor(set: MetricSet) {
    this.set = set;
  }

  /** Takes the counts as they stand. */
  counts(exports: readonly ExportCounts[]): void {
    const { set } = this;
    for (const each of exports) {
      const { target, written, dropped, requests, waiting, spoolFailures, queue, spool } = each;
      this.to('earshot_export_points_total', { target }, written);
      for (const [reason, n] of Object.entries(dropped)) {
        this.to('earshot_export_points_dropped_total', { target, reason }, n);
      }
      for (const [outcome, n] of Object.entries(requests)) {
        this.to('earshot_export_requests_total', { target, outcome }, n);
      }
      this.to('earshot_export_spool_failures_total', { target }, spoolFailures);
      set.gauge('earshot_export_waiting_points').set({ target }, waiting);
      set.gauge('earshot_export_failing').set({ target }, each.isFailing ? 1 : 0);
      this.fill(target, 'memory', queue);
      if (spool !== null) this.fill(target, 'spool', spool);
    }
  }

  private fill(target: string, place: string, { used, max }: { used: number; max: number }): void {
    this.set.gauge('earshot_export_waiting_bytes').set({ target, place }, used);
    this.set.gauge('earshot_export_waiting_limit_bytes').set({ target, place }, max);
  }

  private to(name: NameOf<'counter'>, labels: Record<string, string>, now: number): void {
    const key = JSON.stringify([name, labels]);
    this.set.counter(name).inc(labels, now - (this.seen.get(key) ?? 0));
    this.seen.set(key, now);
  }
}
