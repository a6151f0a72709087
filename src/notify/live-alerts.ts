import type { AlertChange } from '../alerts/alert.ts';
import { shownLabels } from '../alerts/describe.ts';
import { Evaluator } from '../alerts/evaluator.ts';
import { type AlertInput, isAlertInput, type Labeller } from '../alerts/input.ts';
import type { CheckedRules } from '../alerts/read-rules.ts';
import { microsOf } from '../report/iso-time.ts';
import { type DeliveryCounts, Notifier, type PostOutcome } from './notifier.ts';
import type { AlertState } from './state-file.ts';

type Rules = Extract<CheckedRules, { ok: true }>;

/** Windows are written down so often, besides whenever an alert changes. */
const SAVE_EVERY_MS = 60_000;

export interface LiveAlertsParts {
  rules: Rules;
  probe: string | null;
  labeller?: Labeller;
  /** Keeps the state; null for a probe that forgets. */
  store: { write(state: AlertState): Promise<void> } | null;
  saved: AlertState | null;
  post(url: string, token: string | null, body: unknown): Promise<PostOutcome>;
  /** A clock that only ever goes on, and the time of day; ms. */
  nowMs(): number;
  wallMs(): number;
  said(
    level: 'info' | 'warn' | 'error',
    text: string,
    fields: Record<string, string | number | boolean | null>,
  ): void;
}

/**
 * Rules over a live probe: takes its records, evaluates as time goes on, keeps what must survive, tells receivers. It
 * owns no timer: whoever does calls `tick` every second.
 */
export class LiveAlerts {
  private readonly parts: LiveAlertsParts;
  private rules: Rules;
  private evaluator: Evaluator;
  private notifier: Notifier;
  /** Capture time of the last status, and when it came. */
  private anchor: { captureUs: number; atMs: number } | null = null;
  private resumed: boolean;
  private savedMs: number;
  private saving = false;
  /** The notifier is that of the rules before. */
  private isHandingOver = false;
  /** A recording comes in: nothing is judged by the clock of now, and nobody is told. */
  private isRecording = false;

  constructor(parts: LiveAlertsParts) {
    this.parts = parts;
    this.rules = parts.rules;
    this.evaluator = this.evaluatorOf(parts.rules);
    const gone = parts.saved === null ? [] : this.evaluator.restore(parts.saved.alerts);
    this.notifier = this.notifierOf(parts.rules, parts.saved?.deliveries ?? {});
    this.resumed = parts.saved === null;
    this.savedMs = parts.nowMs();
    this.changed(gone);
  }

  /** Other rules from now on; windows and alerts of those that stayed go on. */
  replace(rules: Rules): void {
    const state = this.state();
    this.rules = rules;
    this.evaluator = this.evaluatorOf(rules);
    const gone = this.evaluator.restore(state.alerts);
    this.notifier.halt();
    this.isHandingOver = true;
    this.handOver();
    this.changed(gone);
  }

  /** What is on its way to a receiver when rules are read again would be sent twice: it is waited for. */
  private handOver(): void {
    if (!this.isHandingOver || this.notifier.isBusy) return;
    this.isHandingOver = false;
    this.notifier = this.notifierOf(this.rules, this.notifier.save());
  }

  private evaluatorOf({ set }: Rules): Evaluator {
    const { labeller } = this.parts;
    return new Evaluator(set, labeller === undefined ? {} : { labeller });
  }

  private notifierOf({ notify }: Rules, saved: AlertState['deliveries']): Notifier {
    const { probe, post, wallMs, said } = this.parts;
    const receivers = [
      ...notify.alertmanager.map((each) => ({ kind: 'alertmanager' as const, ...each })),
      ...notify.webhook.map((each) => ({ kind: 'webhook' as const, ...each })),
    ];
    const { redactNumbers, groupBy, repeat: repeatMs } = notify;
    const terms = { probe, redactNumbers, groupBy, repeatMs, receivers };
    return new Notifier({ ...terms, post, nowMs: wallMs, said }, saved);
  }

  /** Takes what the probe told. */
  records(records: readonly { type: string }[]): void {
    for (const record of records) {
      if (!isAlertInput(record)) continue;
      if (record.type === 'status') this.status(record);
      else if (!this.isRecording) this.evaluator.observe(record);
    }
  }

  private status(record: Extract<AlertInput, { type: 'status' }>): void {
    this.noteRecording(record.recording ?? false);
    if (this.isRecording) return;
    const captureUs = microsOf(record.time);
    if (captureUs !== null) {
      this.anchor = { captureUs, atMs: this.parts.nowMs() };
      this.begin(captureUs);
    }
    this.evaluator.observe({ ...record, exports: { ...record.exports, ...this.notifier.counts() } });
  }

  /** Minutes of a recording pass in a second: no window, no `for` and no time of an alert would mean anything. */
  private noteRecording(isRecording: boolean): void {
    if (isRecording === this.isRecording) return;
    this.isRecording = isRecording;
    this.anchor = null;
    this.resumed = false;
    const { said } = this.parts;
    if (isRecording)
      said(
        'warn',
        'this is a recording: rules are not evaluated; "earshot replay FILE --rules" does that',
        {},
      );
    else said('info', 'packets are of now again: rules are evaluated', {});
  }

  /** The first time that is known: from here on windows fill; after a restart they go on here. */
  private begin(captureUs: number): void {
    if (this.evaluator.timeUs === null) this.evaluator.advance(captureUs);
    else if (!this.resumed) this.evaluator.resume(captureUs);
    this.resumed = true;
  }

  /** Time passes: to be called every second. */
  async tick(): Promise<void> {
    const { anchor } = this;
    const nowMs = this.parts.nowMs();
    if (anchor !== null) {
      this.changed(this.evaluator.advance(anchor.captureUs + (nowMs - anchor.atMs) * 1000));
    }
    if (nowMs - this.savedMs >= SAVE_EVERY_MS) await this.save();
    // What is told must be written down before: a restart would tell it again, or never.
    if (this.saving) return;
    this.handOver();
    const { notifier } = this;
    const { delivered } = notifier;
    await notifier.tick();
    // And what was taken: only what is delivered in the moment before a crash is told twice.
    if (notifier.delivered !== delivered) await this.save();
  }

  private changed(changes: readonly AlertChange[]): void {
    this.notifier.take(changes, this.evaluator.active());
    for (const { change, alert } of changes) {
      if (!this.rules.notify.log) continue;
      const level = change === 'resolved' || alert.severity === 'info' ? 'info' : 'warn';
      this.parts.said(level, `alert ${change}: ${alert.rule} (${shownLabels(alert.labels)})`, {
        severity: alert.severity,
        text: alert.text,
        runbook: alert.runbook,
      });
    }
    if (changes.length > 0) void this.save();
  }

  private state(): AlertState {
    return { alerts: this.evaluator.save(), deliveries: this.notifier.save() };
  }

  /** Writes down what must survive. */
  async save(): Promise<void> {
    const { store, said, nowMs } = this.parts;
    this.savedMs = nowMs();
    if (store === null) return;
    this.saving = true;
    try {
      await store.write(this.state());
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      said('error', 'the state of alerts could not be kept: after a restart some may be told again', {
        cause,
      });
    } finally {
      this.saving = false;
    }
  }

  /** What became of what receivers were to be told, since these rules are in force. */
  counts(): Record<string, DeliveryCounts> {
    return this.notifier.counts();
  }

  /** Everything that fires now, for pages and tests. */
  get active(): ReturnType<Evaluator['active']> {
    return this.evaluator.active();
  }
}
