import { type AlertMessage, fingerprintOf, isoMillis } from './message.ts';

/** What Alertmanager's webhooks say of the end of an alert that still fires. */
const NEVER = '0001-01-01T00:00:00Z';

/**
 * Body of `POST /api/v2/alerts`. Alertmanager ends an alert by itself at `endsAt`; it is posted again before that as
 * long as it fires, and with its true end when it is over.
 */
export function alertmanagerBody(messages: readonly AlertMessage[], untilMs: number): object[] {
  return messages.map(({ labels, annotations, startsAt, endsAt, isFiring }) => ({
    labels,
    annotations,
    startsAt,
    endsAt: isFiring || endsAt === null ? isoMillis(untilMs * 1000) : endsAt,
  }));
}

/** A body as Alertmanager sends it to webhooks (version 4), for one group. */
export interface WebhookBody {
  version: '4';
  groupKey: string;
  truncatedAlerts: number;
  status: 'firing' | 'resolved';
  receiver: string;
  groupLabels: Record<string, string>;
  commonLabels: Record<string, string>;
  commonAnnotations: Record<string, string>;
  externalURL: string;
  alerts: object[];
}

/** Messages that are told together, because they have equal values of some labels. */
export interface WebhookGroup {
  key: string;
  labels: Record<string, string>;
  messages: AlertMessage[];
}

/** Messages by their values of the labels `groupBy`. */
export function webhookGroups(messages: readonly AlertMessage[], groupBy: readonly string[]): WebhookGroup[] {
  const groups = new Map<string, WebhookGroup>();
  for (const message of messages) {
    const entries = groupBy
      .filter((name) => name in message.labels)
      .map((name) => [name, message.labels[name]!]);
    const labels: Record<string, string> = Object.fromEntries(entries);
    const key = groupKey(labels);
    const group = groups.get(key) ?? { key, labels, messages: [] };
    group.messages.push(message);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The body of one group. */
export function webhookBody({ key, labels, messages }: WebhookGroup, receiver: string): WebhookBody {
  return {
    version: '4',
    groupKey: key,
    truncatedAlerts: 0,
    status: messages.some(({ isFiring }) => isFiring) ? 'firing' : 'resolved',
    receiver,
    groupLabels: labels,
    commonLabels: inCommon(messages.map((each) => each.labels)),
    commonAnnotations: inCommon(messages.map((each) => each.annotations)),
    externalURL: '',
    alerts: messages.map(({ labels: all, annotations, startsAt, endsAt, isFiring }) => ({
      status: isFiring ? 'firing' : 'resolved',
      labels: all,
      annotations,
      startsAt,
      endsAt: endsAt ?? NEVER,
      generatorURL: '',
      fingerprint: fingerprintOf(all),
    })),
  };
}

function groupKey(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{}:{${pairs.join(', ')}}`;
}

/** What all have, with equal values. */
function inCommon(all: readonly Record<string, string>[]): Record<string, string> {
  const [first, ...others] = all;
  const entries = Object.entries(first ?? {}).filter(([name, value]) =>
    others.every((each) => each[name] === value),
  );
  return Object.fromEntries(entries);
}
