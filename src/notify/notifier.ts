import type { Alert, AlertChange } from '../alerts/alert.ts';
import { alertmanagerBody, webhookBody, webhookGroups } from './bodies.ts';
import { type MessageTerms, messageOf } from './message.ts';
import { type QueuedChange, ReceiverQueue } from './receiver-queue.ts';

/** Alertmanager ends an alert by itself when it was not posted again for so many times the repetition. */
const REPEATS_TO_EXPIRY = 4;
/** The end of an alert whose beginning came late follows after so many repetitions. */
const REPEATS_TO_HOLD = 2;

/** Somebody who is told. */
export interface ReceiverChoice {
  kind: 'alertmanager' | 'webhook';
  url: string;
  token: string | null;
}

/** How a request ended: taken; not now, try again, at the earliest after so long if the receiver says so; or never. */
export type PostOutcome =
  | { kind: 'taken' }
  | { kind: 'failed'; error: string; retryAfterMs?: number | null }
  | { kind: 'refused'; error: string };

export interface NotifierOptions extends MessageTerms {
  receivers: readonly ReceiverChoice[];
  repeatMs: number;
  groupBy: readonly string[];
  /** Posts JSON. Never throws. */
  post(url: string, token: string | null, body: unknown): Promise<PostOutcome>;
  /** The time of day, ms since the epoch. */
  nowMs(): number;
  /** Something for the log. */
  said(level: 'warn' | 'error' | 'info', text: string, fields: Record<string, string | number>): void;
}

interface Receiver {
  choice: ReceiverChoice;
  /** What its queue is saved under. */
  identity: string;
  queue: ReceiverQueue;
  busy: boolean;
  /** When all that fires was posted last. */
  postedMs: number;
  requests: Record<PostOutcome['kind'], number>;
}

/** What became of the changes that one receiver was told, or was to be. */
export interface DeliveryCounts {
  sent: number;
  failed: number;
  waiting: number;
  dropped: number;
  /** Requests by how they ended. */
  requests: Readonly<Record<PostOutcome['kind'], number>>;
  /** The last delivery did not work. */
  isFailing: boolean;
}

/** What is not delivered yet, by receiver (`identitiesOf`): to be written down. */
export type SavedDeliveries = Record<string, QueuedChange[]>;

/**
 * Tells receivers what changed, in order, until they have taken it. One request at a time for each; a receiver that is
 * slow or dead delays nobody else, and nothing waits for it.
 */
export class Notifier {
  private readonly options: NotifierOptions;
  private readonly receivers: Receiver[];
  private active: readonly Alert[] = [];
  private isHalted = false;

  constructor(options: NotifierOptions, saved: SavedDeliveries = {}) {
    this.options = options;
    const identities = identitiesOf(options.receivers);
    // Of receivers with one address only the last one's queue was saved, under that address, before they had identities.
    const lasts = new Map(options.receivers.map(({ url }, i) => [url, i]));
    this.receivers = options.receivers.map((choice, i) => {
      const queue = new ReceiverQueue();
      const identity = identities[i]!;
      queue.restore(saved[identity] ?? (lasts.get(choice.url) === i ? saved[choice.url] : null) ?? []);
      const requests = { taken: 0, refused: 0, failed: 0 };
      return { choice, identity, queue, busy: false, postedMs: Number.NEGATIVE_INFINITY, requests };
    });
  }

  /** Takes what changed and what fires now. */
  take(changes: readonly AlertChange[], active: readonly Alert[]): void {
    this.active = active;
    for (const { queue } of this.receivers) {
      for (const { change, alert } of changes) queue.add({ change, alert });
    }
  }

  /** Begins no further request: another one takes over what waits. */
  halt(): void {
    this.isHalted = true;
  }

  /** Is a request under way? What is in it still waits, until it is known how that ended. */
  get isBusy(): boolean {
    return this.receivers.some(({ busy }) => busy);
  }

  /** Sends what is due. To be called several times a minute; returns when requests that this began are over. */
  async tick(): Promise<void> {
    await Promise.all(this.receivers.map((receiver) => this.tickOne(receiver)));
  }

  private async tickOne(receiver: Receiver): Promise<void> {
    const { queue } = receiver;
    const nowMs = this.options.nowMs();
    if (receiver.busy || this.isHalted || !queue.isDue(nowMs)) return;
    const changes = queue.next(nowMs);
    const repeats = receiver.choice.kind === 'alertmanager' && this.active.length > 0;
    const isRepeatDue = repeats && nowMs - receiver.postedMs >= this.options.repeatMs;
    if (changes.length === 0 && !isRepeatDue) return;
    receiver.busy = true;
    try {
      if (receiver.choice.kind === 'webhook') await this.sendGroups(receiver, changes);
      else this.settle(receiver, changes, await this.send(receiver, changes, nowMs, isRepeatDue));
    } finally {
      receiver.busy = false;
    }
  }

  /** Webhooks get a body for each group. One that is refused, or fails, says nothing of those before and after it. */
  private async sendGroups(receiver: Receiver, changes: readonly QueuedChange[]): Promise<void> {
    const { options } = this;
    const { url, token } = receiver.choice;
    const messages = new Map(changes.map((change) => [messageOf(change.alert, options), change]));
    for (const group of webhookGroups([...messages.keys()], options.groupBy)) {
      const outcome = await options.post(url, token, webhookBody(group, url));
      const own = group.messages.map((message) => messages.get(message)!);
      this.settle(receiver, own, outcome);
      if (outcome.kind === 'failed' || this.isHalted) return;
    }
  }

  private async send(
    { choice, queue }: Receiver,
    changes: readonly QueuedChange[],
    nowMs: number,
    isRepeatDue: boolean,
  ): Promise<PostOutcome> {
    const { options } = this;
    const message = (alert: Alert) => messageOf(alert, options);
    // What fires is posted again beside what changed, but for what still waits in the queue.
    const waiting = new Set(
      queue.save().map(({ alert }) => JSON.stringify([alert.rule, alert.severity, alert.labels])),
    );
    const repeated = isRepeatDue
      ? this.active.filter(
          (alert) => !waiting.has(JSON.stringify([alert.rule, alert.severity, alert.labels])),
        )
      : [];
    const messages = [...changes.map(({ alert }) => alert), ...repeated].map(message);
    const body = alertmanagerBody(messages, nowMs + REPEATS_TO_EXPIRY * options.repeatMs);
    return options.post(`${choice.url.replace(/\/+$/, '')}/api/v2/alerts`, choice.token, body);
  }

  private settle(receiver: Receiver, changes: readonly QueuedChange[], outcome: PostOutcome): void {
    const { queue, choice } = receiver;
    const nowMs = this.options.nowMs();
    const wasDown = queue.lastError !== null;
    receiver.requests[outcome.kind]++;
    if (outcome.kind === 'taken') {
      queue.taken(changes, nowMs, REPEATS_TO_HOLD * this.options.repeatMs);
      receiver.postedMs = nowMs;
      if (wasDown)
        this.options.said('info', 'a receiver of alerts is back', { receiver: receiverName(choice) });
      return;
    }
    const fields = { receiver: receiverName(choice), error: outcome.error, waiting: queue.length };
    if (outcome.kind === 'refused') {
      // It would refuse the same again at once.
      receiver.postedMs = nowMs;
      queue.refused(changes, outcome.error);
      this.options.said('error', 'a receiver refuses alerts', fields);
      return;
    }
    queue.failedAt(nowMs, outcome.error, outcome.retryAfterMs ?? 0);
    this.options.said('warn', 'a receiver of alerts cannot be reached; they wait', fields);
  }

  /** Counts for rules and metrics, by name (`receiverName`). */
  counts(): Record<string, DeliveryCounts> {
    const counts: Record<string, DeliveryCounts> = {};
    for (const { choice, queue, requests } of this.receivers) {
      const { sent, failed, length: waiting, dropped, lastError } = queue;
      const own = { sent, failed, waiting, dropped, requests, isFailing: lastError !== null };
      const name = receiverName(choice);
      const others = counts[name];
      counts[name] = others === undefined ? own : together(others, own);
    }
    return counts;
  }

  /** Changes that receivers have taken, or refused for good. */
  get delivered(): number {
    return this.receivers.reduce((sum, { queue }) => sum + queue.sent + queue.dropped, 0);
  }

  save(): SavedDeliveries {
    return Object.fromEntries(this.receivers.map(({ identity, queue }) => [identity, queue.save()]));
  }
}

/**
 * What tells receivers apart, also after a restart and with another token: kind and address, and the place among those that
 * have the same.
 */
function identitiesOf(receivers: readonly ReceiverChoice[]): string[] {
  const seen = new Map<string, number>();
  return receivers.map(({ kind, url }) => {
    const name = `${kind} ${url}`;
    const place = (seen.get(name) ?? 0) + 1;
    seen.set(name, place);
    return place === 1 ? name : `${name} ${place}`;
  });
}

/**
 * What a receiver is called in metrics and in the log: its kind, host and port. What stands behind them is often the
 * secret of a webhook.
 */
export function receiverName({ kind, url }: Pick<ReceiverChoice, 'kind' | 'url'>): string {
  return `${kind} ${URL.canParse(url) ? new URL(url).host : 'unknown'}`;
}

/** Receivers of one name are counted together. */
function together(one: DeliveryCounts, other: DeliveryCounts): DeliveryCounts {
  const sum = (key: 'sent' | 'failed' | 'waiting' | 'dropped'): number => one[key] + other[key];
  const { taken, refused, failed } = one.requests;
  return {
    ...{ sent: sum('sent'), failed: sum('failed'), waiting: sum('waiting'), dropped: sum('dropped') },
    requests: {
      taken: taken + other.requests.taken,
      refused: refused + other.requests.refused,
      failed: failed + other.requests.failed,
    },
    isFailing: one.isFailing || other.isFailing,
  };
}
