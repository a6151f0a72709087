import type { LiveRecord } from '../../../src/live/live-records.ts';
import type { NameOf } from '../../../src/metrics/catalogue.ts';
import { codecLabel } from '../../../src/metrics/codec-label.ts';
import { boundsOf } from '../../../src/metrics/metric-set.ts';
import { panelQueries } from './queries.ts';
import { groups } from './traffic.ts';

type Interval = Extract<LiveRecord, { type: 'interval' }>;
type IntervalHistogram = Extract<NameOf<'histogram'>, `earshot_interval_${string}`>;

/** A percentile that a panel shows. */
export interface ShownPercentile {
  q: number;
  histogram: IntervalHistogram;
  /** As it stands in the panel, over today. */
  expr: string;
  scale: string | null;
}

const FORM =
  /histogram_quantile\(([\d.]+), sum by \([^)]*\) \(rate\((earshot_interval_\w+)_bucket\{([^}]*)\}\[\$window\]\)\)\)/g;

/** Every percentile of intervals that is in a panel, each once. */
export function shownPercentiles(): ShownPercentile[] {
  const found = new Map<string, ShownPercentile>();
  for (const { expr } of panelQueries()) {
    for (const [text, q, name, matchers] of expr.matchAll(FORM)) {
      const scale = /scale="(\w+)"/.exec(matchers!)?.[1] ?? null;
      found.set(text, { q: Number(q), histogram: name as IntervalHistogram, expr: text, scale });
    }
  }
  return [...found.values()];
}

const READ: Record<IntervalHistogram, (interval: Interval) => number | null> = {
  earshot_interval_loss_ratio: ({ lost, expected }) => (expected > 0 ? lost / expected : null),
  earshot_interval_discard_ratio: ({ discarded, expected }) => (expected > 0 ? discarded / expected : null),
  earshot_interval_jitter_seconds: ({ jitterMs }) => (jitterMs === null ? null : jitterMs / 1000),
  earshot_interval_pdv_p95_seconds: ({ pdvP95Ms }) => (pdvP95Ms === null ? null : pdvP95Ms / 1000),
  earshot_interval_r_factor: ({ rFactor }) => rFactor,
  earshot_interval_mos_lq: ({ mosLq }) => mosLq,
  earshot_interval_mos_cq: ({ mosCq }) => mosCq ?? null,
};

const PLACES = groups();

function labelsOf({ src, dst, codec, scale, vlans, sender }: Interval): Record<string, string | null> {
  const { site, trunk, direction } = PLACES.place({
    ...{ source: src.ip, destination: dst.ip, vlans },
    ...{ userAgent: sender?.userAgent ?? null, headers: sender?.headers ?? {} },
  });
  return { site, trunk, direction, codec: codecLabel(codec), scale };
}

/**
 * The exact percentile (nearest rank) of the intervals that have these labels; null where there are none.
 *
 * @param whole how `q` times their number becomes a rank: up, or as InfluxQL does it, to the nearest
 */
export function exactPercentile(
  records: readonly LiveRecord[],
  { q, histogram, scale }: ShownPercentile,
  labels: Readonly<Record<string, string>>,
  whole: (rank: number) => number = Math.ceil,
): { value: number; samples: number } | null {
  const wanted: Record<string, string> = scale === null ? labels : { ...labels, scale };
  const values = records
    .filter((record) => record.type === 'interval')
    .filter((record) => {
      const has = labelsOf(record);
      return Object.entries(wanted).every(([name, value]) => has[name] === value);
    })
    .map(READ[histogram])
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  if (values.length === 0) return null;
  return { value: values[Math.max(0, whole(q * values.length) - 1)]!, samples: values.length };
}

/** Which bucket a value is in; what lies on a bound belongs below it, of scores above it. */
export function bucketOf(histogram: IntervalHistogram, value: number): number {
  const isScore = /mos|r_factor/.test(histogram);
  const bounds = boundsOf(histogram);
  const at = bounds.findIndex((bound) => (isScore ? value < bound : value <= bound));
  return at < 0 ? bounds.length : at;
}
