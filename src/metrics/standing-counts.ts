import type { NameOf } from './catalogue.ts';
import type { MetricSet } from './metric-set.ts';

/** Counters of what is counted elsewhere and told as it stands, of any labels. `Followed` does it for one label of the wire. */
export class StandingCounts {
  private readonly set: MetricSet;
  private readonly seen = new Map<string, number>();

  constructor(set: MetricSet) {
    this.set = set;
  }

  /** The count stands at `now`. What falls began at 0 again. */
  to(name: NameOf<'counter'>, labels: Record<string, string>, now: number): void {
    const key = JSON.stringify([name, labels]);
    const known = this.seen.get(key) ?? 0;
    this.set.counter(name).inc(labels, now < known ? now : now - known);
    this.seen.set(key, now);
  }
}
