import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Backoff } from './backoff.ts';
import { type Batch, DROP_REASONS, type DropReason } from './batch.ts';
import { BatchQueue, type QueuedBatch } from './batch-queue.ts';
import { BATCH_BYTES_MAX, OpenBatch } from './open-batch.ts';
import type { Spool } from './spool.ts';

/** After failures it is tried again after this at the latest. */
const WAIT_MAX_MS = 30_000;

const zip = promisify<Buffer, Buffer<ArrayBuffer>>(gzip as never);
const unzip = promisify<Buffer, Buffer>(gunzip as never);

/** How a request ended. */
export type WriteOutcome =
  /** It is settled: these of its points were refused for good. */
  | { kind: 'taken'; rejected: number; error: string | null }
  | { kind: 'tooLarge'; error: string }
  /** Not now. */
  | { kind: 'failed'; error: string; retryAfterMs: number | null };

export interface DeliveryOptions {
  /** Keeps batches on the disk until they are delivered; null for none. */
  spool: Spool | null;
  /** Points that are sent together, and how long the first of them waits for the others. */
  batchPoints: number;
  flushMs: number;
  /** Octets that may wait in memory. */
  queueBytesMax: number;
  /** Sends a batch. Never throws. */
  write(batch: Batch, signal: AbortSignal): Promise<WriteOutcome>;
  /** A clock that only ever goes on, ms. */
  nowMs(): number;
  /** Something for the log. */
  said(level: 'info' | 'warn' | 'error', text: string, fields: Record<string, string | number>): void;
}

/** What became of points, since the start. */
export interface DeliveryCounts {
  written: number;
  dropped: Readonly<Record<DropReason, number>>;
  /** Requests by how they ended: all points taken, some refused for good, not now. */
  requests: { taken: number; refused: number; failed: number };
  /** Points that wait, wherever. */
  waiting: number;
  queue: { used: number; max: number };
  /** Times that the disk would not take a batch. */
  spoolFailures: number;
  /** The last request did not work, or points were refused. */
  isFailing: boolean;
}

/**
 * Delivers lines in batches until they are taken: they are written to the spool first and sent from there, oldest first, one
 * request at a time. While the disk takes nothing they are sent from memory. Whoever gives lines never waits.
 */
export class Delivery {
  private readonly options: DeliveryOptions;
  private readonly queue: BatchQueue;
  private readonly sending = new Backoff({ maxMs: WAIT_MAX_MS });
  private readonly storing = new Backoff({ maxMs: WAIT_MAX_MS });
  private readonly dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  private readonly requests = { taken: 0, refused: 0, failed: 0 };
  private readonly stopped = new AbortController();
  private readonly open = new OpenBatch();
  private openedMs = 0;
  private written = 0;
  private spoolFailures = 0;
  /** Of the last batch that was settled, points were refused. */
  private isRefused = false;
  private storingNow: Promise<void> | null = null;
  private sendingNow: Promise<void> | null = null;

  constructor(options: DeliveryOptions) {
    this.options = options;
    this.queue = new BatchQueue(options.queueBytesMax);
  }

  /** Takes a line, without line feed: one point. */
  add(line: string): void {
    const { open, options } = this;
    if (open.points === 0) this.openedMs = options.nowMs();
    open.add(line);
    if (open.points >= options.batchPoints || open.isFull) this.seal();
  }

  /** Points that will not be delivered. */
  drop(reason: DropReason, points: number): void {
    this.dropped[reason] += points;
  }

  /** Time passes: to be called every second. */
  tick(): void {
    const { flushMs, nowMs } = this.options;
    if (this.open.points > 0 && nowMs() - this.openedMs >= flushMs) this.seal();
    this.work();
  }

  /** Ends when nothing is under way: what is left waits for time to pass. */
  async settled(): Promise<void> {
    while (this.storingNow !== null || this.sendingNow !== null) {
      await Promise.all([this.storingNow, this.sendingNow]);
    }
  }

  /** Delivers what it can within so long; the rest stays in the spool, or is lost where there is none. */
  async finish(withinMs: number): Promise<void> {
    this.seal();
    const timer = setTimeout(() => this.stopped.abort(), withinMs);
    const over = new Promise<void>((resolve) => {
      this.stopped.signal.addEventListener('abort', () => resolve());
    });
    // What waits for its time is tried once more.
    this.sending.worked();
    this.storing.worked();
    await Promise.race([over, this.workToEnd()]);
    this.stopped.abort();
    clearTimeout(timer);
    await Promise.race([this.settled(), after(withinMs)]);
    const { spool, said } = this.options;
    const lost = this.queue.points;
    this.drop('stopped', lost);
    if (lost > 0) said('error', 'points were not delivered and are lost', { points: lost });
    const left = spool?.points ?? 0;
    if (left > 0) said('warn', 'points stay in the spool until the next start', { points: left });
    await Promise.race([spool?.close(), after(withinMs)]);
  }

  counts(): DeliveryCounts {
    const { written, dropped, requests, queue, spoolFailures } = this;
    const waiting = this.open.points + queue.points + (this.options.spool?.points ?? 0);
    const used = queue.bytes + this.open.bytes;
    return {
      ...{ written, dropped, requests, waiting, spoolFailures },
      isFailing: this.isRefused || this.sending.failuresInRow > 0,
      queue: { used, max: queue.bytesMax + BATCH_BYTES_MAX },
    };
  }

  private seal(): void {
    if (this.open.points === 0) return;
    const { lines, points } = this.open.take();
    const lost = this.queue.add(lines, points);
    if (lost > 0) {
      this.drop('queue_full', lost);
      this.options.said('error', 'points are dropped: too many wait in memory', {
        points: this.dropped.queue_full,
      });
    }
    this.work();
  }

  private work(): void {
    const { spool } = this.options;
    if (spool !== null && this.storingNow === null) {
      this.storingNow = this.store(spool).finally(() => {
        this.storingNow = null;
      });
    }
    this.beginToSend();
  }

  private beginToSend(): void {
    this.sendingNow ??= this.send().finally(() => {
      this.sendingNow = null;
      // Something may have come in the moment between looking and leaving.
      if (this.canSend()) this.beginToSend();
    });
  }

  private canSend(): boolean {
    if (!this.sending.isDue(this.options.nowMs()) || this.stopped.signal.aborted) return false;
    const { spool } = this.options;
    return spool === null ? this.queue.next() !== null : !spool.isEmpty;
  }

  private async workToEnd(): Promise<void> {
    for (;;) {
      this.work();
      await this.settled();
      const isFailing = this.sending.failuresInRow > 0;
      const isDone = this.queue.isEmpty && (this.options.spool?.isEmpty ?? true);
      if (isDone || isFailing) return;
    }
  }

  /** Memory to disk. */
  private async store(spool: Spool): Promise<void> {
    const { said, nowMs } = this.options;
    while (this.storing.isDue(nowMs())) {
      const batch = this.queue.next();
      if (batch === null) return;
      batch.busy = true;
      try {
        await spool.append(await zipped(batch));
      } catch (error) {
        batch.busy = false;
        this.spoolFailures++;
        this.storing.failedAt(nowMs());
        const { message } = error as Error;
        said('error', 'the spool takes nothing: points wait in memory', { error: message });
        return;
      }
      if (this.storing.failuresInRow > 0) said('info', 'the spool takes points again', {});
      this.storing.worked();
      this.queue.remove(batch);
      this.beginToSend();
    }
  }

  private async send(): Promise<void> {
    const { spool, nowMs } = this.options;
    while (this.sending.isDue(nowMs()) && !this.stopped.signal.aborted) {
      const went = (spool !== null && (await this.sendSpooled(spool))) || (await this.sendQueued());
      if (!went) return;
    }
  }

  private async sendSpooled(spool: Spool): Promise<boolean> {
    const { said, nowMs } = this.options;
    try {
      const batch = await spool.first();
      if (batch === null) return false;
      const isSettled = await this.deliver(batch);
      await (isSettled ? spool.done(batch) : spool.failed(batch));
      return true;
    } catch (error) {
      this.spoolFailures++;
      this.sending.failedAt(nowMs());
      said('error', 'the spool cannot be read', { error: (error as Error).message });
      return false;
    }
  }

  /** From memory: without a spool, or while it takes nothing. */
  private async sendQueued(): Promise<boolean> {
    const isStored = this.options.spool !== null && this.storing.failuresInRow === 0;
    const batch = isStored ? null : this.queue.next();
    if (batch === null) return false;
    batch.busy = true;
    const isSettled = await this.deliver(await zipped(batch));
    batch.busy = false;
    if (isSettled) this.queue.remove(batch);
    return true;
  }

  private async deliver(batch: Batch): Promise<boolean> {
    const { said, nowMs } = this.options;
    const wasDown = this.sending.failuresInRow > 0;
    const outcome = await this.write(batch);
    if (outcome.kind === 'failed') {
      this.requests.failed++;
      this.sending.failedAt(nowMs(), outcome.retryAfterMs ?? 0);
      const fields = { error: outcome.error, waiting: this.counts().waiting };
      if (!this.stopped.signal.aborted) said('warn', 'points cannot be delivered; they wait', fields);
      return false;
    }
    this.sending.worked();
    if (wasDown) said('info', 'points are delivered again', { waiting: this.counts().waiting });
    const { rejected, error } = outcome;
    this.isRefused = rejected > 0;
    this.written += batch.points - rejected;
    this.requests[rejected > 0 ? 'refused' : 'taken']++;
    if (rejected > 0) {
      this.drop('rejected', rejected);
      said('error', 'points are refused for good', { points: rejected, error: error ?? '' });
    }
    return true;
  }

  /** Sends a batch; in halves, and halves of them, where it is too large. */
  private async write(batch: Batch): Promise<Exclude<WriteOutcome, { kind: 'tooLarge' }>> {
    const outcome = await this.options.write(batch, this.stopped.signal);
    if (outcome.kind !== 'tooLarge') return outcome;
    if (batch.points <= 1) return { kind: 'taken', rejected: batch.points, error: outcome.error };
    const lines = await unzip(batch.body);
    const halves = halved(lines, batch.points);
    let rejected = 0;
    let error: string | null = null;
    for (const half of halves) {
      const part = await this.write(await zipped(half));
      // The other half is sent once more then: the same points.
      if (part.kind === 'failed') return part;
      rejected += part.rejected;
      error ??= part.error;
    }
    return { kind: 'taken', rejected, error };
  }
}

async function zipped({ lines, points }: Pick<QueuedBatch, 'lines' | 'points'>): Promise<Batch> {
  return { points, body: await zip(lines) };
}

/** Cuts behind the line in the middle. */
function halved(lines: Buffer, points: number): Pick<QueuedBatch, 'lines' | 'points'>[] {
  const first = points >> 1;
  let end = 0;
  for (let i = 0; i < first; i++) end = lines.indexOf(0x0a, end) + 1;
  return [
    { lines: lines.subarray(0, end), points: first },
    { lines: lines.subarray(end), points: points - first },
  ];
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
