import type { Labels } from './input.ts';
import { type Rule, termsOf } from './rule.ts';
import type { SavedSeries } from './saved-alerts.ts';
import { Series } from './series.ts';

/** Series of all rules together; a further one is refused and counted. */
const SERIES_MAX = 10_000;
/** A series without samples is forgotten after so long beyond its windows; one with usual values, after longer. */
const IDLE_US = 3_600_000_000;
const IDLE_LEARNT_US = 35 * 86_400_000_000;
/** How often idle ones are looked for. */
const PRUNE_EVERY_US = 600_000_000;
/** What stands for a label that a record does not have. */
const NONE = '';

/** The series of all rules, by the values of the labels that each rule groups by. */
export class SeriesTable {
  /** Samples that found no series, because there were too many. */
  refused = 0;
  private readonly everyUs: number;
  private readonly byRule = new Map<Rule, Map<string, Series>>();
  private size = 0;
  private prunedUs = 0;

  constructor(everyUs: number) {
    this.everyUs = everyUs;
  }

  /** The series of a rule that a record with these labels belongs to; null when it is not for the rule, or no room. */
  find(rule: Rule, labels: Labels): Series | null {
    for (const name in rule.where) {
      if (labels[name as keyof Labels] !== rule.where[name as keyof Labels]) return null;
    }
    let key = '';
    for (const name of rule.by) key += `${labels[name] ?? NONE}\u0000`;
    const known = this.mapOf(rule).get(key);
    if (known !== undefined) return known;
    if (this.size >= SERIES_MAX) {
      this.refused++;
      return null;
    }
    const own: Labels = {};
    for (const name of rule.by) if (labels[name] !== undefined) own[name] = labels[name];
    return this.put(rule, key, own);
  }

  private put(rule: Rule, key: string, labels: Labels): Series {
    const series = new Series(rule, labels, this.everyUs);
    this.mapOf(rule).set(key, series);
    this.size++;
    return series;
  }

  private mapOf(rule: Rule): Map<string, Series> {
    let map = this.byRule.get(rule);
    if (map === undefined) {
      map = new Map();
      this.byRule.set(rule, map);
    }
    return map;
  }

  of(rule: Rule): Iterable<Series> {
    return this.mapOf(rule).values();
  }

  all(): Series[] {
    return [...this.byRule.values()].flatMap((map) => [...map.values()]);
  }

  /** Forgets series that have had no samples for long and whose alert does not fire. */
  prune(nowUs: number, forgotten: (series: Series) => void): void {
    if (nowUs - this.prunedUs < PRUNE_EVERY_US) return;
    this.prunedUs = nowUs;
    for (const map of this.byRule.values()) {
      for (const [key, series] of map) {
        const { baseline, episode, spanUs, lastUs } = series;
        const kept = baseline === null || baseline.isEmpty ? IDLE_US : IDLE_LEARNT_US;
        if (episode.state !== 'idle' || nowUs - lastUs < spanUs + kept) continue;
        map.delete(key);
        this.size--;
        forgotten(series);
      }
    }
  }

  /** Time broke: what was counted before says nothing about now. */
  startAnew(nowUs: number): void {
    for (const series of this.all()) series.startAnew(nowUs);
    this.prunedUs = Math.min(this.prunedUs, nowUs);
  }

  saveSeries(series: Series): Omit<SavedSeries, 'alert'> {
    return {
      rule: series.rule.name,
      terms: termsOf(series.rule),
      labels: series.labels,
      lastUs: Number.isFinite(series.lastUs) ? series.lastUs : null,
      panes: series.panes.save(),
      calls: series.touched.save(),
      episode: series.episode.save(),
      baseline: series.baseline?.save() ?? null,
    };
  }

  /** Takes a series back; null when its rule is gone. Where the rule counts something else now, only its name stays. */
  restoreSeries(saved: SavedSeries, rules: readonly Rule[]): Series | null {
    const rule = rules.find(({ name }) => name === saved.rule);
    if (rule === undefined || this.size >= SERIES_MAX) return null;
    const isSame = termsOf(rule) === saved.terms;
    const names = Object.keys(saved.labels) as (keyof Labels)[];
    if (!isSame && names.some((name) => !rule.by.includes(name))) return null;
    const key = rule.by.map((name) => `${saved.labels[name] ?? NONE}\u0000`).join('');
    const series = this.put(rule, key, saved.labels);
    series.lastUs = saved.lastUs ?? Number.NEGATIVE_INFINITY;
    if (!isSame) return series;
    series.panes.restore(saved.panes);
    series.touched.restore(saved.calls);
    series.episode.restore(saved.episode);
    if (saved.baseline !== null) series.baseline?.restore(saved.baseline);
    return series;
  }
}
