import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { DelayPicture } from './delay-picture.ts';

/** Delay above the least of the seconds in which packets were lost, and of the others, ms; null where there are none. */
export interface DelayBesideLoss {
  atLossMs: number | null;
  elsewhereMs: number | null;
  /** The delay rose where packets were lost: a queue was full. False: it did not; null: not to be told. */
  queued: boolean | null;
}

/** So many intervals of a kind say something. */
const INTERVALS_MIN = 2;
const PACKETS_MIN = 50;
/** A queue that is full has been filling: so much more delay, and so many times as much as elsewhere. */
const QUEUE_MS = 20;
const QUEUE_TIMES = 2;
/** A delay so little above the least was not behind any queue. */
const QUIET_MS = 8;
/** A change of the path is known to an interval of 5 s. */
const CHANGING_US = 7_500_000;

/**
 * Whether loss came with delay. A full queue delays before it drops; a policer, a bad cable and a radio link drop
 * without. Medians of the 95th percentiles of the intervals, above the least delay of the stream: in a queue that stands
 * full for long the delay hardly varies. Where the path changed, a higher delay says nothing by itself: what is higher
 * must be so above the least of its own path.
 */
export function delayBesideLoss(stream: StreamRecord, { levels, pathsUs }: DelayPicture): DelayBesideLoss {
  const whole = medians(stream, levels, []);
  const onPath = pathsUs.length === 0 ? whole : medians(stream, levels, pathsUs);
  const { atLossMs, elsewhereMs } = onPath;
  if (whole.atLossMs === null || atLossMs === null) return { ...whole, queued: null };
  if (whole.atLossMs < QUIET_MS) return { ...whole, queued: false };
  const isHigher =
    elsewhereMs !== null && atLossMs >= elsewhereMs + QUEUE_MS && atLossMs >= elsewhereMs * QUEUE_TIMES;
  return isHigher ? { ...onPath, queued: true } : { ...whole, queued: null };
}

type Medians = Pick<DelayBesideLoss, 'atLossMs' | 'elsewhereMs'>;

/** @param cutsUs times between which delays are compared with each other only */
function medians(
  { intervals }: StreamRecord,
  levels: DelayPicture['levels'],
  cutsUs: readonly number[],
): Medians {
  const atLoss: number[] = [];
  const elsewhere: number[] = [];
  const above = aboveLeast(levels, cutsUs);
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, packets, lost } = intervals.look(i);
    const delayMs = above.get(startUs);
    if (delayMs === undefined || packets < PACKETS_MIN) continue;
    // Packets of both paths, one more delayed than the other.
    if (cutsUs.some((cutUs) => Math.abs(startUs - cutUs) < CHANGING_US)) continue;
    (lost > 0 ? atLoss : elsewhere).push(delayMs);
  }
  return { atLossMs: median(atLoss), elsewhereMs: median(elsewhere) };
}

/** How far the delay of each interval was above the least of all that it compares with, ms, by when it began. */
function aboveLeast(levels: DelayPicture['levels'], cutsUs: readonly number[]): Map<number, number> {
  const leasts: number[] = [];
  const partOf: number[] = [];
  let part = 0;
  let cut = 0;
  for (const { startUs, leastMs, isBreak } of levels) {
    const isCut = startUs >= (cutsUs[cut] ?? Infinity);
    if (isBreak || isCut) part++;
    while (startUs >= (cutsUs[cut] ?? Infinity)) cut++;
    partOf.push(part);
    if (leastMs !== null) leasts[part] = Math.min(leasts[part] ?? leastMs, leastMs);
  }
  const above = new Map<number, number>();
  levels.forEach(({ startUs, leastMs, variationMs }, i) => {
    if (leastMs !== null) above.set(startUs, leastMs + variationMs - leasts[partOf[i]!]!);
  });
  return above;
}

function median(values: number[]): number | null {
  if (values.length < INTERVALS_MIN) return null;
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** What that means, as the end of a sentence about loss; empty where it means nothing. */
export function besideDelayText({ atLossMs, elsewhereMs, queued }: DelayBesideLoss): string {
  if (queued === true) {
    return `; the delay is up to ${atLossMs!.toFixed(0)} ms above its least there and ${elsewhereMs!.toFixed(0)} ms elsewhere: a queue was full`;
  }
  return queued === false ? '; no delay beside it, so no queue was full' : '';
}

/** The same as evidence. */
export function besideDelayEvidence({
  atLossMs,
  elsewhereMs,
  queued,
}: DelayBesideLoss): FindingRecord['evidence'] {
  return { delayAtLossMs: atLossMs, delayElsewhereMs: elsewhereMs, queueAtLoss: queued };
}
