import type { Impairments } from './score.ts';

/** What the explanation may name. Everything is optional. */
export interface ExplainContext {
  /** The codec in words, `G.729A with VAD`. */
  codec?: string;
  /** Mouth-to-ear delay, ms; null when unknown, and then not in the score. */
  delayMs?: number | null;
  delaySource?: 'measured' | 'assumed';
  /** The playout model whose discards were counted. */
  playout?: string;
  /** Whether lost packets were taken to be concealed. */
  plc?: boolean;
}

export interface Explanation {
  /** What takes most of the points lost; null when hardly anything is lost. */
  topReason: 'codec' | 'loss' | 'discard' | 'delay' | null;
  text: string;
}

/** Less than this, in points of R, is nothing to explain. */
const NEGLIGIBLE_POINTS = 1;
/** From here on whole points are exact enough. */
const WHOLE_POINTS_FROM = 10;

/**
 * One line on what a score lost most by: `packet loss costs 21 of the 28 points lost`. On a tie the cause that can be
 * acted on soonest: loss, discard, delay, codec.
 */
export function explain(impairments: Impairments, context: ExplainContext = {}): Explanation {
  const points = {
    loss: Math.max(0, impairments.loss),
    discard: Math.max(0, impairments.discard),
    delay: Math.max(0, impairments.delay),
    codec: Math.max(0, impairments.codec),
  };
  const total = points.loss + points.discard + points.delay + points.codec;
  const unknownDelay = context.delayMs === null ? '; the delay is unknown and not counted' : '';
  if (!(total >= NEGLIGIBLE_POINTS)) {
    return { topReason: null, text: `nothing costs as much as one point${unknownDelay}` };
  }
  let topReason: keyof typeof points = 'loss';
  for (const reason of ['discard', 'delay', 'codec'] as const) {
    if (points[reason] > points[topReason]) topReason = reason;
  }
  const share =
    points[topReason] === total
      ? `all of the ${amount(total, total)} points lost`
      : `${amount(points[topReason], total)} of the ${amount(total, total)} points lost`;
  return { topReason, text: `${subject(topReason, context)} ${share}${unknownDelay}` };
}

function amount(points: number, total: number): string {
  return points.toFixed(total >= WHOLE_POINTS_FROM ? 0 : 1);
}

function subject(reason: 'codec' | 'loss' | 'discard' | 'delay', context: ExplainContext): string {
  switch (reason) {
    case 'loss':
      return context.plc === false ? 'packet loss (taken to be unconcealed) costs' : 'packet loss costs';
    case 'discard':
      return `packets that come too late or too early to be played${inBrackets(context.playout)} cost`;
    case 'delay': {
      const { delayMs } = context;
      if (typeof delayMs !== 'number') return 'delay costs';
      const source = context.delaySource === 'assumed' ? ', partly assumed' : '';
      return `delay (${delayMs.toFixed(0)} ms mouth to ear${source}) costs`;
    }
    case 'codec':
      return `the codec${inBrackets(context.codec)} costs`;
  }
}

function inBrackets(text: string | undefined): string {
  return text === undefined || text === '' ? '' : ` (${text})`;
}
