import { type Alert, identityOf } from '../alerts/alert.ts';
import { Backoff } from '../delivery/backoff.ts';

/** Changes that one receiver has not taken yet; beyond it the oldest is dropped and counted. */
const QUEUE_MAX = 10_000;
/** Changes sent together. */
const BATCH_MAX = 100;
/** After failures it is tried again after this at the latest. */
const WAIT_MAX_MS = 60_000;

/** A change on its way. */
export interface QueuedChange {
  change: 'raised' | 'resolved';
  alert: Alert;
}

/** What one receiver still has to be told, in order. */
export class ReceiverQueue {
  /** Changes that were dropped: too many, or refused for good. */
  dropped = 0;
  sent = 0;
  failed = 0;
  /** The last failure in words; null when the last delivery went well. */
  lastError: string | null = null;
  private changes: QueuedChange[] = [];
  private readonly backoff = new Backoff({ maxMs: WAIT_MAX_MS });
  /** Deliveries that came late: the end of such an alert is kept back until its beginning was noticed. */
  private readonly heldUntilMs = new Map<string, number>();

  get length(): number {
    return this.changes.length;
  }

  add(change: QueuedChange): void {
    if (this.changes.length >= QUEUE_MAX) {
      this.changes.shift();
      this.dropped++;
    }
    this.changes.push(change);
  }

  /** May it be tried now? */
  isDue(nowMs: number): boolean {
    return this.backoff.isDue(nowMs);
  }

  /** The next changes to send, at most one for each alert: its end must not overtake its beginning. */
  next(nowMs: number): QueuedChange[] {
    const seen = new Set<string>();
    const chosen: QueuedChange[] = [];
    for (const each of this.changes) {
      if (chosen.length >= BATCH_MAX) break;
      const identity = identityOf(each.alert);
      if (seen.has(identity)) continue;
      seen.add(identity);
      const isHeld = each.change === 'resolved' && nowMs < (this.heldUntilMs.get(identity) ?? 0);
      if (!isHeld) chosen.push(each);
    }
    return chosen;
  }

  /**
   * The receiver took them. The end of an alert that is already in the queue is told `holdMs` later: receivers tell
   * nobody of what began and ended within one message.
   */
  taken(changes: readonly QueuedChange[], nowMs: number, holdMs: number): void {
    this.backoff.worked();
    this.lastError = null;
    this.sent += changes.length;
    const done = new Set(changes);
    this.changes = this.changes.filter((each) => !done.has(each));
    for (const { change, alert } of changes) {
      const identity = identityOf(alert);
      const endWaits = this.changes.some((each) => identityOf(each.alert) === identity);
      if (change === 'raised' && endWaits) this.heldUntilMs.set(identity, nowMs + holdMs);
      else this.heldUntilMs.delete(identity);
    }
  }

  /** It did not work: they stay, and it waits. */
  failedAt(nowMs: number, error: string, atLeastMs = 0): void {
    this.failed++;
    this.lastError = error;
    this.backoff.failedAt(nowMs, atLeastMs);
  }

  /** The receiver will never take them. */
  refused(changes: readonly QueuedChange[], error: string): void {
    const done = new Set(changes);
    this.changes = this.changes.filter((each) => !done.has(each));
    this.dropped += changes.length;
    this.failed++;
    this.lastError = error;
  }

  save(): QueuedChange[] {
    return [...this.changes];
  }

  restore(changes: readonly QueuedChange[]): void {
    for (const change of changes) this.add(change);
  }
}
