import { hostname } from 'node:os';
import type { LiveRecord } from '../live/live-records.ts';
import { recordWithoutNumbers } from '../live/redact.ts';
import type { AlertCounts } from '../metrics/alert-metrics.ts';
import type { ExportCounts } from '../metrics/export-metrics.ts';
import { Groups, type GroupsConfig } from '../metrics/groups/groups.ts';
import { Metrics } from '../metrics/metrics.ts';
import { LiveView } from '../web/live-view.ts';
import { RecentCalls } from '../web/recent-calls.ts';
import { WebServer } from '../web/server.ts';
import type { ServingPlan } from './serving-plan.ts';
import { tool } from './tool.ts';

/** What serving needs beside its plan. */
export interface ServingParts {
  /** Leaves out the numbers and names of users. */
  redactNumbers: boolean;
  /** Is measuring alive? */
  isMeasuring: () => boolean;
  /** What became of exports. */
  exports: () => readonly ExportCounts[];
  /** What became of alerts, by receiver. */
  alerts: () => Readonly<Record<string, AlertCounts>>;
}

/** Metrics, recent calls and pages of a live probe: one of those who take what it tells. */
export class Serving {
  readonly metrics: Metrics;
  private readonly recent: RecentCalls;
  private readonly view = new LiveView();
  private readonly server: WebServer;
  private readonly redacts: boolean;

  /** @throws {HttpError} when it may or can not be served so */
  constructor(
    { http, probe, groups, labelSets, recentCalls }: ServingPlan,
    { redactNumbers, isMeasuring, exports, alerts }: ServingParts,
  ) {
    this.redacts = redactNumbers;
    this.recent = new RecentCalls({ callsMax: recentCalls });
    this.metrics = new Metrics({
      version: tool.version,
      probe: probe ?? hostname(),
      groups: new Groups(groups),
      labelSets,
      isMeasuring,
    });
    const { metrics, recent, view } = this;
    this.server = new WebServer(http, { metrics, recent, view, isReady: isMeasuring });
    this.metrics.follow(() => ({
      recentCalls: recent.size,
      evictedCalls: recent.evicted,
      requests: this.server.answered,
      exports: exports(),
      alerts: alerts(),
    }));
  }

  /** Begins to listen. @returns the address. @throws {HttpError} */
  listen(): Promise<string> {
    return this.server.listen();
  }

  /** Takes records. */
  records(records: readonly LiveRecord[]): void {
    this.metrics.records(records);
    const shown = this.redacts ? records.map(recordWithoutNumbers) : records;
    this.recent.records(shown);
    this.view.records(shown);
  }

  /** Puts streams and calls into other groups from now on. */
  regroup(groups: GroupsConfig): void {
    this.metrics.regroup(new Groups(groups));
  }

  /** Stops listening. */
  close(): Promise<void> {
    return this.server.close();
  }
}
