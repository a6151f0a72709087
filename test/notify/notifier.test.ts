import { describe, expect, test } from 'vitest';
import type { AlertChange } from '../../src/alerts/alert.ts';
import type { WebhookBody } from '../../src/notify/bodies.ts';
import { Notifier, type PostOutcome, type ReceiverChoice, receiverName } from '../../src/notify/notifier.ts';
import { badInterval, Feed, interval, MINUTE_US, rules, status } from '../alerts/feed.ts';

const RULES = rules(`
runbooks: https://docs.example/runbooks
links: { call: "https://probe.example/calls/{callId}" }
rules:
  - name: JitterHigh
    summary: Packets arrive unevenly.
    signal: interval.jitterMs
    measure: p95
    above: 30
    window: 1m
    by: [site]
    minSamples: 1
    clearFor: 0s
`);

const feed = (): Feed => new Feed(RULES, { labels: () => ({ site: 'north' }) });

/** An alert that began, and one that ended. */
function episode(): { raised: AlertChange; resolved: AlertChange } {
  const source = feed();
  const [raised] = source.run(MINUTE_US, () => [status(), badInterval({ callId: 'sip-1@example.com' })]);
  const [resolved] = source.run(3 * MINUTE_US, () => [status(), interval()]);
  return { raised: raised!, resolved: resolved! };
}

const ALERTMANAGER: ReceiverChoice = { kind: 'alertmanager', url: 'http://am.example:9093/', token: null };
const WEBHOOK: ReceiverChoice = { kind: 'webhook', url: 'http://hook.example/x', token: 'secret' };

interface Sent {
  url: string;
  token: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are whatever JSON says
  body: any;
}

function notifierOf(
  receivers: ReceiverChoice[],
  answer: (url: string, token: string | null) => PostOutcome,
  saved = {},
  answerTo: ((body: WebhookBody) => PostOutcome) | null = null,
) {
  const sent: Sent[] = [];
  const said: string[] = [];
  const clock = { ms: Date.UTC(2026, 2, 2) };
  const notifier = new Notifier(
    {
      receivers,
      probe: 'core-1',
      redactNumbers: true,
      repeatMs: 60_000,
      groupBy: ['site'],
      post: async (url, token, body) => {
        const outcome = answerTo?.(body as WebhookBody) ?? answer(url, token);
        if (outcome.kind === 'taken') sent.push({ url, token, body: JSON.parse(JSON.stringify(body)) });
        return outcome;
      },
      nowMs: () => clock.ms,
      said: (_, text) => said.push(text),
    },
    saved,
  );
  return { notifier, sent, said, clock };
}

const taken = (): PostOutcome => ({ kind: 'taken' });
const down = (): PostOutcome => ({ kind: 'failed', error: 'connect ECONNREFUSED' });

describe('Alertmanager', () => {
  test('gets what, where, since when, against which threshold, which calls and what to do', async () => {
    const { notifier, sent } = notifierOf([ALERTMANAGER], taken);
    const { raised } = episode();
    notifier.take([raised], [raised.alert]);
    await notifier.tick();
    expect(sent[0]!.url).toBe('http://am.example:9093/api/v2/alerts');
    const [posted] = sent[0]!.body;
    expect(posted.labels).toEqual({
      alertname: 'JitterHigh',
      severity: 'warning',
      site: 'north',
      owner: 'network',
      probe: 'core-1',
    });
    expect(posted.annotations).toMatchObject({
      summary: 'Packets arrive unevenly.',
      threshold: '30 ms',
      calls: '1',
      driver: 'loss takes 30.0 points of R',
      runbook_url: 'https://docs.example/runbooks/jitter-high.md',
    });
    expect(posted.annotations.worst_calls).toContain('https://probe.example/calls/sip-1%40example.com');
    expect(posted.annotations.value).toMatch(/^(59|60|61)(\.\d+)? ms$/);
  });

  test('is told again before it would forget, and of the end with its true time', async () => {
    const { notifier, sent, clock } = notifierOf([ALERTMANAGER], taken);
    const { raised, resolved } = episode();
    notifier.take([raised], [raised.alert]);
    await notifier.tick();
    clock.ms += 59_000;
    await notifier.tick();
    expect(sent).toHaveLength(1);
    clock.ms += 1000;
    await notifier.tick();
    expect(sent).toHaveLength(2);
    expect(Date.parse(sent[1]!.body[0].endsAt)).toBe(clock.ms + 240_000);
    notifier.take([resolved], []);
    await notifier.tick();
    expect(Date.parse(sent[2]!.body[0].endsAt)).toBe(resolved.timeUs / 1000);
    clock.ms += 600_000;
    await notifier.tick();
    expect(sent).toHaveLength(3);
  });

  test('that refuses what fires is asked again after a repetition, not at once', async () => {
    let posts = 0;
    const { notifier, clock } = notifierOf([ALERTMANAGER], () => {
      posts++;
      return { kind: 'refused', error: '400 no' };
    });
    const { raised } = episode();
    notifier.take([raised], [raised.alert]);
    for (let second = 0; second < 59; second++) {
      await notifier.tick();
      clock.ms += 1000;
    }
    expect(posts).toBe(1);
    clock.ms += 1000;
    await notifier.tick();
    expect(posts).toBe(2);
  });

  test('that was dead for ten minutes gets everything, the end well after the beginning', async () => {
    let answer = down;
    const { notifier, sent, said, clock } = notifierOf([ALERTMANAGER], () => answer());
    const { raised, resolved } = episode();
    notifier.take([raised], [raised.alert]);
    let tries = 0;
    for (let second = 0; second < 600; second++) {
      if (second === 200) notifier.take([resolved], []);
      await notifier.tick();
      clock.ms += 1000;
    }
    tries = notifier.counts()[receiverName(ALERTMANAGER)]!.failed;
    // 1 + 2 + 4 + ... + 32 s, then every minute.
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    expect(sent).toEqual([]);
    answer = taken;
    const ends: number[] = [];
    for (let second = 0; second < 300; second++) {
      await notifier.tick();
      clock.ms += 1000;
      ends.push(sent.length);
    }
    expect(sent.map(({ body }) => Date.parse(body[0].endsAt) > resolved.timeUs / 1000)).toEqual([
      true,
      false,
    ]);
    // Between the two lie two minutes, so that the receiver notices the alert at all.
    expect(ends.indexOf(2) - ends.indexOf(1)).toBeGreaterThanOrEqual(120);
    expect(said).toContain('a receiver of alerts is back');
    expect(notifier.counts()[receiverName(ALERTMANAGER)]).toMatchObject({ waiting: 0, dropped: 0, sent: 2 });
  });
});

describe('what becomes of deliveries', () => {
  test('is counted by kind and host of the receiver: what stands behind the host may be a secret', async () => {
    const hooks: ReceiverChoice[] = ['one', 'other'].map((path) => ({
      ...{ kind: 'webhook', url: `https://user:pw@hook.example/${path}`, token: null },
    }));
    const outcomes: PostOutcome[] = [taken(), down(), { kind: 'refused', error: '400' }];
    const { notifier } = notifierOf([...hooks, ALERTMANAGER], () => outcomes.shift()!);
    notifier.take([episode().raised], []);
    await notifier.tick();
    const none = { sent: 0, failed: 0, waiting: 0, dropped: 0, isFailing: false };
    expect(notifier.counts()).toEqual({
      'webhook hook.example': {
        ...{ ...none, sent: 1, failed: 1, waiting: 1, isFailing: true },
        requests: { taken: 1, refused: 0, failed: 1 },
      },
      'alertmanager am.example:9093': {
        ...{ ...none, failed: 1, dropped: 1, isFailing: true },
        requests: { taken: 0, refused: 1, failed: 0 },
      },
    });
  });

  test('a receiver that asks for time gets it, up to a minute', async () => {
    const busy: PostOutcome = { kind: 'failed', error: '429', retryAfterMs: 20_000 };
    const { notifier, clock } = notifierOf([WEBHOOK], () => busy);
    notifier.take([episode().raised], []);
    const failedAt: number[] = [];
    for (let second = 0; second < 60; second++) {
      const before = notifier.counts()[receiverName(WEBHOOK)]!.requests.failed;
      await notifier.tick();
      if (notifier.counts()[receiverName(WEBHOOK)]!.requests.failed > before) failedAt.push(second);
      clock.ms += 1000;
    }
    expect(failedAt).toEqual([0, 20, 40]);
  });
});

describe('a webhook', () => {
  test("gets Alertmanager's body, once for each change", async () => {
    const { notifier, sent, clock } = notifierOf([WEBHOOK], taken);
    const { raised, resolved } = episode();
    notifier.take([raised], [raised.alert]);
    await notifier.tick();
    clock.ms += 120_000;
    await notifier.tick();
    notifier.take([resolved], []);
    await notifier.tick();
    expect(sent.map(({ body }) => body.status)).toEqual(['firing', 'resolved']);
    expect(sent[0]).toMatchObject({
      token: 'secret',
      body: {
        version: '4',
        truncatedAlerts: 0,
        groupLabels: { site: 'north' },
        commonLabels: { alertname: 'JitterHigh' },
        alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z', generatorURL: '' }],
      },
    });
    expect(sent[0]!.body.groupKey).toBe('{}:{site="north"}');
    expect(sent[1]!.body.alerts[0].fingerprint).toBe(sent[0]!.body.alerts[0].fingerprint);
  });

  test('that is dead delays nobody else; what it missed survives a restart', async () => {
    const choice = [WEBHOOK, ALERTMANAGER];
    const first = notifierOf(choice, (url) => (url === WEBHOOK.url ? down() : taken()));
    const { raised, resolved } = episode();
    first.notifier.take([raised, resolved], []);
    await first.notifier.tick();
    expect(first.sent.map(({ url }) => url)).toEqual(['http://am.example:9093/api/v2/alerts']);
    const saved = JSON.parse(JSON.stringify(first.notifier.save()));
    const second = notifierOf([WEBHOOK], taken, saved);
    for (let i = 0; i < 200; i++) {
      await second.notifier.tick();
      second.clock.ms += 1000;
    }
    expect(second.sent.map(({ body }) => body.status)).toEqual(['firing', 'resolved']);
  });

  test('has what waits for it to itself after a restart, also where another one has its address', async () => {
    const { url } = WEBHOOK;
    const choice: ReceiverChoice[] = [
      WEBHOOK,
      { kind: 'webhook', url, token: 'other' },
      { kind: 'alertmanager', url, token: 'manager' },
    ];
    const first = notifierOf(choice, (_, token) => (token === 'other' ? down() : taken()));
    const { raised, resolved } = episode();
    first.notifier.take([raised, resolved], []);
    await first.notifier.tick();
    expect(first.sent.map(({ token }) => token)).toEqual(['secret', 'manager']);
    const saved = JSON.parse(JSON.stringify(first.notifier.save()));
    const second = notifierOf(choice, taken, saved);
    await second.notifier.tick();
    // The end of the alert waits for two of them, its beginning for one.
    const told = second.sent.map(({ token, body }) => [token, body.status ?? 'manager']);
    expect(told).toEqual([
      ['secret', 'resolved'],
      ['other', 'firing'],
      ['manager', 'manager'],
    ]);
    expect(Object.keys(saved)).toEqual([`webhook ${url}`, `webhook ${url} 2`, `alertmanager ${url}`]);
  });

  test('has what waited for it by its address alone before receivers had names', async () => {
    const { raised } = episode();
    const other = { ...WEBHOOK, token: 'other' };
    const { notifier, sent } = notifierOf([other, WEBHOOK], taken, { [WEBHOOK.url]: [raised] });
    await notifier.tick();
    expect(sent.map(({ token }) => token)).toEqual(['secret']);
  });

  test('that refuses a body does not get it for ever', async () => {
    const { notifier, said } = notifierOf([WEBHOOK], () => ({ kind: 'refused', error: '400 no' }));
    notifier.take([episode().raised], []);
    await notifier.tick();
    expect(notifier.counts()[receiverName(WEBHOOK)]).toMatchObject({ waiting: 0, dropped: 1 });
    expect(said).toEqual(['a receiver refuses alerts']);
  });

  test('is told of each group once, whatever becomes of the others', async () => {
    const { raised } = episode();
    const at = (site: string): AlertChange => ({ ...raised, alert: { ...raised.alert, labels: { site } } });
    const posted: string[] = [];
    const answers: PostOutcome[] = [
      ...[{ kind: 'taken' } as const, { kind: 'refused', error: '400 no' } as const],
      { kind: 'failed', error: 'connect ECONNREFUSED' },
    ];
    const { notifier, clock } = notifierOf([WEBHOOK], taken, {}, (body) => {
      posted.push(body.groupLabels.site ?? '');
      return answers.shift() ?? { kind: 'taken' };
    });
    notifier.take([at('north'), at('south'), at('east'), at('west')], []);
    await notifier.tick();
    expect(posted).toEqual(['north', 'south', 'east']);
    expect(notifier.counts()[receiverName(WEBHOOK)]).toMatchObject({ sent: 1, dropped: 1, waiting: 2 });
    clock.ms += 60_000;
    await notifier.tick();
    expect(posted.slice(3)).toEqual(['east', 'west']);
    expect(notifier.counts()[receiverName(WEBHOOK)]).toMatchObject({ sent: 3, dropped: 1, waiting: 0 });
  });

  test('gets no numbers of users', async () => {
    const { notifier, sent } = notifierOf([WEBHOOK], taken);
    const { raised } = episode();
    const parties = ['sip:+4930123456@example.com', 'sip:+4930999999@example.com'];
    const worst = raised.alert.worst.map((each) => ({ ...each, parties }));
    notifier.take([{ ...raised, alert: { ...raised.alert, worst } }], []);
    await notifier.tick();
    const text = JSON.stringify(sent[0]!.body);
    expect(text).not.toContain('4930123');
    expect(text).toContain('sip:…456@example.com');
  });
});
