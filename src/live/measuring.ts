import type { LiveSource } from '../capture/live/live-source.ts';
import { Engine, type EngineOptions } from '../engine/engine.ts';
import { IntervalFeed } from '../engine/interval-feed.ts';
import { type JudgingChanges, rejudge } from '../engine/judging.ts';
import { captureFindings, trustOf } from '../engine/trust.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { CaptureRecord, RecordSink, StreamRecord } from '../records/types.ts';
import { isoMicros } from '../report/iso-time.ts';
import {
  reportedCall,
  reportedCapture,
  reportedFinding,
  reportedReason,
  reportedStream,
} from '../report/reported.ts';
import { reportedRegistration, reportedTrunk } from '../report/reported-signalling.ts';
import type { PacketRing } from '../store/packet-ring.ts';
import { CaptureTime } from './capture-time.ts';
import { diskNotices, keptRecord } from './kept-packets.ts';
import { type CaptureRecordOfRun, liveInterval, liveOngoing, type SourceStatus } from './live-records.ts';
import { OUTSTANDING_MAX, type Outbox } from './outbox.ts';
import { droppedBy, liveReasons, RecentTrust } from './recent-trust.ts';
import { type DropSink, Sources } from './sources.ts';
import { registrationRounds, statusOf } from './status.ts';
import type { Notice } from './thread-messages.ts';

/** What the measuring loop is given. */
export interface MeasuringParts {
  sources: readonly LiveSource[];
  engine: EngineOptions;
  outbox: Outbox;
  /** A clock that only ever goes on, ms; and the time of day, us since the epoch. */
  nowMs(): number;
  wallUs(): number;
  /** Longest standstills of the event loops since they were last asked, ms. */
  lags(): { measuring: number; serving: number };
  /** Stops after so many packets; null for never. */
  packetsMax: number | null;
  notice(notice: Notice): void;
  /** Whether anybody wants to hear of every interval; they are told unless not. */
  intervals?: boolean;
  /** Keeps packets on disk; null where none are kept. */
  ring?: PacketRing | null;
  /** Everything was told. */
  closed(capture: CaptureRecordOfRun, failed: string | null): void;
}

/** Sources that capture from an interface, by whose name they go. */
const INTERFACE_ENGINES: ReadonlySet<string> = new Set(['ring', 'pcap', 'cap']);

const SECOND_MS = 1000;
/** How often it says where it stands. */
const STATUS_MS = 10_000;

/**
 * Measures what live sources deliver: the same engine as a replay's, with the time that passes beside the packets. It
 * owns no thread and no timer: whoever does calls `tick` several times a second.
 */
export class Measuring {
  private readonly parts: MeasuringParts;
  private readonly engine: Engine;
  private readonly sources: Sources;
  private readonly feed: IntervalFeed;
  private readonly time = new CaptureTime();
  private readonly trust = new RecentTrust();
  /** When packets were dropped: findings about that time are held back, here and by whoever measures what is kept. */
  private readonly drops: DropSink = {
    note: (fromUs, toUs, dropped, packets) => {
      this.engine.reporter.across.drops.note(fromUs, toUs, dropped, packets);
      this.parts.ring?.noteDrops(fromUs, toUs, dropped, packets);
    },
  };
  /** Codes of reasons to doubt the capture that were told and still hold. */
  private doubted = new Set<string>();
  private packets = 0;
  private readonly startedMs: number;
  private nextSecondMs: number;
  private nextStatusMs: number;
  private readAtMs: number;
  private packetsAtStatus = 0;
  private statusAtMs: number;
  private failed: string | null = null;
  private isClosing = false;
  private isClosed = false;

  constructor(parts: MeasuringParts) {
    this.parts = parts;
    const interfaces = parts.sources.map(({ engine, name }) => (INTERFACE_ENGINES.has(engine) ? name : null));
    this.engine = new Engine(this.sink(), { ...parts.engine, interfaces });
    const { rtp, calls, judging } = this.engine;
    this.feed = new IntervalFeed(rtp, calls, judging.scoring, interfaces);
    this.sources = new Sources(parts.sources, {
      take: (batch, isPressed) => this.take(batch, isPressed),
      sourceEnded: ({ name }, reason) => {
        this.failed ??= reason?.message ?? null;
        const fields = { source: name, reason: reason?.message ?? null };
        this.notice(reason === null ? 'info' : 'error', 'a source ended', fields);
      },
      allEnded: () => this.close(),
    });
    this.startedMs = parts.nowMs();
    this.readAtMs = this.startedMs;
    this.statusAtMs = this.startedMs;
    this.nextSecondMs = this.startedMs + SECOND_MS;
    this.nextStatusMs = this.startedMs + STATUS_MS;
  }

  /** Begins. @throws {LiveCaptureError} when a source cannot */
  start(): void {
    this.sources.start();
    this.trust.judge(this.standing(this.sources.statuses(), 0));
  }

  /** Judges by other settings from now on. */
  rejudge(changes: JudgingChanges): void {
    rejudge(this.engine.judging, changes);
  }

  /** Stops the sources, measures what they still had, and closes. */
  async stop(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    await this.sources.stop();
    this.close();
  }

  /** Time passes. */
  tick(): void {
    if (this.isClosed) return;
    const nowMs = this.parts.nowMs();
    if (nowMs >= this.nextSecondMs) {
      this.nextSecondMs = nowMs + SECOND_MS;
      this.second(nowMs);
    }
    if (nowMs >= this.nextStatusMs) {
      this.nextStatusMs = nowMs + STATUS_MS;
      this.tellStatus(nowMs);
    }
    this.parts.outbox.flush();
  }

  private take(batch: PacketBatch, isPressed: boolean): void {
    const { packetsMax } = this.parts;
    if (this.isClosed || batch.count === 0) return;
    if (packetsMax !== null) batch.count = Math.min(batch.count, packetsMax - this.packets);
    if (batch.count <= 0) return;
    this.packets += batch.count;
    this.press(isPressed);
    this.engine.ingest(batch);
    this.parts.ring?.take(batch);
    this.noteTime(batch.timeUs[batch.count - 1]!);
    if (packetsMax !== null && this.packets >= packetsMax) void this.stop();
  }

  /** That it is a recording is told at once: whoever goes by the time of day must know it before what it makes of it. */
  private noteTime(stampUs: number): void {
    const { isRecording } = this.time;
    const nowMs = this.parts.nowMs();
    this.time.note(stampUs, nowMs, this.parts.wallUs());
    if (this.time.isRecording !== isRecording) this.tellStatus(nowMs);
  }

  /** New streams are left out as long as packets wait too long. */
  private press(isPressed: boolean): void {
    const { rtp } = this.engine;
    if (isPressed !== rtp.isPressed) {
      const streamsShed = rtp.shed.streams;
      if (isPressed)
        this.notice('warn', 'measuring does not keep up: new streams are left out', { streamsShed });
      else this.notice('info', 'measuring keeps up again', { streamsShed });
    }
    rtp.isPressed = isPressed;
  }

  private second(nowMs: number): void {
    const nowUs = this.time.at(nowMs);
    this.noteDrops(nowMs);
    this.noteDisk();
    this.parts.ring?.tick(nowUs);
    if (nowUs !== null) this.engine.tick(nowUs);
    else if (this.time.strange > 0) {
      this.notice(
        'warn',
        'packets are stamped far from the clock of this machine: time passes by packets only',
        {},
      );
    }
    if (this.parts.intervals === false) return;
    this.feed.collect((record) =>
      this.parts.outbox.add('interval', () => ({ type: 'interval', ...liveInterval(record) })),
    );
  }

  private noteDrops(nowMs: number): void {
    const dropped = this.sources.noteDrops(this.drops, this.time.at(this.readAtMs), this.time.at(nowMs));
    this.readAtMs = nowMs;
    if (dropped > 0) this.notice('warn', 'packets were dropped before they could be measured', { dropped });
  }

  private tellStatus(nowMs: number): void {
    const { outbox } = this.parts;
    const sources = this.sources.statuses();
    const lagMs = this.parts.lags();
    const standing = this.standing(sources, lagMs.measuring);
    const trust = this.trust.judge(standing);
    this.tellDoubts(trust, nowMs);
    const nowUs = this.time.at(nowMs) ?? this.parts.wallUs();
    const packetsPerSecond =
      ((this.packets - this.packetsAtStatus) * 1000) / Math.max(1, nowMs - this.statusAtMs);
    this.packetsAtStatus = this.packets;
    this.statusAtMs = nowMs;
    outbox.add('status', () => ({
      type: 'status',
      time: isoMicros(nowUs),
      recording: this.time.isRecording,
      uptimeMs: Math.round(nowMs - this.startedMs),
      packetsPerSecond: Math.round(packetsPerSecond),
      ...statusOf(this.engine, standing.account),
      dropped: droppedBy(sources),
      sources,
      lagMs: { measuring: Math.round(lagMs.measuring), serving: Math.round(lagMs.serving) },
      kept: keptRecord(this.parts.ring ?? null),
      held: this.parts.ring == null ? [] : [this.parts.ring.held],
      queue: { used: outbox.outstanding, max: OUTSTANDING_MAX },
      records: { told: { ...outbox.told }, dropped: { ...outbox.dropped } },
      restarts: 0,
      trust: { verdict: trust.verdict, reasons: trust.reasons.map(reportedReason) },
    }));
  }

  private noteDisk(): void {
    const { ring } = this.parts;
    for (const said of ring == null ? [] : diskNotices(ring)) this.parts.notice(said);
  }

  /** A reason to doubt the capture is a finding when it comes up, and again when it comes back. */
  private tellDoubts(trust: CaptureRecord['trust'], nowMs: number): void {
    const nameOf = ({ code, kind }: CaptureRecord['trust']['reasons'][number]): string =>
      `${code} ${kind ?? ''}`;
    const fresh = trust.reasons.filter((reason) => !this.doubted.has(nameOf(reason)));
    this.doubted = new Set(trust.reasons.map(nameOf));
    const startUs = this.time.at(nowMs) ?? this.parts.wallUs();
    const found = captureFindings({ trust: { ...trust, reasons: fresh }, startUs, endUs: null });
    const { outbox } = this.parts;
    for (const finding of found)
      outbox.add('finding', () => ({ type: 'finding', ...reportedFinding(finding) }));
  }

  private standing(sources: readonly SourceStatus[], lagMs: number) {
    return { atMs: this.parts.nowMs(), account: this.engine.account(), sources, lagMs };
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosing = true;
    this.isClosed = true;
    this.noteDrops(this.parts.nowMs());
    this.parts.outbox.close();
    this.engine.finish();
    this.parts.outbox.flush();
    this.parts.closed(this.captureRecord(), this.failed);
  }

  /** The account of everything since the start. */
  private captureRecord(): CaptureRecordOfRun {
    const account = this.engine.account();
    const sources = this.sources.statuses();
    const dropped = droppedBy(sources);
    const { verdict, reasons } = trustOf(account, { dropped, problems: [] });
    const live = liveReasons(sources);
    const trust: CaptureRecord['trust'] = {
      verdict: verdict === 'trusted' && live.length > 0 ? 'degraded' : verdict,
      reasons: [...reasons, ...live],
    };
    const files = sources.map(({ name, engine, packets, bytes }) => {
      return { path: name, format: engine, linkTypes: [], packets, bytes };
    });
    const { told, dropped: untold } = this.parts.outbox;
    return {
      ...reportedCapture({ ...account, files, trust }),
      dropped,
      restarts: 0,
      sip: this.engine.signalling.sipCounts(),
      registrationRounds: registrationRounds(this.engine),
      sources,
      records: { told: { ...told }, dropped: { ...untold } },
    };
  }

  private notice(level: Notice['level'], text: string, fields: Notice['fields']): void {
    this.parts.notice({ level, text, fields });
  }

  private sink(): RecordSink {
    const { outbox } = this.parts;
    return {
      stream: (record: StreamRecord) => {
        if (this.parts.intervals !== false) {
          this.feed.ended(record, (interval) =>
            outbox.add('interval', () => ({ type: 'interval', ...liveInterval(interval) })),
          );
        }
        outbox.add('stream', () => ({ type: 'stream', ...reportedStream(record) }));
      },
      call: (record) => outbox.add('call', () => ({ type: 'call', ...reportedCall(record) })),
      finding: (record) => outbox.add('finding', () => ({ type: 'finding', ...reportedFinding(record) })),
      ongoing: (record) => outbox.add('ongoing', () => ({ type: 'ongoing', ...liveOngoing(record) })),
      registration: (record) =>
        outbox.add('registration', () => ({ type: 'registration', ...reportedRegistration(record) })),
      trunk: (record) => outbox.add('trunk', () => ({ type: 'trunk', ...reportedTrunk(record) })),
    };
  }
}
