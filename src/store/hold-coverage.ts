/** A stretch of time, us since the epoch, both ends inclusive. */
export interface Stretch {
  fromUs: number;
  toUs: number;
}

/**
 * Why a stretch of a hold is missing: before the first packet that is held, because the hold has no more room, because
 * nothing was kept meanwhile, or after the last packet.
 */
export type MissingReason = 'before_first' | 'limit' | 'nothing_kept' | 'after_last';

export interface Missing extends Stretch {
  reason: MissingReason;
}

/** At the ends of a hold this much may be missing without a word: no packet comes at the very instant. */
const END_US = 1_000_000;
/** A line without any packet for so long is worth a word, whatever was the cause. */
const SILENCE_US = 10_000_000;

/**
 * What of a span is not in the parts there are.
 *
 * @param parts in the order of their beginnings; they may overlap
 * @param fullUs from when on nothing is held for want of room; null where there was room for all
 */
export function missingOf(span: Stretch, parts: readonly Stretch[], fullUs: number | null): Missing[] {
  const missing: Missing[] = [];
  const limitUs = Math.min(span.toUs, fullUs ?? Number.POSITIVE_INFINITY);
  let untilUs = span.fromUs;
  let isFirst = true;
  for (const { fromUs, toUs } of parts) {
    if (toUs < span.fromUs || fromUs > limitUs) continue;
    const reason = isFirst ? 'before_first' : 'nothing_kept';
    if (fromUs - untilUs > (isFirst ? END_US : SILENCE_US))
      missing.push({ fromUs: untilUs, toUs: fromUs, reason });
    untilUs = Math.max(untilUs, toUs);
    isFirst = false;
  }
  if (limitUs - untilUs > (isFirst ? END_US : SILENCE_US))
    missing.push({ fromUs: untilUs, toUs: limitUs, reason: isFirst ? 'nothing_kept' : 'after_last' });
  if (limitUs < span.toUs)
    missing.push({ fromUs: Math.max(limitUs, span.fromUs), toUs: span.toUs, reason: 'limit' });
  return missing;
}
