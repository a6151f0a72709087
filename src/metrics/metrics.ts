import type { LiveRecord } from '../live/live-records.ts';
import { type AlertCounts, AlertMetrics } from './alert-metrics.ts';
import { CallMetrics } from './call-metrics.ts';
import { type ExportCounts, ExportMetrics } from './export-metrics.ts';
import { exposition, type Format, type Pacing, type Pieces } from './exposition.ts';
import { Groups } from './groups/groups.ts';
import { type LabelSpaces, labelSpaces } from './label-spaces.ts';
import { MediaMetrics } from './media-metrics.ts';
import { Followed, MetricSet } from './metric-set.ts';
import { ProbeMetrics } from './probe-metrics.ts';

export interface MetricsOptions {
  version: string;
  /** Name of the probe, for `earshot_build_info`. */
  probe: string;
  groups?: Groups;
  /** Label sets that each metric may have. */
  labelSets?: number;
  /** Streams under way whose packets can be counted before they are over. */
  streamsMax?: number;
  /** Time of day, ms since the epoch: of exemplars. */
  wallMs?: () => number;
  pacing?: Pacing;
  /** Is measuring alive? */
  isMeasuring?: () => boolean;
}

/** What was written is given again for so long: several servers may scrape one probe. */
const CACHED_MS = 1000;

/** What is counted elsewhere in the serving thread. */
export interface ServedCounts {
  recentCalls: number;
  evictedCalls: number;
  /** Requests by status. */
  requests: ReadonlyMap<string, number>;
  /** Of servers that get points. */
  exports: readonly ExportCounts[];
  /** Of receivers of alerts, by name. */
  alerts: Readonly<Record<string, AlertCounts>>;
}

const NOTHING_SERVED: ServedCounts = {
  ...{ recentCalls: 0, evictedCalls: 0, requests: new Map(), exports: [], alerts: {} },
};

interface Written {
  atMs: number;
  text: Promise<Pieces>;
}

/**
 * Prometheus metrics of a live probe: takes the records it tells, and writes what they add up to. Everything is added
 * when it is told, nothing is rebuilt when it is asked for, and no counter ever falls.
 */
export class Metrics {
  private readonly set = new MetricSet();
  private readonly spaces: LabelSpaces;
  private readonly media: MediaMetrics;
  private readonly calls: CallMetrics;
  private readonly probe: ProbeMetrics;
  private readonly exports: ExportMetrics;
  private readonly alerts: AlertMetrics;
  private readonly options: MetricsOptions;
  private readonly pacing: Pacing;
  private readonly overflowed: Followed;
  private readonly untracked: Followed;
  private readonly evicted: Followed;
  private readonly requests: Followed;
  private readonly written = new Map<Format, Written>();
  private groups: Groups;
  private served: () => ServedCounts = () => NOTHING_SERVED;

  constructor(options: MetricsOptions) {
    this.options = options;
    this.groups = options.groups ?? new Groups();
    this.pacing = options.pacing ?? {
      nowMs: () => performance.now(),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    };
    this.spaces = labelSpaces(options.labelSets);
    const { set, spaces } = this;
    const parts = { set, groups: () => this.groups, nowMs: options.wallMs ?? Date.now };
    const streamsMax = options.streamsMax === undefined ? {} : { streamsMax: options.streamsMax };
    this.media = new MediaMetrics({ ...parts, media: spaces.media, streams: spaces.streams, ...streamsMax });
    this.calls = new CallMetrics({ ...parts, spaces });
    this.probe = new ProbeMetrics(set);
    this.exports = new ExportMetrics(set);
    this.alerts = new AlertMetrics(set);
    this.overflowed = new Followed(set.counter('earshot_label_overflow_total'), 'metrics');
    this.untracked = new Followed(set.counter('earshot_untracked_intervals_total'));
    this.evicted = new Followed(set.counter('earshot_recent_calls_evicted_total'));
    this.requests = new Followed(set.counter('earshot_http_requests_total'), 'code');
    const { version, probe } = options;
    set.gauge('earshot_build_info').set({ version, nodeversion: process.versions.node, probe }, 1);
  }

  /** Takes records. */
  records(records: readonly LiveRecord[]): void {
    for (const record of records) this.record(record);
  }

  /** Puts streams and calls into other groups from now on. What was counted stays where it is. */
  regroup(groups: Groups): void {
    this.groups = groups;
  }

  /** Where to ask what the server counts. */
  follow(served: () => ServedCounts): void {
    this.served = served;
  }

  /** All metrics as text, in pieces. Whoever asks within a second gets the same. */
  render(format: Format): Promise<Pieces> {
    const nowMs = this.pacing.nowMs();
    const known = this.written.get(format);
    if (known !== undefined && nowMs - known.atMs < CACHED_MS) return known.text;
    this.refresh();
    const text = exposition(this.set, format, this.pacing);
    const written: Written = { atMs: nowMs, text };
    this.written.set(format, written);
    const done = (): void => {
      const endMs = this.pacing.nowMs();
      // Writing may take longer than that: it is as old as its end then.
      written.atMs = endMs;
      this.set.gauge('earshot_scrape_duration_seconds').set((endMs - nowMs) / 1000);
    };
    text.then(done, () => this.written.delete(format));
    return text;
  }

  private record(record: LiveRecord): void {
    switch (record.type) {
      case 'interval':
        this.media.interval(record);
        return;
      case 'stream':
        this.media.stream(record);
        return;
      case 'ongoing':
        this.calls.unheard(record);
        return;
      case 'call':
        this.calls.call(record);
        return;
      case 'finding':
        this.calls.finding(record);
        return;
      case 'status':
        this.probe.status(record);
        this.calls.settle();
        this.media.sweep();
        for (const space of Object.values(this.spaces)) space.admit();
        return;
      case 'start':
        this.media.restart();
        this.calls.settle();
        this.probe.start(record.run);
        return;
      case 'capture':
        this.probe.closed(record);
        this.calls.settle();
    }
  }

  private refresh(): void {
    const { set } = this;
    this.probe.process();
    this.probe.fill('streams_in_metrics', this.media.size, this.media.streamsMax);
    for (const [metrics, space] of Object.entries(this.spaces)) {
      set.gauge('earshot_label_sets').set({ metrics }, space.used);
      set.gauge('earshot_label_sets_limit').set({ metrics }, space.limit);
      this.overflowed.to(space.overflowed, metrics);
    }
    this.untracked.to(this.media.untracked);
    set.gauge('earshot_measuring_up').set((this.options.isMeasuring?.() ?? true) ? 1 : 0);
    const { recentCalls, evictedCalls, requests, exports, alerts } = this.served();
    set.gauge('earshot_recent_calls').set(recentCalls);
    this.evicted.to(evictedCalls);
    for (const [code, n] of requests) this.requests.to(n, code);
    this.exports.counts(exports);
    this.alerts.counts(alerts);
  }
}
