/** RTP clock rates in use, Hz (standards 1.4). An estimate is snapped to one of them or given up. */
const CLOCK_RATES: readonly number[] = [
  8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 72000, 90000,
];
const TOLERANCE = 0.01;

/** Least time and packets an estimate needs: shorter runs follow jitter rather than the clock. */
export const INFERENCE_SPAN_US = 2_000_000;
const INFERENCE_SAMPLES_MIN = 8;

/**
 * The clock rate behind a run of packets: the least-squares slope of timestamps over arrival times, snapped to a
 * known rate within 1 %.
 *
 * @param samples `count` records of `stride` numbers, arrival time (us) first and timestamp (32 bit) second
 * @returns Hz, or null when the run is too short or the slope fits no known rate
 */
export function inferClockRate(samples: Float64Array, count: number, stride: number): number | null {
  if (count < INFERENCE_SAMPLES_MIN) return null;
  const firstUs = samples[0]!;
  if (samples[(count - 1) * stride]! - firstUs < INFERENCE_SPAN_US) return null;
  let previous = samples[1]!;
  let ticks = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXx = 0;
  let sumXy = 0;
  for (let i = 0; i < count; i++) {
    const timestamp = samples[i * stride + 1]!;
    ticks += (timestamp - previous) | 0;
    previous = timestamp;
    const seconds = (samples[i * stride]! - firstUs) / 1e6;
    sumX += seconds;
    sumY += ticks;
    sumXx += seconds * seconds;
    sumXy += seconds * ticks;
  }
  const spread = count * sumXx - sumX * sumX;
  if (spread <= 0) return null;
  const slope = (count * sumXy - sumX * sumY) / spread;
  for (const rate of CLOCK_RATES) if (Math.abs(slope / rate - 1) <= TOLERANCE) return rate;
  return null;
}
