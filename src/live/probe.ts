import type { Worker } from 'node:worker_threads';
import { LiveCaptureError } from '../capture/live/live-source.ts';
import type { RingHandles } from '../capture/live/packet-socket.ts';
import type { JudgingChanges } from '../engine/judging.ts';
import { isoMicros } from '../report/iso-time.ts';
import { LagMeter } from './lag-meter.ts';
import type { CaptureRecordOfRun, LiveRecord } from './live-records.ts';
import { Restarts } from './restarts.ts';
import { type FromMeasuring, type Notice, Shared, type ToMeasuring } from './thread-messages.ts';

/** What is done with what a probe tells. */
export interface ProbeListener {
  records(records: readonly LiveRecord[]): void;
  notice(notice: Notice): void;
}

export interface ProbeOptions {
  /** Starts a thread that measures; `memory` is for `Shared`. */
  spawn(memory: SharedArrayBuffer): Worker;
  listener: ProbeListener;
  /** Gives back what a thread that died held of the kernel. */
  release?(ring: RingHandles): void;
  /** Can measuring go on after a death? Not where it read a pipe: nobody knows where in a packet that stands. */
  canRestart: boolean;
  /** A clock that only ever goes on, ms. Default: the system's. */
  nowMs?: () => number;
}

/** How a run ended. */
export interface Outcome {
  /** The closing account; null when measuring was given up. */
  capture: CaptureRecordOfRun | null;
  /** In one line; null when all went well. */
  failed: string | null;
}

/** Without a sign of life for so long a thread hangs. */
const HANG_MS = 60_000;
const LOOK_MS = 1000;
/** Nothing that is to be told takes longer when all ends. */
const CLOSING_MS = 30_000;

/**
 * The serving side of a live probe. Measuring happens in a thread of its own, which owns the sources: whatever this
 * thread does costs no packet. When that thread dies it is said, counted, and started again.
 */
export class LiveProbe {
  /** Ends when the probe does. */
  readonly ended: Promise<Outcome>;
  private readonly options: ProbeOptions;
  private readonly nowMs: () => number;
  private readonly restarts = new Restarts();
  private readonly lag: LagMeter;
  private readonly watch: NodeJS.Timeout;
  private worker: Worker | null = null;
  private shared = new Shared();
  private run = 0;
  private heartbeat = { value: 0, seenMs: 0 };
  private rings: readonly RingHandles[] = [];
  private isStopping = false;
  private isOver = false;
  private waiting: NodeJS.Timeout | null = null;
  private end: (outcome: Outcome) => void = () => {};
  private begun: { resolve(): void; reject(error: Error): void } | null = null;
  /** What the last thread died of. */
  private causeOfDeath: string | null = null;

  constructor(options: ProbeOptions) {
    this.options = options;
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.lag = new LagMeter(this.nowMs);
    this.watch = setInterval(() => this.look(), LOOK_MS);
    this.watch.unref();
  }

  /** Times that measuring died and was, or was to be, started again. */
  get deaths(): number {
    return this.restarts.deaths;
  }

  /** Is measuring alive, as far as this thread can see? */
  get isAlive(): boolean {
    return this.worker !== null && this.nowMs() - this.heartbeat.seenMs < HANG_MS / 2;
  }

  /**
   * Begins.
   *
   * @throws {LiveCaptureError} when capture cannot begin; `ended` then says so, too
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.begun = { resolve, reject };
      this.startThread();
    });
  }

  /** Stops the sources, measures what they still had, tells everything. `ended` says when that is done. */
  stop(): void {
    if (this.isStopping || this.isOver) return;
    this.isStopping = true;
    if (this.waiting !== null) clearTimeout(this.waiting);
    if (this.worker === null) {
      this.finish({ capture: null, failed: this.causeOfDeath });
      return;
    }
    this.worker.postMessage({ kind: 'stop' } satisfies ToMeasuring);
    this.waiting = setTimeout(() => {
      this.finish({ capture: null, failed: 'measuring did not come to an end in time' });
    }, CLOSING_MS);
  }

  /** Judges by other settings from now on. A thread that is started later gets them from whoever spawns it. */
  rejudge(changes: JudgingChanges): void {
    this.worker?.postMessage({ kind: 'judging', changes } satisfies ToMeasuring);
  }

  /** Ends the thread that measures, as a fault would. */
  async kill(): Promise<void> {
    await this.worker?.terminate();
  }

  private startThread(): void {
    this.waiting = null;
    this.run++;
    this.causeOfDeath = null;
    this.shared = new Shared();
    this.heartbeat = { value: 0, seenMs: this.nowMs() };
    const worker = this.options.spawn(this.shared.memory);
    this.worker = worker;
    worker.on('message', (message: FromMeasuring) => this.heard(message));
    worker.on('error', (error) => {
      this.causeOfDeath = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      if (this.worker === worker) this.died();
    });
  }

  private heard(message: FromMeasuring): void {
    const { listener } = this.options;
    switch (message.kind) {
      case 'started':
        listener.records([{ type: 'start', run: this.run, ...message.start }]);
        this.begun?.resolve();
        this.begun = null;
        return;
      case 'holding':
        this.rings = message.rings;
        return;
      case 'refused':
        this.refused(new LiveCaptureError(message.code, message.message));
        return;
      case 'records':
        for (const record of message.records) {
          if (record.type === 'status') record.restarts = this.deaths;
        }
        try {
          listener.records(message.records);
        } finally {
          this.shared.take(message.records.length);
        }
        return;
      case 'notice':
        listener.notice(message.notice);
        return;
      case 'closing': {
        const capture = { ...message.capture, restarts: this.deaths };
        listener.records([{ type: 'capture', ...capture }]);
        this.finish({ capture, failed: message.failed });
      }
    }
  }

  /** Capture cannot begin. At the start that is the end; later it is one more death. */
  private refused(error: LiveCaptureError): void {
    this.causeOfDeath = error.message;
    if (this.begun === null) return;
    this.begun.reject(error);
    this.begun = null;
    this.finish({ capture: null, failed: error.message });
  }

  private died(): void {
    this.worker = null;
    const rings = this.rings;
    this.rings = [];
    // A thread that stops gives back what it holds, and the numbers may be those of other files by now.
    if (!this.isStopping) for (const ring of rings) this.options.release?.(ring);
    if (this.isOver) return;
    const cause = this.causeOfDeath ?? 'it ended without a word';
    if (this.begun !== null) {
      this.refused(new LiveCaptureError('failed', `measuring could not be started: ${cause}`));
      return;
    }
    const waitMs = this.restarts.died(this.nowMs());
    const hopeless = this.isStopping
      ? `measuring died while it was to stop: ${cause}`
      : !this.options.canRestart
        ? `measuring died, and a pipe cannot be read on: ${cause}`
        : `measuring died ${this.deaths} times, the last time of: ${cause}`;
    if (this.isStopping || !this.options.canRestart || waitMs === null) {
      this.finish({ capture: null, failed: hopeless });
      return;
    }
    const fields = { cause, restartInMs: waitMs, deaths: this.deaths, time: isoMicros(Date.now() * 1000) };
    this.options.listener.notice({
      level: 'error',
      text: 'measuring died and is started again: calls and streams under way are lost',
      fields,
    });
    this.waiting = setTimeout(() => this.startThread(), waitMs);
  }

  private finish(outcome: Outcome): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.waiting !== null) clearTimeout(this.waiting);
    clearInterval(this.watch);
    this.lag.stop();
    const worker = this.worker;
    this.worker = null;
    // Whoever waits for the beginning must not wait for ever.
    this.begun?.reject(new LiveCaptureError('failed', outcome.failed ?? 'measuring ended before it began'));
    this.begun = null;
    const over = (): void => this.end(outcome);
    if (worker === null) over();
    else worker.terminate().then(over, over);
  }

  private look(): void {
    this.shared.noteServingLag(this.lag.read());
    const nowMs = this.nowMs();
    const value = this.shared.heartbeat;
    if (value !== this.heartbeat.value) this.heartbeat = { value, seenMs: nowMs };
    else if (this.worker !== null && nowMs - this.heartbeat.seenMs >= HANG_MS) {
      this.causeOfDeath = `it gave no sign of life for ${HANG_MS / 1000} s`;
      void this.worker.terminate();
    }
  }
}
