import type { FindingRecord, StreamRecord } from '../../records/types.ts';

/** Delay variation of the seconds in which packets were lost, and of the others, ms; null where there are none. */
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
/** Delay that varies by less was not behind any queue. */
const QUIET_MS = 8;

/**
 * Whether loss came with delay. A full queue delays before it drops; a policer, a bad cable and a radio link drop
 * without. Medians of the 95th percentiles of the intervals.
 */
export function delayBesideLoss({ intervals }: StreamRecord): DelayBesideLoss {
  const atLoss: number[] = [];
  const elsewhere: number[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const { pdvP95Ms, packets, lost } = intervals.look(i);
    if (pdvP95Ms === null || packets < PACKETS_MIN) continue;
    (lost > 0 ? atLoss : elsewhere).push(pdvP95Ms);
  }
  const atLossMs = median(atLoss);
  const elsewhereMs = median(elsewhere);
  return { atLossMs, elsewhereMs, queued: wasQueued(atLossMs, elsewhereMs) };
}

function wasQueued(atLossMs: number | null, elsewhereMs: number | null): boolean | null {
  if (atLossMs === null) return null;
  if (atLossMs < QUIET_MS) return false;
  if (elsewhereMs === null) return null;
  return atLossMs >= elsewhereMs + QUEUE_MS && atLossMs >= elsewhereMs * QUEUE_TIMES ? true : null;
}

function median(values: number[]): number | null {
  if (values.length < INTERVALS_MIN) return null;
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** What that means, as the end of a sentence about loss; empty where it means nothing. */
export function besideDelayText({ atLossMs, elsewhereMs, queued }: DelayBesideLoss): string {
  if (queued === true) {
    return `; delay varies by ${atLossMs!.toFixed(0)} ms there and by ${elsewhereMs!.toFixed(0)} ms elsewhere: a queue was full`;
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
