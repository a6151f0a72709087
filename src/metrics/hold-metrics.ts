import type { StatusRecord } from '../live/live-records.ts';
import type { NameOf } from './catalogue.ts';
import type { MetricSet } from './metric-set.ts';

const KEPT = { packets: 'packets', history: 'history', badCalls: 'bad_calls' } as const;

type HeldPlace = StatusRecord['held'][number];
type HoldStatus = HeldPlace['holds'][number];

/** Metrics of holds on what is kept, from what the probe says of where it stands. */
export class HoldMetrics {
  private readonly set: MetricSet;

  constructor(set: MetricSet) {
    this.set = set;
  }

  /** Takes how holds stand. */
  stand(held: readonly HeldPlace[]): void {
    for (const place of held) this.place(place);
  }

  private place({ of, holds, problem }: HeldPlace): void {
    const labels = { kept: KEPT[of] };
    const sum = (countOf: (hold: HoldStatus) => number): number =>
      holds.reduce((total, hold) => total + countOf(hold), 0);
    const put = (name: NameOf<'gauge'>, value: number): void => this.set.gauge(name).set(labels, value);
    put('earshot_holds', holds.length);
    put(
      'earshot_held_files',
      sum(({ files }) => files),
    );
    put(
      'earshot_held_bytes',
      sum(({ bytes }) => bytes),
    );
    put(
      'earshot_holds_full',
      sum(({ fullSince }) => (fullSince === null ? 0 : 1)),
    );
    const incomplete = sum((hold) => (hold.problem === null ? 0 : 1));
    put('earshot_holds_incomplete', problem === null ? incomplete : Math.max(1, incomplete));
    const fills = holds.flatMap(({ bytes, maxBytes }) => (maxBytes ? [bytes / maxBytes] : []));
    if (fills.length === 0) this.set.gauge('earshot_held_fullest_ratio').remove(labels);
    else put('earshot_held_fullest_ratio', Math.max(...fills));
  }
}
