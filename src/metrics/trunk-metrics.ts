import type { StatusRecord } from '../live/live-records.ts';
import { labelValue } from './label-text.ts';
import type { MetricSet } from './metric-set.ts';

/** Trunks with a series of their own: their names are what Request-URIs say. */
const TRUNK_SERIES_MAX = 256;
const STATES = ['up', 'down', 'unknown'] as const;

/** How targets of OPTIONS stand, as gauges: each of them, and how many there are. */
export class TrunkMetrics {
  private readonly set: MetricSet;
  private shown = new Set<string>();

  constructor(set: MetricSet) {
    this.set = set;
  }

  /** Takes all trunks that are followed now. Those that are not any more lose their series. */
  stand(trunks: StatusRecord['trunks']): void {
    const counts = { up: 0, down: 0, unknown: 0 };
    const asked = new Map<string, { up: number; known: number; slowestMs: number }>();
    for (const { name, state, responseMs } of trunks) {
      counts[state]++;
      if (state === 'unknown') continue;
      const target = labelValue(name);
      const { up, known, slowestMs } = asked.get(target) ?? { up: 0, known: 0, slowestMs: -1 };
      if (known === 0 && asked.size >= TRUNK_SERIES_MAX) continue;
      asked.set(target, {
        up: up + (state === 'up' ? 1 : 0),
        known: known + 1,
        slowestMs: Math.max(slowestMs, responseMs ?? -1),
      });
    }
    for (const state of STATES) this.set.gauge('earshot_trunks').set({ state }, counts[state]);
    const gauge = this.set.gauge('earshot_trunk_up');
    const response = this.set.gauge('earshot_trunk_response_seconds');
    for (const target of this.shown) {
      if (!asked.has(target)) gauge.remove({ target });
      response.remove({ target });
    }
    for (const [target, { up, known, slowestMs }] of asked) {
      gauge.set({ target }, up / known);
      if (slowestMs >= 0) response.set({ target }, slowestMs / 1000);
    }
    this.shown = new Set(asked.keys());
  }
}
