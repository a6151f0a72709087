import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { AlertInput } from '../../src/alerts/input.ts';
import { readRules } from '../../src/alerts/read-rules.ts';
import { LiveAlerts } from '../../src/notify/live-alerts.ts';
import { type AlertState, AlertStateError, StateFile } from '../../src/notify/state-file.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { badInterval, interval, MONDAY_US, status } from '../alerts/feed.ts';

const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'earshot-alerts-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

function rulesOf(above: number, name = 'Jitter') {
  const read = readRules(
    `
notify: { webhook: [{ url: "http://hook.example/" }] }
rules:
  - { name: ${name}, summary: s, signal: interval.jitterMs, measure: p95, above: ${above}, window: 1m, minSamples: 1, clearFor: 0s }
`,
    {},
  );
  if (!read.ok) throw new Error('rules');
  return read;
}

class Probe {
  readonly said: string[] = [];
  readonly posted: string[] = [];
  readonly alerts: LiveAlerts;
  ms = 0;
  recording = false;
  /** Until then receivers do not answer. */
  answering: Promise<void> = Promise.resolve();

  constructor(store: StateFile | null, saved: AlertState | null, startMs = 0) {
    this.ms = startMs;
    this.alerts = new LiveAlerts({
      rules: rulesOf(30),
      probe: 'p',
      store,
      saved,
      post: async (_, __, body) => {
        const { status: state, alerts } = body as {
          status: string;
          alerts: { labels: { alertname: string } }[];
        };
        this.posted.push(`${alerts[0]!.labels.alertname} ${state}`);
        await this.answering;
        return { kind: 'taken' };
      },
      nowMs: () => this.ms,
      wallMs: () => MONDAY_US / 1000 + this.ms,
      said: (_, text) => this.said.push(text),
    });
  }

  async run(seconds: number, records: () => AlertInput[]): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (i % 10 === 0) {
        const { recording } = this;
        const time = isoMicros(MONDAY_US + this.ms * 1000);
        this.alerts.records([status({ time, recording }), ...records()]);
      }
      this.ms += 1000;
      await this.alerts.tick();
    }
    await this.alerts.save();
    await this.alerts.tick();
  }
}

describe('alerts beside a running probe', () => {
  test('go on over a restart without telling anything twice', async () => {
    const store = new StateFile(folder());
    const first = new Probe(store, store.read());
    await first.run(60, () => [badInterval()]);
    expect(first.posted).toEqual(['Jitter firing']);
    const second = new Probe(store, store.read(), 90_000);
    await second.run(60, () => [badInterval()]);
    expect(second.posted).toEqual([]);
    await second.run(180, () => [interval()]);
    expect(second.posted).toEqual(['Jitter resolved']);
  });

  test('judge no recording, say so once, and go on with what is of now', async () => {
    const probe = new Probe(null, null);
    probe.recording = true;
    await probe.run(120, () => [badInterval()]);
    expect([probe.posted, probe.alerts.active]).toEqual([[], []]);
    expect(probe.said).toEqual([
      expect.stringMatching(/recording: rules are not evaluated; "earshot replay/),
    ]);
    probe.recording = false;
    await probe.run(60, () => [badInterval()]);
    expect(probe.posted).toEqual(['Jitter firing']);
    probe.recording = true;
    await probe.run(600, () => [interval()]);
    expect([probe.posted, probe.alerts.active.length]).toEqual([['Jitter firing'], 1]);
    probe.recording = false;
    await probe.run(180, () => [interval()]);
    expect(probe.posted).toEqual(['Jitter firing', 'Jitter resolved']);
  });

  test('take other rules, and end the alerts of those that are gone', async () => {
    const probe = new Probe(null, null);
    await probe.run(60, () => [badInterval()]);
    probe.alerts.replace(rulesOf(20));
    await probe.run(60, () => [badInterval()]);
    expect(probe.posted).toEqual(['Jitter firing']);
    probe.alerts.replace(rulesOf(30, 'Other'));
    await probe.run(30, () => [badInterval()]);
    expect(probe.posted).toEqual(['Jitter firing', 'Jitter resolved', 'Other firing']);
    expect(probe.said.filter((text) => text.startsWith('alert'))).toEqual([
      'alert raised: Jitter (everything)',
      'alert resolved: Jitter (everything)',
      'alert raised: Other (everything)',
    ]);
  });

  test('take other rules while a receiver does not answer: what is on its way is not sent again', async () => {
    const probe = new Probe(null, null);
    let answer = (): void => {};
    probe.answering = new Promise((resolve) => {
      answer = resolve;
    });
    const run = probe.run(60, () => [badInterval()]);
    while (probe.posted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    probe.alerts.replace(rulesOf(20));
    probe.ms += 1000;
    const next = probe.alerts.tick();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await Promise.all([run, next]);
    expect(probe.posted).toEqual(['Jitter firing']);
    await probe.run(60, () => [interval()]);
    await probe.run(60, () => [interval()]);
    expect(probe.posted).toEqual(['Jitter firing', 'Jitter resolved']);
    expect(probe.alerts.counts()['webhook hook.example']).toMatchObject({ sent: 1, waiting: 0 });
  });
});

describe('the file of the state', () => {
  test('is replaced whole, and one that cannot be used is said', async () => {
    const path = folder();
    const store = new StateFile(path);
    expect(store.read()).toBeNull();
    const state: AlertState = { alerts: { version: 1, evaluatedUs: 5, series: [] }, deliveries: {} };
    await Promise.all([store.write(state), store.write({ ...state, deliveries: { x: [] } })]);
    expect(store.read()).toEqual({ ...state, deliveries: { x: [] } });
    expect(readdirSync(path)).toEqual(['alerts.json']);
    writeFileSync(join(path, 'alerts.json'), '{"alerts":');
    expect(() => store.read()).toThrow(AlertStateError);
  });
});
