import { hostname } from 'node:os';
import { Delivery } from '../delivery/delivery.ts';
import { writeToInflux } from '../delivery/influx-endpoint.ts';
import { Spool } from '../delivery/spool.ts';
import type { LiveRecord } from '../live/live-records.ts';
import type { Log } from '../live/log.ts';
import { recordWithoutNumbers } from '../live/redact.ts';
import type { ExportCounts } from '../metrics/export-metrics.ts';
import { Groups, type GroupsConfig } from '../metrics/groups/groups.ts';
import { lineOf } from '../metrics/influx/line-protocol.ts';
import { Points } from '../metrics/influx/points.ts';
import { UniqueTimes } from '../metrics/influx/unique-times.ts';
import type { ExportingPlan, InfluxTarget } from './exporting-plan.ts';

const TICK_MS = 1000;
/** What was not delivered by then stays in the spool. */
const CLOSING_MS = 5000;

/** What exporting needs beside its plan. */
export interface ExportingParts {
  /** Leaves out the numbers and names of users. */
  redactNumbers: boolean;
  log: Log;
}

/** One server, the points made for it, and their delivery. */
class Export {
  readonly points: Points;
  private readonly target: InfluxTarget;
  private readonly times = new UniqueTimes();
  private readonly delivery: Delivery;
  private readonly spool: Spool | null;

  constructor(target: InfluxTarget, points: Points, spool: Spool | null, delivery: Delivery) {
    this.target = target;
    this.points = points;
    this.spool = spool;
    this.delivery = delivery;
  }

  records(records: readonly LiveRecord[]): void {
    for (const point of this.points.of(records)) {
      const line = lineOf(point, this.times);
      if (line === null) this.delivery.drop('no_time', 1);
      else this.delivery.add(line);
    }
  }

  tick(): void {
    this.delivery.tick();
  }

  finish(): Promise<void> {
    return this.delivery.finish(CLOSING_MS);
  }

  counts(): ExportCounts {
    const { spool, target } = this;
    const used =
      spool === null || target.spool === null ? null : { used: spool.bytes, max: target.spool.bytesMax };
    return { target: target.name, ...this.delivery.counts(), spool: used };
  }
}

/** Writes what a live probe tells to others: one of those who take what it tells. */
export class Exporting {
  private readonly exports: readonly Export[];
  private readonly redacts: boolean;
  private readonly timer: NodeJS.Timeout;

  private constructor(exports: readonly Export[], redacts: boolean) {
    this.exports = exports;
    this.redacts = redacts;
    this.timer = setInterval(() => {
      for (const each of exports) each.tick();
    }, TICK_MS);
  }

  /** Opens spools, with what an earlier run left in them. @throws {SpoolError} */
  static async open(plan: ExportingPlan, { redactNumbers, log }: ExportingParts): Promise<Exporting> {
    const exports: Export[] = [];
    for (const target of plan.influxdb) exports.push(await openExport(plan, target, log));
    return new Exporting(exports, redactNumbers);
  }

  /** Takes records. */
  records(records: readonly LiveRecord[]): void {
    const shown = this.redacts ? records.map(recordWithoutNumbers) : records;
    for (const each of this.exports) each.records(shown);
  }

  /** Puts streams and calls into other groups from now on. */
  regroup(groups: GroupsConfig): void {
    for (const { points } of this.exports) points.regroup(new Groups(groups));
  }

  /** What became of points, for metrics. */
  counts(): ExportCounts[] {
    return this.exports.map((each) => each.counts());
  }

  /** Which of them fail now, for alert rules. */
  failing(): Record<string, { isFailing: boolean }> {
    return Object.fromEntries(this.counts().map(({ target, isFailing }) => [target, { isFailing }]));
  }

  /** Delivers within a few seconds what can be delivered. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.exports.map((each) => each.finish()));
  }
}

async function openExport(plan: ExportingPlan, target: InfluxTarget, log: Log): Promise<Export> {
  const { name, endpoint, batchPoints, flushMs, queueBytesMax, measurements } = target;
  const groups = new Groups(plan.groups);
  const { labelSets } = plan;
  const points = new Points({ probe: plan.probe ?? hostname(), groups, labelSets, measurements });
  const said: ConstructorParameters<typeof Delivery>[0]['said'] = (level, text, fields) =>
    log.notice({ level, text: `${name}: ${text}`, fields });
  let delivery: Delivery | null = null;
  const early: { reason: 'spool_full' | 'spool_damaged'; points: number }[] = [];
  const spool =
    target.spool === null
      ? null
      : await Spool.open({
          ...target.spool,
          lost: (reason, n, where) => {
            if (delivery === null) early.push({ reason, points: n });
            else delivery.drop(reason, n);
            const text =
              reason === 'spool_full' ? 'the spool is full: the oldest points are dropped' : DAMAGED;
            said('error', text, { points: n, file: where });
          },
        });
  const opened = new Delivery({
    ...{ spool, batchPoints, flushMs, queueBytesMax, said },
    write: (batch, signal) => writeToInflux(endpoint, batch, signal),
    nowMs: () => performance.now(),
  });
  delivery = opened;
  for (const each of early) opened.drop(each.reason, each.points);
  const waiting = spool?.points ?? 0;
  if (waiting > 0) said('info', 'the spool holds points of an earlier run', { points: waiting });
  return new Export(target, points, spool, opened);
}

const DAMAGED = 'a file of the spool is damaged or was cut short: some of its points are lost';
