import type { Alert, HeldBack } from '../alerts/alert.ts';
import { Evaluator } from '../alerts/evaluator.ts';
import type { AlertInput, Labeller, StatusInput } from '../alerts/input.ts';
import type { RuleSet } from '../alerts/rule.ts';
import type { Engine } from '../engine/engine.ts';
import { IntervalFeed } from '../engine/interval-feed.ts';
import type { ScoringOptions } from '../engine/scoring.ts';
import { liveInterval, liveOngoing, type SourceStatus } from '../live/live-records.ts';
import { RecentTrust } from '../live/recent-trust.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { RecordSink } from '../records/types.ts';
import { isoMicros } from '../report/iso-time.ts';
import { reportedCall, reportedFinding, reportedReason, reportedStream } from '../report/reported.ts';
import type { AlertHistory } from './reported-alerts.ts';

/** How often a live probe says where it stands; the same here. */
const STATUS_US = 10_000_000;
/** Alerts of one replay that are kept; further ones are counted. */
const ALERTS_MAX = 10_000;

/** A capture as a source of packets. */
const CAPTURE_SOURCE: SourceStatus = {
  engine: 'pcap',
  name: 'capture',
  stamps: 'kernel',
  packets: 0,
  bytes: 0,
  dropped: null,
  ringFull: null,
  ringHighWaterRatio: null,
  up: null,
  ended: false,
  details: {},
};

/**
 * Rules over a replay, as a live probe would evaluate them: records become known when they would be told, and the time
 * of evaluations is that of the packets.
 */
export class AlertRun {
  /** Alerts beyond those that are kept. */
  leftOut = 0;
  private readonly evaluators: readonly Evaluator[];
  private readonly ended: Alert[][];
  private readonly held: HeldBack[][];
  private readonly trust = new RecentTrust();
  private engine: Engine | null = null;
  private feed: IntervalFeed | null = null;
  private nextUs = Number.NaN;
  private lastUs = Number.NaN;

  /** Several sets of rules may be evaluated at once. */
  constructor(sets: readonly RuleSet[], labeller: Labeller) {
    this.evaluators = sets.map((set) => new Evaluator(aboutCaptures(set), { labeller }));
    this.ended = sets.map(() => []);
    this.held = sets.map(() => []);
  }

  /** The engine whose records these are. */
  attach(engine: Engine, scoring: ScoringOptions): void {
    this.engine = engine;
    this.feed = new IntervalFeed(engine.rtp, engine.calls, scoring);
  }

  /** Hands on records to another sink, and takes them. */
  sink(other: RecordSink): RecordSink {
    return {
      stream: (record) => {
        this.feed?.ended(record, (each) => this.observe({ type: 'interval', ...liveInterval(each) }));
        this.observe({ type: 'stream', ...reportedStream(record) });
        other.stream(record);
      },
      call: (record) => {
        this.observe({ type: 'call', ...reportedCall(record) });
        other.call(record);
      },
      finding: (record) => {
        this.observe({ type: 'finding', ...reportedFinding(record) });
        other.finding(record);
      },
      ongoing: (record) => this.observe({ type: 'ongoing', ...liveOngoing(record) }),
      registration: (record) => other.registration?.(record),
      trunk: (record) => other.trunk?.(record),
    };
  }

  private observe(record: AlertInput): void {
    for (const evaluator of this.evaluators) evaluator.observe(record);
  }

  /** Has the engine take a batch, cut where a status is due. */
  ingest(engine: Engine, batch: PacketBatch, dropped: number | null): void {
    let from = 0;
    for (let i = 0; i < batch.count; i++) {
      const timeUs = batch.timeUs[i]!;
      if (Number.isNaN(this.nextUs)) this.begin(timeUs);
      if (timeUs < this.nextUs) continue;
      engine.ingest(part(batch, from, i));
      from = i;
      this.tell(engine, dropped, this.nextUs);
      const reachedUs = Math.floor(timeUs / STATUS_US) * STATUS_US;
      // Where the capture pauses, time passes without packets: evaluations catch up before what comes next is known.
      if (reachedUs > this.nextUs) this.advance(reachedUs);
      this.nextUs = reachedUs + STATUS_US;
    }
    if (batch.count > 0) this.lastUs = batch.timeUs[batch.count - 1]!;
    engine.ingest(from === 0 ? batch : part(batch, from, batch.count));
  }

  private begin(timeUs: number): void {
    this.nextUs = (Math.floor(timeUs / STATUS_US) + 1) * STATUS_US;
    for (const evaluator of this.evaluators) evaluator.advance(timeUs);
  }

  private tell(engine: Engine, dropped: number | null, nowUs: number): void {
    this.feed?.collect((record) => this.observe({ type: 'interval', ...liveInterval(record) }));
    this.observe({ type: 'status', ...this.statusOf(engine, dropped, nowUs) });
    this.advance(nowUs);
  }

  private statusOf(engine: Engine, dropped: number | null, nowUs: number): StatusInput {
    const account = engine.account();
    const sources = [{ ...CAPTURE_SOURCE, packets: account.packets, bytes: account.bytes, dropped }];
    const trust = this.trust.judge({ atMs: nowUs / 1000, account, sources, lagMs: 0 });
    const { succeeded, failed, ofScans } = engine.signallingRecord().registrations;
    return {
      time: isoMicros(nowUs),
      packets: account.packets,
      dropped,
      calls: engine.calls.size,
      streams: engine.rtp.table.activeCount,
      registrations: engine.registrations.activeNow,
      lagMs: { measuring: 0, serving: 0 },
      records: { told: {}, dropped: {} },
      restarts: 0,
      sources: [],
      trust: { verdict: trust.verdict, reasons: trust.reasons.map(reportedReason) },
      registrationRounds: { succeeded, failed, ofScans },
      trunks: engine.trunks.states(),
    };
  }

  private advance(nowUs: number): void {
    this.evaluators.forEach((evaluator, i) => {
      for (const { change, alert } of evaluator.advance(nowUs))
        if (change === 'resolved') this.keep(i, alert);
      this.held[i]!.push(...evaluator.heldBack().ended);
    });
  }

  private keep(i: number, alert: Alert): void {
    if (this.ended[i]!.length >= ALERTS_MAX) this.leftOut++;
    else this.ended[i]!.push(alert);
  }

  /** The capture is over, and so is the engine: what it told last is evaluated. */
  finish(dropped: number | null): void {
    if (this.engine === null || Number.isNaN(this.lastUs)) return;
    const endUs = (Math.floor(this.lastUs / STATUS_US) + 1) * STATUS_US;
    this.tell(this.engine, dropped, endUs);
    for (const evaluator of this.evaluators) this.lastLook(evaluator);
  }

  private lastLook(evaluator: Evaluator): void {
    const { everyUs } = evaluator.set;
    if (evaluator.timeUs !== null && everyUs !== STATUS_US) evaluator.advance(evaluator.timeUs + everyUs);
  }

  /** What each set of rules raised, in order of time. */
  histories(): AlertHistory[] {
    return this.evaluators.map((evaluator, i) => ({
      untilUs: evaluator.timeUs,
      alerts: [...this.ended[i]!, ...evaluator.active()].sort((a, b) => a.startUs - b.startUs),
      heldBack: [...this.held[i]!, ...evaluator.heldBack().now].sort((a, b) => a.startUs - b.startUs),
      pending: evaluator.pending(),
    }));
  }
}

/** Whether a probe lives cannot be told from a capture: it pauses where nothing was captured, and no status is told. */
function aboutCaptures(set: RuleSet): RuleSet {
  return { ...set, rules: set.rules.filter(({ signal }) => signal.name !== 'probe.status') };
}

/** Packets `from` to `to` of a batch. */
function part(batch: PacketBatch, from: number, to: number): PacketBatch {
  return {
    ...batch,
    count: to - from,
    offset: batch.offset.subarray(from, to),
    capturedLength: batch.capturedLength.subarray(from, to),
    originalLength: batch.originalLength.subarray(from, to),
    timeUs: batch.timeUs.subarray(from, to),
    linkType: batch.linkType.subarray(from, to),
    input: batch.input.subarray(from, to),
    frame: batch.frame.subarray(from, to),
  };
}
