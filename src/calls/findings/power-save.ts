import type { StreamRecord } from '../../records/types.ts';

/** 100 time units of 1024 us: the beacon interval that access points come with. Wake-ups are multiples of it. */
const BEACON_MS = 102.4;
/** Clocks of access point and capture, ppm, and in which steps they are tried. */
const CLOCKS_OFF_PPM = 150;
const CLOCK_STEP_PPM = 50;
/** Beats are compared over this time at most: longer, and the clocks' difference would have to be known better. */
const SPAN_MAX_MS = 120_000;
/** Over less, a timer of 100 ms looks the same. */
const SPAN_MIN_MS = 8000;
const RELEASES_MIN = 12;
/** How well the releases keep to the beat (1: exactly), and Rayleigh's statistic: chance reaches 12 once in 160,000. */
const CONCENTRATION_MIN = 0.8;
const RAYLEIGH_MIN = 12;
/** No beacon is waited for longer than by a device that wakes up for every third (DTIM 3), give or take. */
const WAIT_MAX_MS = 350;

/** Packets that pile up and are released together, at multiples of Wi-Fi's beacon interval. */
export interface PowerSave {
  releases: number;
  longestWaitMs: number;
}

/**
 * Wi-Fi power save: what is for a device that sleeps waits at its access point for a beacon. Null where the moments at
 * which late packets come do not keep to beacons, or where more is lost than waits.
 */
export function powerSave({
  history: { spikes },
  pdvMs,
  startUs,
  lostRatio,
}: StreamRecord): PowerSave | null {
  const timesMs: number[] = [];
  let longestWaitMs = 0;
  for (let i = 0; i < spikes.length && spikes.atMs(i) - spikes.atMs(0) <= SPAN_MAX_MS; i++) {
    timesMs.push(((startUs / 1000) % BEACON_MS) + spikes.atMs(i));
    longestWaitMs = Math.max(longestWaitMs, spikes.value(i));
  }
  const releases = timesMs.length;
  if (releases < RELEASES_MIN || timesMs.at(-1)! - timesMs[0]! < SPAN_MIN_MS) return null;
  if (lostRatio >= 0.01 || longestWaitMs > WAIT_MAX_MS) return null;
  // A delay that stayed after each of them would have added up.
  if ((pdvMs.p95 ?? 0) > WAIT_MAX_MS) return null;
  let best = 0;
  for (let ppm = -CLOCKS_OFF_PPM; ppm <= CLOCKS_OFF_PPM; ppm += CLOCK_STEP_PPM) {
    best = Math.max(best, concentration(timesMs, BEACON_MS * (1 + ppm * 1e-6)));
  }
  return best >= CONCENTRATION_MIN && releases * best * best >= RAYLEIGH_MIN
    ? { releases, longestWaitMs }
    : null;
}

/** Length of the mean of the moments' phases as unit vectors: 1 when all keep to the period, near 0 for chance. */
function concentration(timesMs: readonly number[], periodMs: number): number {
  let x = 0;
  let y = 0;
  for (const ms of timesMs) {
    const phase = (2 * Math.PI * ms) / periodMs;
    x += Math.cos(phase);
    y += Math.sin(phase);
  }
  return Math.hypot(x, y) / timesMs.length;
}

/** What it adds to the sentence about late packets. */
export function powerSaveText(found: PowerSave | null): string {
  return found === null
    ? ''
    : `; they pile up and are released at multiples of ${BEACON_MS} ms, the beat of Wi-Fi beacons: a device in power save`;
}

/** The same as evidence. */
export function powerSaveEvidence(found: PowerSave | null): { signature: string; releases: number } | null {
  return found === null ? null : { signature: 'wifi_power_save', releases: found.releases };
}
