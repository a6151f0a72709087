import type { ArrivedPacket } from './network.ts';
import { RESTART_JUMP } from './sender.ts';
import type { BurstTruth, SequenceTruth } from './truth.ts';

/** Good (true) or lost (false), in sequence order, of packets that follow each other. */
export type Verdicts = boolean[];

const GMIN = 16;

/** Counts of a stream, and the verdicts of each of its unbroken runs. `arrived` in order of arrival. */
export function countSequence(arrived: readonly ArrivedPacket[]): {
  counts: SequenceTruth;
  runs: Verdicts[];
} {
  const seen = new Map<number, Set<number>>();
  const highest = new Map<number, number>();
  const counts: SequenceTruth = {
    packets: 0,
    octets: 0,
    expected: 0,
    lost: 0,
    lostRatio: 0,
    duplicates: 0,
    mirrorDuplicates: 0,
    reordered: 0,
    restarts: 0,
    interruptions: 0,
    lossRuns: {},
  };
  for (const packet of arrived) {
    if (packet.copy === 'mirror') {
      counts.mirrorDuplicates++;
      continue;
    }
    const { segment, extended } = packet;
    const numbers = seen.get(segment) ?? new Set<number>();
    seen.set(segment, numbers);
    if (numbers.has(extended)) {
      counts.duplicates++;
      continue;
    }
    numbers.add(extended);
    counts.packets++;
    counts.octets += packet.payload.length;
    if (extended < (highest.get(segment) ?? extended)) counts.reordered++;
    highest.set(segment, Math.max(extended, highest.get(segment) ?? extended));
  }
  counts.restarts = seen.size - 1;
  const runs = [...seen.values()].flatMap(unbrokenRuns);
  counts.interruptions = runs.length - seen.size;
  for (const run of runs) counts.expected += run.length;
  counts.lost = counts.expected - counts.packets;
  counts.lostRatio = counts.lost / counts.expected;
  for (const length of runs.flatMap(lossRunLengths)) {
    counts.lossRuns[length] = (counts.lossRuns[length] ?? 0) + 1;
  }
  return { counts, runs };
}

/** Cuts the numbers of one segment where an interruption is, and says of each number in between if it came. */
function unbrokenRuns(numbers: Set<number>): Verdicts[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const runs: Verdicts[] = [];
  let run: Verdicts = [];
  sorted.forEach((number, i) => {
    const step = i === 0 ? 1 : number - sorted[i - 1]!;
    if (step >= RESTART_JUMP) {
      runs.push(run);
      run = [];
    } else {
      for (let n = 1; n < step; n++) run.push(false);
    }
    run.push(true);
  });
  runs.push(run);
  return runs;
}

function lossRunLengths(verdicts: Verdicts): number[] {
  const text = verdicts.map((good) => (good ? '1' : '0')).join('');
  return (text.match(/0+/g) ?? []).map((zeros) => zeros.length);
}

/**
 * Bursts and gaps by the definition of RFC 3611 4.7.2: a burst is a longest stretch that begins and ends with a
 * loss, has at least two of them and nowhere 16 or more good packets in a row; everything else is gap.
 * Runs are taken one by one and pooled: nothing spans a restart.
 */
export function measureBursts(runs: readonly Verdicts[], ptimeMs: number, lostRatio: number): BurstTruth {
  const bursts: Verdicts[] = [];
  const gaps: Verdicts[] = [];
  for (const run of runs) {
    let at = 0;
    for (const [first, last] of burstBounds(run)) {
      if (first > at) gaps.push(run.slice(at, first));
      bursts.push(run.slice(first, last + 1));
      at = last + 1;
    }
    if (at < run.length) gaps.push(run.slice(at));
  }
  const lossRuns = runs.flatMap(lossRunLengths);
  return {
    gmin: GMIN,
    bursts: bursts.length,
    burstDensity: density(bursts),
    burstDurationMs: meanLength(bursts) * ptimeMs,
    gapDensity: density(gaps),
    gapDurationMs: meanLength(gaps) * ptimeMs,
    longestLossRun: lossRuns.reduce((most, length) => Math.max(most, length), 0),
    burstR: lossRuns.length === 0 ? 1 : (sum(lossRuns) / lossRuns.length) * (1 - lostRatio),
  };
}

/** First and last index of every burst. */
function burstBounds(verdicts: Verdicts): [number, number][] {
  const losses = verdicts.flatMap((good, i) => (good ? [] : [i]));
  const groups: number[][] = [];
  for (const loss of losses) {
    const group = groups.at(-1);
    const goodBetween = group === undefined ? Number.POSITIVE_INFINITY : loss - group.at(-1)! - 1;
    if (goodBetween < GMIN) group!.push(loss);
    else groups.push([loss]);
  }
  return groups.filter((group) => group.length >= 2).map((group) => [group[0]!, group.at(-1)!]);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function density(stretches: Verdicts[]): number {
  const packets = stretches.flat();
  return packets.length === 0 ? 0 : packets.filter((good) => !good).length / packets.length;
}

function meanLength(stretches: Verdicts[]): number {
  return stretches.length === 0 ? 0 : stretches.flat().length / stretches.length;
}
