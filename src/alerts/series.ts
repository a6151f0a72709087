import { Baseline } from './baseline.ts';
import { Episode } from './episode.ts';
import type { Labels } from './input.ts';
import {
  BEYOND,
  BEYOND_CLEAR,
  CODEC,
  DELAY,
  DISCARD,
  EXPLAINED,
  HEARD,
  LOSS,
  Panes,
  paneUsOf,
  SAMPLES,
} from './panes.ts';
import type { Rule } from './rule.ts';
import { bucketOf } from './sketch.ts';
import { TouchedCalls } from './touched-calls.ts';
import { windowValue, windowVerdict } from './window-verdict.ts';

/** To know that something stopped, so many windows before are looked at. */
export const WINDOWS_BEFORE = 3;

/** A sample on its way into series. */
export interface Sample {
  value: number;
  /** Denominator of parts; 1 for others. */
  total: number;
  callId: string | null;
  streamId: string | null;
  code: string | null;
  /** The score of the moment was bad. */
  heard: boolean;
  impairments: Record<'codec' | 'loss' | 'discard' | 'delay', number | null> | null;
}

/** What a series shows at an evaluation. */
export interface Judgement {
  samples: number;
  calls: number;
  /** Beyond the threshold, far from usual, or silent; whatever it rests on. */
  raised: boolean;
  beyondClear: boolean;
  cause: 'threshold' | 'deviation' | 'absence';
  /** Why it is too little to rest an alert on; null when it is enough. */
  tooFew: { reason: 'too_few_samples' | 'too_few_calls'; text: string } | null;
  /** What is usual at this hour; null when it is not known or not asked. */
  usual: number | null;
}

/** One rule for one group: its panes, its calls, its usual values and its alert. */
export class Series {
  readonly rule: Rule;
  readonly labels: Labels;
  readonly panes: Panes;
  readonly touched = new TouchedCalls();
  readonly episode = new Episode();
  readonly baseline: Baseline | null;
  /** When the last sample came. */
  lastUs = Number.NEGATIVE_INFINITY;
  /** Panes of a window. */
  private readonly ofWindow: number;

  constructor(rule: Rule, labels: Labels, everyUs: number) {
    this.rule = rule;
    this.labels = labels;
    const paneUs = paneUsOf(rule.windowUs, everyUs);
    this.ofWindow = Math.max(1, Math.round(rule.windowUs / paneUs));
    const windows = rule.measure.kind === 'absence' ? WINDOWS_BEFORE + 1 : rule.windows.of;
    this.panes = new Panes(paneUs, this.ofWindow * windows + 1, rule.measure.kind === 'percentile');
    this.baseline = rule.deviation === null ? null : new Baseline();
  }

  /** First pane of all windows that are looked at, when the last one is `last`. */
  firstPane(last: number): number {
    return last - this.ofWindow * this.rule.windows.of + 1;
  }

  /** Takes a sample that became known between the evaluation at `evaluatedUs` and the next. */
  add(sample: Sample, timeUs: number, evaluatedUs: number): void {
    const { rule, panes } = this;
    const pane = Math.floor(evaluatedUs / panes.paneUs) + 1;
    panes.moveTo(pane);
    this.lastUs = timeUs;
    const { value, total } = sample;
    if (rule.signal.kind === 'value') {
      panes.add(SAMPLES, 1);
      if (rule.measure.kind === 'percentile') panes.count(bucketOf(value));
      if (this.isBeyond(value, rule.bad ?? rule.threshold)) panes.add(BEYOND, 1);
      if (rule.bad === null && this.isBeyond(value, rule.clear)) panes.add(BEYOND_CLEAR, 1);
    } else {
      panes.add(SAMPLES, total);
      panes.add(BEYOND, value);
    }
    if (this.isBad(value, total)) this.noteBad(sample, pane, timeUs);
  }

  private isBeyond(value: number, limit: number | null): boolean {
    if (limit === null) return false;
    return this.rule.signal.worse === 'high' ? value > limit : value < limit;
  }

  /** Is this sample one of those that the rule is about? */
  private isBad(value: number, total: number): boolean {
    const { signal, threshold, bad } = this.rule;
    if (signal.kind === 'value') return this.isBeyond(value, bad ?? threshold);
    if (signal.kind === 'event') return signal.worse === 'high' ? value > 0 : value === 0;
    return total > 0 && this.isBeyond(value / total, threshold);
  }

  private noteBad(sample: Sample, pane: number, timeUs: number): void {
    const { panes, rule } = this;
    const { impairments, heard } = sample;
    const value = rule.signal.kind === 'parts' ? sample.value / sample.total : sample.value;
    const isWorse = (one: number, than: number): boolean =>
      rule.signal.worse === 'high' ? one > than : one < than;
    const oldest = this.firstPane(pane);
    this.touched.note(sample, value, isWorse, { pane, timeUs, heard, oldest });
    if (heard) panes.add(HEARD, 1);
    if (impairments === null) return;
    panes.add(CODEC, impairments.codec ?? 0);
    panes.add(LOSS, impairments.loss ?? 0);
    panes.add(DISCARD, impairments.discard ?? 0);
    panes.add(DELAY, impairments.delay ?? 0);
    panes.add(EXPLAINED, 1);
  }

  /** The last pane of a window that ends at an evaluation. */
  private lastPane(nowUs: number): number {
    return this.panes.paneAt(nowUs);
  }

  /** Looks at the windows that end at an evaluation. */
  judge(nowUs: number, hourOfWeek: number): Judgement {
    const { rule, panes } = this;
    const last = this.lastPane(nowUs);
    this.panes.moveTo(last);
    this.touched.forget(this.firstPane(last));
    if (rule.measure.kind === 'absence') return this.judgeAbsence(last);
    let bad = 0;
    let badEnough = 0;
    let badClear = 0;
    let fewest = Number.POSITIVE_INFINITY;
    const samples = panes.sum(SAMPLES, last, this.ofWindow);
    for (let i = 0; i < rule.windows.of; i++) {
      const verdict = windowVerdict(rule, panes, last - i * this.ofWindow, this.ofWindow);
      if (verdict.beyondClear && verdict.samples >= rule.minSamples) badClear++;
      if (!verdict.beyond) continue;
      bad++;
      if (verdict.samples >= rule.minSamples) badEnough++;
      else fewest = Math.min(fewest, verdict.samples);
    }
    const usual = this.baseline?.usual(hourOfWeek, rule.deviation!.weeks) ?? null;
    const deviates = usual !== null && this.deviates(usual, last);
    const raised = bad >= rule.windows.bad || deviates;
    const { calls, more } = this.touched.since(this.firstPane(last));
    const enoughSamples = badEnough >= rule.windows.bad || (deviates && samples >= rule.minSamples);
    return {
      samples,
      calls,
      raised,
      beyondClear: badClear >= rule.windows.bad || deviates,
      cause: bad >= rule.windows.bad ? 'threshold' : 'deviation',
      tooFew: !raised ? null : this.tooFew(enoughSamples, Math.min(fewest, samples), calls, more),
      usual,
    };
  }

  private tooFew(enoughSamples: boolean, samples: number, calls: number, more: boolean): Judgement['tooFew'] {
    const { minSamples, minCalls, signal } = this.rule;
    if (!enoughSamples) {
      const text = `${samples} ${signal.about} of the ${minSamples} that are needed to judge`;
      return { reason: 'too_few_samples', text };
    }
    if (calls >= minCalls || more) return null;
    const text = `${calls} ${calls === 1 ? 'call' : 'calls'} touched, ${minCalls} are needed`;
    return { reason: 'too_few_calls', text };
  }

  /** Is it as far from usual as the rule says? The value of a percentile comes from the sketch. */
  private deviates(usual: number, last: number): boolean {
    const { deviation, side } = this.rule;
    const value = windowValue(this.rule, this.panes, last, this.ofWindow);
    if (deviation === null || value === null) return false;
    const { factor, atLeast } = deviation;
    if (side === 'above') return value >= factor * usual && value > (atLeast ?? 0);
    return value <= factor * usual && (atLeast === null || value <= atLeast);
  }

  /** Silent now, after there was enough in each of the windows before. */
  private judgeAbsence(last: number): Judgement {
    const { panes, rule, ofWindow } = this;
    const samples = panes.sum(SAMPLES, last, ofWindow);
    const before = Array.from({ length: WINDOWS_BEFORE }, (_, i) =>
      panes.sum(SAMPLES, last - (i + 1) * ofWindow, ofWindow),
    );
    // In each of them: after a burst within one, silence is nothing unusual.
    const raised = samples === 0 && Math.min(...before) >= rule.minSamples;
    return {
      samples,
      calls: 0,
      raised,
      beyondClear: samples === 0,
      cause: 'absence',
      tooFew: null,
      usual: before.reduce((sum, each) => sum + each, 0) / WINDOWS_BEFORE,
    };
  }

  /** What the last window shows, for display; percentiles within the error of the sketch. */
  value(nowUs: number): number | null {
    return windowValue(this.rule, this.panes, this.lastPane(nowUs), this.ofWindow);
  }

  /** Sum of a column over the windows that are looked at. */
  sum(column: number, nowUs: number): number {
    return this.panes.sum(column, this.lastPane(nowUs), this.ofWindow * this.rule.windows.of);
  }

  /** The calls of these windows. */
  calls(nowUs: number): ReturnType<TouchedCalls['list']> {
    return this.touched.list(this.firstPane(this.lastPane(nowUs)));
  }

  /** What came since then is not to be believed. */
  doubt(fromUs: number): void {
    const pane = this.panes.paneAt(fromUs);
    this.panes.emptyFrom(pane);
    this.touched.forgetFrom(pane);
  }

  /** The clock stands at `nowUs` now, maybe before what was counted: windows begin anew, an alert that fires stays. */
  startAnew(nowUs: number): void {
    this.panes.clear();
    this.touched.forgetFrom(Number.NEGATIVE_INFINITY);
    this.episode.startAnew();
    this.lastUs = Math.min(this.lastUs, nowUs);
  }

  /** How far back a series looks, us. */
  get spanUs(): number {
    return this.panes.kept * this.panes.paneUs;
  }
}
