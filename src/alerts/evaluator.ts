import { alertOf, informationOnly } from './active-alert.ts';
import { type Alert, type AlertChange, type HeldBack, type HoldReason, identityOf } from './alert.ts';
import { doubtOf } from './capture-signals.ts';
import { describe } from './describe.ts';
import { HeldBackList } from './held-back.ts';
import { LocalTime } from './hours.ts';
import { type AlertInput, type Labeller, type Labels, ownLabels, type StatusInput } from './input.ts';
import { KnownCalls } from './known-calls.ts';
import type { Rule, RuleSet } from './rule.ts';
import { sampleOf } from './sample.ts';
import type { SavedAlerts } from './saved-alerts.ts';
import type { Judgement, Series } from './series.ts';
import { SeriesTable } from './series-table.ts';
import { type StatusStep, stepOf, totalsOf } from './status-steps.ts';

/** More than this between two times is a break: windows begin anew, alerts that fire stay. */
const BREAK_US = 6 * 3_600_000_000;
/** A clock that goes back by less is waited for; by more, it is a break, too: nothing would be judged until it is there again. */
const BACK_US = 60_000_000;
/** What was measured so long before the capture is doubted is doubted, too. */
const DOUBT_BEFORE_US = 60_000_000;
/** Without a status for so long nothing can be said of silence. */
const STATUS_SILENT_US = 60_000_000;

export interface EvaluatorOptions {
  /** Names the site, trunk and device of records. */
  labeller?: Labeller;
}

/**
 * Evaluates rules over records. It knows no clock: `observe` takes what became known, `advance` says what time it is on
 * the clock of the capture, and evaluations happen at whole multiples of `every`. The same records and times give the
 * same alerts.
 */
export class Evaluator {
  readonly set: RuleSet;
  readonly table: SeriesTable;
  private readonly labeller: Labeller;
  private readonly localTime: LocalTime;
  private readonly known = new KnownCalls();
  private readonly held = new HeldBackList();
  private readonly alerts = new Map<Series, Alert>();
  private readonly rulesOf: ReadonlyMap<AlertInput['type'], readonly Rule[]>;
  private evaluatedUs = Number.NaN;
  private lastTotals: StatusStep | null = null;
  private statusUs: number | null = null;
  /** Since when it has been listening without a break. */
  private awakeUs = Number.NaN;
  private doubt: string | null = null;
  /** Samples about quality that were not taken, because the capture was in doubt. */
  doubtedSamples = 0;

  constructor(set: RuleSet, options: EvaluatorOptions = {}) {
    this.set = set;
    this.labeller = options.labeller ?? (() => ({}));
    this.localTime = new LocalTime(set.timeZone);
    this.table = new SeriesTable(set.everyUs);
    this.rulesOf = byRecordType(set.rules);
  }

  /** Time of the last evaluation; null before the first. */
  get timeUs(): number | null {
    return Number.isNaN(this.evaluatedUs) ? null : this.evaluatedUs;
  }

  /** Takes a record that has become known. */
  observe(record: AlertInput): void {
    this.known.note(record);
    if (record.type === 'status') this.observeStatus(record);
    else this.addSamples(record);
  }

  private observeStatus(status: { type: 'status' } & StatusInput): void {
    const totals = totalsOf(status);
    const since = stepOf(this.lastTotals, totals);
    this.lastTotals = totals;
    if (!Number.isNaN(this.evaluatedUs)) {
      const nowUs = this.evaluatedUs + this.set.everyUs;
      if (this.statusUs !== null && nowUs - this.statusUs > STATUS_SILENT_US) this.awakeUs = nowUs;
      this.statusUs = nowUs;
    }
    this.setDoubt(doubtOf(status.trust));
    this.addSamples({ ...status, since });
    for (const { name, state } of status.trunks ?? []) {
      this.addSamples({ type: 'trunkState', trunk: name, state });
    }
  }

  /** Doubt begins: what was measured shortly before is not believed either. */
  private setDoubt(doubt: string | null): void {
    if (this.doubt === null && doubt !== null) {
      const fromUs = this.evaluatedUs - DOUBT_BEFORE_US;
      for (const series of this.table.all()) if (series.rule.signal.quality) series.doubt(fromUs);
    }
    this.doubt = doubt;
  }

  private addSamples(record: AlertInput): void {
    const rules = this.rulesOf.get(record.type);
    if (rules === undefined || Number.isNaN(this.evaluatedUs)) return;
    let labels: Labels | null = null;
    for (const rule of rules) {
      const sample = sampleOf(rule, record);
      if (sample === null) continue;
      if (rule.signal.quality && this.doubt !== null) {
        this.doubtedSamples++;
        continue;
      }
      labels ??= { ...ownLabels(record), ...this.labeller(record) };
      const series = this.table.find(rule, labels);
      series?.add(sample, this.evaluatedUs + this.set.everyUs, this.evaluatedUs);
    }
  }

  /** Time has come to `nowUs`, us since the epoch, on the clock of the capture. Says what that changes. */
  advance(nowUs: number): AlertChange[] {
    const { everyUs } = this.set;
    if (!Number.isFinite(nowUs)) return [];
    const aligned = Math.floor(nowUs / everyUs) * everyUs;
    const aheadUs = nowUs - this.evaluatedUs;
    if (Number.isNaN(aheadUs) || aheadUs > BREAK_US || aheadUs < -BACK_US) {
      if (aheadUs > BREAK_US) this.table.startAnew(aligned);
      this.resume(aligned);
      return [];
    }
    const changes: AlertChange[] = [];
    while (this.evaluatedUs < aligned) {
      this.evaluatedUs += everyUs;
      changes.push(...this.evaluate(this.evaluatedUs));
    }
    return changes;
  }

  /**
   * Goes on at another time: after a restart, or where the clock jumped. Nothing is concluded from the time between, in
   * which nobody listened.
   */
  resume(nowUs: number): void {
    if (nowUs < this.evaluatedUs - BACK_US) {
      this.table.startAnew(nowUs);
      if (this.statusUs !== null) this.statusUs = nowUs;
    }
    this.evaluatedUs = Math.floor(nowUs / this.set.everyUs) * this.set.everyUs;
    this.awakeUs = this.evaluatedUs;
  }

  private evaluate(nowUs: number): AlertChange[] {
    const hourOfWeek = this.localTime.hourOfWeek(nowUs - 1);
    const changes: AlertChange[] = [];
    for (const rule of this.set.rules) {
      for (const series of this.table.of(rule)) {
        const judged = series.judge(nowUs, hourOfWeek);
        this.learn(series, judged, nowUs, hourOfWeek);
        const hold = judged.raised ? this.holdOf(series, judged, nowUs) : null;
        const isTold = series.episode.state !== 'firing' && !this.isBeginning(series, hold, nowUs);
        this.held.note(series, nowUs, isTold ? hold : null);
        this.stepSeries(series, judged, hold, nowUs, changes);
      }
    }
    this.table.prune(nowUs, (series) => this.held.forget(series));
    return changes;
  }

  /** A probe that has just begun has looked at itself too rarely for everything: nothing is held back by that. */
  private isBeginning({ rule }: Series, hold: Hold | null, nowUs: number): boolean {
    if (rule.signal.of !== 'status' || hold?.reason !== 'too_few_samples') return false;
    return nowUs - this.awakeUs < rule.windowUs;
  }

  private stepSeries(
    series: Series,
    judged: Judgement,
    hold: Hold | null,
    nowUs: number,
    changes: AlertChange[],
  ): void {
    const { rule, episode } = series;
    const inDoubt = this.doubt !== null && rule.signal.quality;
    const isNew = nowUs - this.awakeUs < rule.windowUs && judged.samples < rule.minSamples;
    const frozen = inDoubt || (isNew && episode.state === 'firing');
    const finding = {
      raised: judged.raised && (hold === null || hold.atTheDoor),
      beyondClear: judged.beyondClear,
      frozen,
      heldAtTheDoor: hold?.atTheDoor ?? false,
    };
    const changed = episode.step(nowUs, finding, {
      forUs: rule.forUs,
      clearForUs: rule.clearForUs,
      flapping: this.set.flapping,
    });
    const before = this.alerts.get(series) ?? null;
    if (changed === 'resolved') {
      if (before !== null) changes.push(this.end(series, before, nowUs));
      return;
    }
    if (episode.state !== 'firing') return;
    if (frozen && before !== null) {
      const held = inDoubt ? this.doubt : 'too little was heard since the restart';
      this.alerts.set(series, withText({ ...before, held }));
      return;
    }
    this.refresh(series, judged, before, nowUs, changes);
  }

  /** An alert fires: its figures are brought up to date. One that becomes graver, or less so, is another one. */
  private refresh(
    series: Series,
    judged: Judgement,
    before: Alert | null,
    nowUs: number,
    changes: AlertChange[],
  ): void {
    const alert = alertOf(series, judged, nowUs, before, { set: this.set, known: this.known });
    const isGraver = before?.severity === 'info' && alert.severity !== 'info';
    if (before !== null && !isGraver) {
      const { severity, informationOnly: info } = before;
      this.alerts.set(series, withText({ ...alert, severity, informationOnly: info }));
      return;
    }
    if (before !== null) changes.push(this.end(series, before, nowUs));
    const raised = before === null ? alert : { ...alert, startUs: nowUs };
    this.alerts.set(series, raised);
    changes.push({ change: 'raised', timeUs: nowUs, alert: raised });
  }

  private end(series: Series, before: Alert, nowUs: number): AlertChange {
    this.alerts.delete(series);
    const alert = withText({
      ...before,
      state: 'resolved',
      endUs: Math.max(nowUs, before.startUs),
      held: null,
    });
    return { change: 'resolved', timeUs: nowUs, alert };
  }

  /** Why an alert must not begin though its rule holds; null when it may. */
  private holdOf(series: Series, judged: Judgement, nowUs: number): Hold | null {
    const { rule } = series;
    if (this.doubt !== null && rule.signal.quality) {
      return { reason: 'capture_in_doubt', text: this.doubt, atTheDoor: false };
    }
    const ownStatus = rule.signal.of === 'status';
    const isSilent = this.statusUs !== null && nowUs - this.statusUs > STATUS_SILENT_US;
    if (judged.cause === 'absence' && !ownStatus && isSilent) {
      return { reason: 'probe_silent', text: 'the probe itself gives no sign of life', atTheDoor: false };
    }
    if (judged.cause === 'absence' && nowUs - this.awakeUs < rule.windowUs) {
      return { reason: 'probe_silent', text: 'the probe has not listened for long enough', atTheDoor: false };
    }
    if (judged.tooFew !== null) return { ...judged.tooFew, atTheDoor: false };
    if (rule.hours !== 'always') {
      const isBusiness = this.localTime.isBusiness(nowUs - 1, this.set.businessHours);
      if (isBusiness !== (rule.hours === 'business')) {
        const text = rule.hours === 'business' ? 'outside of business hours' : 'within business hours';
        return { reason: 'outside_hours', text, atTheDoor: true };
      }
    }
    const inhibitor = this.inhibitorOf(series);
    return inhibitor === null
      ? null
      : { reason: 'inhibited', text: `${inhibitor} fires there`, atTheDoor: true };
  }

  /** The name of a rule that fires where this series is, and explains it. */
  private inhibitorOf({ rule, labels }: Series): string | null {
    if (rule.inhibitedBy.length === 0) return null;
    for (const { rule: name, labels: others } of this.alerts.values()) {
      if (!rule.inhibitedBy.includes(name)) continue;
      const isThere = Object.entries(others).every(
        ([label, value]) => !(label in labels) || labels[label as keyof Labels] === value,
      );
      if (isThere) return name;
    }
    return null;
  }

  private learn(series: Series, judged: Judgement, nowUs: number, hourOfWeek: number): void {
    const { baseline, rule } = series;
    if (baseline === null) return;
    const believed = this.doubt === null || !rule.signal.quality;
    const value = believed && judged.samples >= rule.minSamples ? series.value(nowUs) : null;
    if (value === null) baseline.turn(nowUs, hourOfWeek, this.set.everyUs);
    else baseline.note(nowUs, hourOfWeek, value, this.set.everyUs);
  }

  /** Alerts that fire now, the oldest first. */
  active(): Alert[] {
    const name = (alert: Alert): string => identityOf(alert);
    return [...this.alerts.values()].sort((a, b) => a.startUs - b.startUs || (name(a) < name(b) ? -1 : 1));
  }

  /** Alerts that will fire if it goes on like that. */
  pending(): { rule: string; labels: Labels; sinceUs: number }[] {
    return this.table
      .all()
      .filter(({ episode }) => episode.state === 'pending')
      .map(({ rule, labels, episode }) => ({ rule: rule.name, labels, sinceUs: episode.sinceUs }));
  }

  /** Alerts that are held back now, and those whose holding back ended since the last call. */
  heldBack(): { now: HeldBack[]; ended: HeldBack[] } {
    return { now: this.held.current(), ended: this.held.take() };
  }

  /** Everything that must survive a restart, as plain data. */
  save(): SavedAlerts {
    return {
      version: 1,
      evaluatedUs: this.timeUs,
      series: this.table.all().map((series) => ({
        ...this.table.saveSeries(series),
        alert: this.alerts.get(series) ?? null,
      })),
    };
  }

  /**
   * Goes on from what `save` gave, maybe with other rules. Windows of rules that now count something else begin anew;
   * alerts of rules that are gone end, and are returned.
   */
  restore(saved: SavedAlerts): AlertChange[] {
    const changes: AlertChange[] = [];
    if (saved.evaluatedUs !== null) this.resume(saved.evaluatedUs);
    this.statusUs = saved.evaluatedUs;
    for (const each of saved.series) {
      const series = this.table.restoreSeries(each, this.set.rules);
      if (each.alert === null) continue;
      if (series !== null) {
        series.episode.restore(each.episode);
        this.alerts.set(series, each.alert);
        continue;
      }
      const timeUs = saved.evaluatedUs ?? each.alert.startUs;
      const alert = withText({ ...each.alert, state: 'resolved', endUs: timeUs, held: 'the rule is gone' });
      changes.push({ change: 'resolved', timeUs, alert });
    }
    return changes;
  }
}

interface Hold {
  reason: HoldReason;
  text: string;
  /** It is kept back only at the moment of firing: until then it may go on pending. */
  atTheDoor: boolean;
}

function withText(alert: Alert): Alert {
  return { ...alert, text: describe(alert) };
}

function byRecordType(rules: readonly Rule[]): Map<AlertInput['type'], Rule[]> {
  const found = new Map<AlertInput['type'], Rule[]>();
  for (const rule of rules) {
    const { of } = rule.signal;
    found.set(of, [...(found.get(of) ?? []), rule]);
  }
  return found;
}

export { identityOf, informationOnly };
