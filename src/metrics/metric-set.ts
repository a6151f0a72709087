import { Counter, Gauge, Registry } from 'prom-client';
import * as bounds from './buckets.ts';
import { METRICS, type NameOf } from './catalogue.ts';
import { Histogram } from './histogram.ts';
import type { LabelSet } from './label-space.ts';
import { labelValue } from './label-text.ts';

/** Which bounds a histogram has, and whether the low end is the bad one. */
const HISTOGRAMS: Record<NameOf<'histogram'>, { bounds: readonly number[]; lowIsBad?: boolean }> = {
  earshot_interval_jitter_seconds: { bounds: bounds.JITTER_SECONDS },
  earshot_interval_pdv_p95_seconds: { bounds: bounds.PDV_SECONDS },
  earshot_interval_loss_ratio: { bounds: bounds.LOSS_RATIO },
  earshot_interval_discard_ratio: { bounds: bounds.LOSS_RATIO },
  earshot_interval_r_factor: { bounds: bounds.R_FACTOR, lowIsBad: true },
  earshot_interval_mos_lq: { bounds: bounds.MOS, lowIsBad: true },
  earshot_interval_mos_cq: { bounds: bounds.MOS, lowIsBad: true },
  earshot_stream_mos_lq: { bounds: bounds.MOS, lowIsBad: true },
  earshot_stream_loss_ratio: { bounds: bounds.LOSS_RATIO },
  earshot_stream_longest_loss_run_packets: { bounds: bounds.LOSS_RUN_PACKETS },
  earshot_stream_jitter_seconds: { bounds: bounds.JITTER_SECONDS },
  earshot_rtcp_round_trip_seconds: { bounds: bounds.ROUND_TRIP_SECONDS },
  earshot_post_dial_delay_seconds: { bounds: bounds.SETUP_SECONDS },
  earshot_session_request_delay_seconds: { bounds: bounds.SETUP_SECONDS },
  earshot_answer_delay_seconds: { bounds: bounds.ANSWER_SECONDS },
  earshot_ring_seconds: { bounds: bounds.ANSWER_SECONDS },
  earshot_media_delay_seconds: { bounds: bounds.MEDIA_DELAY_SECONDS },
  earshot_session_disconnect_delay_seconds: { bounds: bounds.RESPONSE_SECONDS },
  earshot_call_duration_seconds: { bounds: bounds.DURATION_SECONDS },
};

/** Bounds of a histogram. */
export function boundsOf(name: NameOf<'histogram'>): readonly number[] {
  return HISTOGRAMS[name].bounds;
}

/** A counter whose label sets come from a space. Its series stand from the first observation, with 0. */
export class SpacedCounter {
  private readonly children: (Counter.Internal | undefined)[] = [];
  private readonly counter: Counter;

  constructor(counter: Counter) {
    this.counter = counter;
  }

  /** Adds to a label set; what would take away is passed over. */
  add(set: LabelSet, n: number): void {
    let child = this.children[set.index];
    if (child === undefined) {
      child = this.counter.labels(set.labels);
      child.inc(0);
      this.children[set.index] = child;
    }
    if (n > 0) child.inc(n);
  }
}

/** All metrics of the catalogue, empty. */
export class MetricSet {
  readonly registry = new Registry();
  readonly histograms: readonly Histogram[];
  private readonly byName = new Map<string, Histogram>();

  constructor() {
    for (const [name, { type, meaning: help, labels }] of Object.entries(METRICS)) {
      const registers = [this.registry];
      if (type === 'counter') new Counter({ name, help, labelNames: labels, registers });
      else if (type === 'gauge') new Gauge({ name, help, labelNames: labels, registers });
      else this.byName.set(name, new Histogram({ name, help, ...HISTOGRAMS[name as NameOf<'histogram'>] }));
    }
    this.histograms = [...this.byName.values()];
  }

  counter(name: NameOf<'counter'>): Counter {
    return this.registry.getSingleMetric(name) as Counter;
  }

  gauge(name: NameOf<'gauge'>): Gauge {
    return this.registry.getSingleMetric(name) as Gauge;
  }

  spaced(name: NameOf<'counter'>): SpacedCounter {
    return new SpacedCounter(this.counter(name));
  }

  histogram(name: NameOf<'histogram'>): Histogram {
    return this.byName.get(name)!;
  }
}

/**
 * Counters of something that may begin anew: what came since the last look is added, and what falls began at 0. Values
 * of labels that the wire chose are made harmless.
 */
export class Followed {
  private readonly seen = new Map<string, number>();
  private readonly counter: Counter;
  private readonly label: string | null;
  private readonly valuesMax: number;

  constructor(counter: Counter, label: string | null = null, valuesMax = 1024) {
    this.counter = counter;
    this.label = label;
    this.valuesMax = valuesMax;
  }

  /** The count stands at `now`, for the value of the label. */
  to(now: number | null, value = ''): void {
    if (now === null || !Number.isFinite(now)) return;
    const known = this.seen.get(value);
    if (known === undefined && this.seen.size >= this.valuesMax) return;
    const before = known === undefined || now < known ? 0 : known;
    this.seen.set(value, now);
    if (this.label === null) this.counter.inc(now - before);
    else this.counter.inc({ [this.label]: labelValue(value) }, now - before);
  }

  /** What is counted begins at 0 again. */
  restart(): void {
    for (const value of this.seen.keys()) this.seen.set(value, 0);
  }
}
