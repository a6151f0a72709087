/** Percentiles (nearest rank) of delay above that of the fastest packet, ms. */
export interface DelayVariation {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Windows that a drift is told from, and their length. */
const WINDOW_US = 10e6;
const WINDOWS_MIN = 6;
/** Share of the slopes that must point the same way; what is left of jitter in the least transits points anywhere. */
const AGREED_SHARE = 0.9;
/** Less is no drift: a minute of it is a tenth of a millisecond. */
const DRIFT_PPM_MIN = 2;

/** How much each transit is above the least, ms; null without any. */
export function delayVariation(transitsUs: Float64Array): DelayVariation | null {
  if (transitsUs.length === 0) return null;
  const sorted = transitsUs.slice().sort();
  const least = sorted[0]!;
  const at = (share: number): number => (sorted[Math.ceil(share * sorted.length) - 1]! - least) / 1000;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/**
 * Slope of the least transit of each ten seconds against time, in millionths: what two clocks drift apart. The least ones
 * have waited nowhere, so a queue does not look like a clock. The median of the slopes between all pairs (Theil and Sen),
 * 0 where they do not agree which way; null where a minute is not covered.
 */
export function driftOf(timesUs: Float64Array, transitsUs: Float64Array): number | null {
  const least = new Map<number, { timeUs: number; transitUs: number }>();
  for (let at = 0; at < timesUs.length; at++) {
    const window = Math.floor(timesUs[at]! / WINDOW_US);
    const known = least.get(window);
    const transitUs = transitsUs[at]!;
    if (known === undefined || transitUs < known.transitUs)
      least.set(window, { timeUs: timesUs[at]!, transitUs });
  }
  if (least.size < WINDOWS_MIN) return null;
  const points = thinned([...least.values()], 400);
  const slopes: number[] = [];
  for (const [at, from] of points.entries())
    for (const to of points.slice(at + 1))
      slopes.push(((to.transitUs - from.transitUs) / (to.timeUs - from.timeUs)) * 1e6);
  const slope = median(slopes);
  const agreed = slopes.filter((each) => Math.sign(each) === Math.sign(slope)).length;
  return agreed >= AGREED_SHARE * slopes.length ? slope : 0;
}

/** What the clock of the second tap gains on that of the first since `fromUs`, by the clock of the first. */
export interface Drift {
  ppm: number;
  fromUs: number;
}

/** A transit from the first tap to the second, us, as if the clocks had not drifted since; `timeUs` is when it began. */
export function undrifted(transitUs: number, timeUs: number, { ppm, fromUs }: Drift): number {
  return ppm === 0 ? transitUs : transitUs - ((timeUs - fromUs) * ppm) / 1e6;
}

/** The drift that is to be taken out: the median of what the streams show, 0 where that is too little. */
export function commonDrift(drifts: readonly number[]): number {
  const drift = drifts.length === 0 ? 0 : median(drifts);
  return Math.abs(drift) < DRIFT_PPM_MIN ? 0 : drift;
}

/** Takes a drift out of transits. */
export function withoutDrift(
  timesUs: Float64Array,
  transitsUs: Float64Array,
  driftPpm: number,
): Float64Array {
  if (driftPpm === 0 || timesUs.length === 0) return transitsUs;
  const from = timesUs[0]!;
  return transitsUs.map((transit, at) => transit - ((timesUs[at]! - from) * driftPpm) / 1e6);
}

/** The middle value; the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function thinned<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.ceil(items.length / most);
  return items.filter((_, at) => at % step === 0);
}
