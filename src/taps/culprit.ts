import type { Culprit, SegmentLoss } from './taps-contract.ts';

/** Loss below this is not worth naming a segment for. */
const LOSS_RATIO_MIN = 0.001;
/** Delay variation, ms, below which nobody hears it. */
const VARIATION_MS_MIN = 2;

/** The part of the way that lost most; `none` where all lost next to nothing. */
export function lossCulprit(
  before: SegmentLoss | null,
  between: SegmentLoss,
  after: SegmentLoss | null,
): Culprit {
  const shares: [Culprit, number][] = [
    ['between', shareOf(between)],
    ['sender_to_first', shareOf(before)],
    ['second_to_receiver', shareOf(after)],
  ];
  const [culprit, share] = shares.reduce((worst, each) => (each[1] > worst[1] ? each : worst));
  return share >= LOSS_RATIO_MIN ? culprit : 'none';
}

function shareOf(loss: SegmentLoss | null): number {
  return loss === null || loss.of === 0 ? 0 : loss.lost / loss.of;
}

/** Whether more delay variation came into the stream between the points than it had before. */
export function variationCulprit(beforeMs: number | null, addedMs: number | null): Culprit {
  if (addedMs === null) return 'unknown';
  if (Math.max(addedMs, beforeMs ?? 0) < VARIATION_MS_MIN) return 'none';
  return addedMs >= (beforeMs ?? 0) ? 'between' : 'sender_to_first';
}

/** Losses of several streams together; null where none is known. */
export function sumOf(losses: readonly (SegmentLoss | null)[]): SegmentLoss | null {
  const known = losses.filter((loss) => loss !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, { lost, of }) => ({ lost: sum.lost + lost, of: sum.of + of }), {
    lost: 0,
    of: 0,
  });
}
