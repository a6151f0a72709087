import { widenWindow } from './delay-variation.ts';
import { SPIKE_STEP_MS } from './happenings.ts';
import { delayBucket, HISTOGRAM_STRIDE, jitterBucket } from './histograms.ts';
import { pendingBoundary } from './interval-settle.ts';
import { IPDV_BUCKETS, ipdvBucket } from './ipdv.ts';
import { countJitter, WARM_UP_PACKETS } from './jitter.ts';
import { IN_RUN } from './playout/fixed.ts';
import { play } from './playout/play.ts';
import { PACKETS_BETWEEN_VERDICTS } from './sequence.ts';
import type { StreamColumns } from './stream-columns.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';
import { FINAL_DISTANCE } from './verdicts.ts';

/**
 * Measures arrivals `from` to `end` of a steady stream: both jitter estimators, the delay, and what else a packet in
 * order is counted in. Stops before the end of an interval, and before a step of the delay that is worth a note, as a
 * pause's is. Verdicts that are due after it are the caller's.
 *
 * @param arrivals capture times, us, the first of them at index `at`
 * @param owner the table, where all of the stream may be touched; null in a thread that has the columns alone, and stops
 * before a count that outgrows them
 * @returns the first arrival not measured
 */
export function measureRun(
  columns: StreamColumns,
  slot: number,
  arrivals: Float64Array,
  at: number,
  from: number,
  end: number,
  owner: StreamTable | null,
): number {
  const { doubles: d, integers: n, jitterCounts, windowCounts, ipdvWindow } = columns;
  const { runDelaysMs, runTimesUs } = columns.playout;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const countBase = slot * HISTOGRAM_STRIDE;
  const ipdvBase = slot * IPDV_BUCKETS;
  const msPerTick = d[base + row.MS_PER_TICK]!;
  const ticksPerUs = d[base + row.TICKS_PER_US]!;
  const firstUs = d[base + row.FIRST_US]!;
  const nextCheckUs = d[base + row.NEXT_CHECK_US]!;
  const frame = n[intBase + row.FRAME_TICKS]!;
  const frameMs = frame * msPerTick;
  let lastUs = d[base + row.LAST_US]!;
  let referenceUs = d[base + row.REFERENCE_US]!;
  let maxDeltaMs = d[base + row.MAX_DELTA_MS]!;
  let timestamp = n[intBase + row.REFERENCE_TIMESTAMP]!;
  let transit = n[intBase + row.RFC_TRANSIT]!;
  let literal = d[base + row.RFC_JITTER_MS]!;
  let literalSum = d[base + row.RFC_JITTER_SUM_MS]!;
  let literalMax = d[base + row.RFC_JITTER_MAX_MS]!;
  let jitter = d[base + row.JITTER_MS]!;
  let jitterSum = d[base + row.INTERVAL_JITTER_SUM_MS]!;
  let jitterMax = d[base + row.JITTER_MAX_MS]!;
  let delay = d[base + row.LAST_DELAY_MS]!;
  let windowMin = d[base + row.WINDOW_MIN_MS]!;
  let windowMax = d[base + row.WINDOW_MAX_MS]!;
  let windowOrigin = d[base + row.WINDOW_ORIGIN_MS]!;
  const runBefore = n[intBase + row.RUN_PACKETS]!;
  let run = runBefore;
  let k = from;
  for (; k < end; k++) {
    const timeUs = arrivals[at + k]!;
    const delayStepMs = (timeUs - referenceUs) * 0.001 - frameMs;
    if (delayStepMs > SPIKE_STEP_MS || (timeUs >= nextCheckUs && k > from)) break;
    const nextJitter = jitter + ((delayStepMs < 0 ? -delayStepMs : delayStepMs) - jitter) * 0.0625;
    if (run + 1 >= WARM_UP_PACKETS) {
      const bucket = jitterBucket(nextJitter);
      const jitters = jitterCounts[countBase + bucket]!;
      if (jitters !== 0xffff) jitterCounts[countBase + bucket] = jitters + 1;
      else if (owner === null) break;
      else countJitter(owner, slot, bucket);
      jitterSum += nextJitter;
      if (nextJitter > jitterMax) jitterMax = nextJitter;
    }
    jitter = nextJitter;
    run++;
    const deltaMs = (timeUs - lastUs) * 0.001;
    if (deltaMs > maxDeltaMs) maxDeltaMs = deltaMs;
    lastUs = timeUs;
    referenceUs = timeUs;
    timestamp = (timestamp + frame) | 0;

    const newTransit = ((Math.round((timeUs - firstUs) * ticksPerUs) | 0) - timestamp) | 0;
    const difference = (newTransit - transit) | 0;
    transit = newTransit;
    literal += ((difference < 0 ? -difference : difference) * msPerTick - literal) * 0.0625;
    literalSum += literal;
    if (literal > literalMax) literalMax = literal;

    delay += delayStepMs;
    runDelaysMs[k - from] = delay;
    runTimesUs[k - from] = timeUs;
    if (!(delay >= windowMin && delay <= windowMax)) {
      widenWindow(columns, slot, delay, timeUs);
      windowMin = d[base + row.WINDOW_MIN_MS]!;
      windowMax = d[base + row.WINDOW_MAX_MS]!;
      windowOrigin = d[base + row.WINDOW_ORIGIN_MS]!;
    }
    const ipdvAt = ipdvBase + ipdvBucket(delayStepMs);
    const steps = ipdvWindow[ipdvAt]!;
    if (steps !== 0xffff) ipdvWindow[ipdvAt] = steps + 1;
    const delayAt = countBase + delayBucket(delay - windowOrigin);
    const count = windowCounts[delayAt]!;
    if (count !== 0xffff) windowCounts[delayAt] = count + 1;
  }
  if (k === from) return k;
  d[base + row.LAST_US] = lastUs;
  d[base + row.REFERENCE_US] = referenceUs;
  d[base + row.MAX_DELTA_MS] = maxDeltaMs;
  d[base + row.RFC_JITTER_MS] = literal;
  d[base + row.RFC_JITTER_SUM_MS] = literalSum;
  d[base + row.RFC_JITTER_MAX_MS] = literalMax;
  d[base + row.JITTER_MS] = jitter;
  d[base + row.INTERVAL_JITTER_SUM_MS] = jitterSum;
  d[base + row.JITTER_MAX_MS] = jitterMax;
  d[base + row.LAST_DELAY_MS] = delay;
  n[intBase + row.REFERENCE_TIMESTAMP] = timestamp;
  n[intBase + row.RFC_TRANSIT] = transit;
  n[intBase + row.RUN_PACKETS] = run;
  const counted = Math.max(0, run - Math.max(runBefore, WARM_UP_PACKETS - 1));
  n[intBase + row.INTERVAL_JITTER_COUNT] = n[intBase + row.INTERVAL_JITTER_COUNT]! + counted;
  play(columns, slot, k - from, n[intBase + row.HIGHEST]! + 1, IN_RUN);
  countMeasured(n, intBase, k - from);
  return k;
}

/** What counts packets, and the numbers they brought. */
function countMeasured(n: Int32Array, base: number, packets: number): void {
  const highest = n[base + row.HIGHEST]! + packets;
  n[base + row.HIGHEST] = highest;
  n[base + row.REFERENCE_SEQUENCE] = highest;
  n[base + row.RFC_JITTER_COUNT] = n[base + row.RFC_JITTER_COUNT]! + packets;
  n[base + row.INTERVAL_PACKETS] = n[base + row.INTERVAL_PACKETS]! + packets;
}

/** How many packets in order may follow before verdicts are due: a run goes no farther, as the long way does not. */
export function packetsToVerdicts(columns: StreamColumns, slot: number): number {
  const n = columns.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  return Math.max(1, n[base + row.NEXT_FINAL]! + PACKETS_BETWEEN_VERDICTS - n[base + row.HIGHEST]!);
}

/** Is nothing missing of what waits for its verdict? Then the verdicts need the columns alone. */
export function hasNoHoles(columns: StreamColumns, slot: number): boolean {
  const n = columns.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  return n[base + row.CLEAN_FROM]! <= n[base + row.NEXT_FINAL]!;
}

/** Was every number below `end` received whose verdict is open? */
export function isReceivedTo(columns: StreamColumns, slot: number, end: number): boolean {
  const n = columns.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const stop = Math.min(end, n[base + row.CLEAN_FROM]!);
  for (let number = n[base + row.NEXT_FINAL]!; number < stop; number++) {
    if ((n[base + row.SEEN + ((number >> 5) & 31)]! & (1 << (number & 31))) === 0) return false;
  }
  return true;
}

/**
 * Gives the verdicts that are due where all they say is "received": nothing lost, nothing discarded, and no interval
 * waits for one of them. The same as `finalizeThrough` would.
 *
 * @returns false when they are due and need more than that
 */
export function giveCleanVerdicts(columns: StreamColumns, slot: number): boolean {
  const n = columns.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const next = n[base + row.NEXT_FINAL]!;
  const highest = n[base + row.HIGHEST]!;
  if (highest - next < PACKETS_BETWEEN_VERDICTS) return true;
  const end = highest - FINAL_DISTANCE;
  const boundary = pendingBoundary(columns, slot);
  const clean = isReceivedTo(columns, slot, end) && next > n[base + row.LAST_DROPPED]!;
  if (!clean || (boundary >= next && boundary <= end)) return false;
  n[base + row.GOOD_RUN] = n[base + row.GOOD_RUN]! + end - next;
  n[base + row.INTERVAL_EXPECTED] = n[base + row.INTERVAL_EXPECTED]! + end - next;
  n[base + row.NEXT_FINAL] = end;
  return true;
}
