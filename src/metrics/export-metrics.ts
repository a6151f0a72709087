import type { MetricSet } from './metric-set.ts';
import { StandingCounts } from './standing-counts.ts';

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
  private readonly standing: StandingCounts;

  constructor(set: MetricSet) {
    this.set = set;
    this.standing = new StandingCounts(set);
  }

  /** Takes the counts as they stand. */
  counts(exports: readonly ExportCounts[]): void {
    const { set } = this;
    for (const each of exports) {
      const { target, written, dropped, requests, waiting, spoolFailures, queue, spool } = each;
      this.standing.to('earshot_export_points_total', { target }, written);
      for (const [reason, n] of Object.entries(dropped)) {
        this.standing.to('earshot_export_points_dropped_total', { target, reason }, n);
      }
      for (const [outcome, n] of Object.entries(requests)) {
        this.standing.to('earshot_export_requests_total', { target, outcome }, n);
      }
      this.standing.to('earshot_export_spool_failures_total', { target }, spoolFailures);
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
}
