import type { Direction, Endpoint } from './types.ts';

/** What is compared of an audio stream. */
export interface Flow {
  ssrc: string;
  direction: Direction | null;
  src: Endpoint;
  dst: Endpoint;
  startUs: number;
  endUs: number;
}

/**
 * One stream of a direction ends and another goes on: its sender took another SSRC, or it has one from elsewhere.
 * Whether packets are missing between the two is not known: each SSRC counts from a number of its own (RFC 3550 5.1).
 */
export interface Handover<F> {
  before: F;
  after: F;
  /** The first packet of `after`. */
  atUs: number;
  /** Last packet of `before` to first packet of `after`; negative where they overlap. */
  betweenMs: number;
}

/** What is late of a stream may come after the first packets of the one that goes on. */
const OVERLAP_MAX_US = 500_000;
/** Streams of one direction that are compared, the first ones: each is with all before it. */
const COMPARED_MAX = 256;

/**
 * The handovers between audio streams of a call, by time. Streams beside one that flows (a second view of it, keys with an
 * SSRC of their own, another media line) hand nothing over, nor does one within another.
 */
export function handoversOf<F extends Flow>(flows: readonly F[]): Handover<F>[] {
  const found: Handover<F>[] = [];
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const own = flows.filter((flow) => flow.direction === direction);
    if (own.length < 2) continue;
    own.sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
    own.length = Math.min(own.length, COMPARED_MAX);
    const told = new Set<string>();
    for (const after of own) {
      const before = predecessor(own, after);
      if (before === null) continue;
      // Where the mirror shows a direction twice, before and after a relay, the same happens on both.
      const pair = `${before.ssrc} ${after.ssrc}`;
      if (told.has(pair)) continue;
      told.add(pair);
      found.push({ before, after, atUs: after.startUs, betweenMs: (after.startUs - before.endUs) / 1000 });
    }
  }
  return found.sort((a, b) => a.atUs - b.atUs);
}

/**
 * The stream that this one goes on with: the last to end of those that have, or the one between the same ends that ended
 * with it. Beside others that flow on it can only be one between the same ends.
 */
function predecessor<F extends Flow>(flows: readonly F[], after: F): F | null {
  const earlier = flows.filter(({ startUs }) => startUs < after.startUs);
  const ended = earlier.filter(({ endUs }) => endUs <= after.startUs + OVERLAP_MAX_US);
  ended.sort((a, b) => b.endUs - a.endUs);
  const [last] = ended;
  if (last === undefined) return null;
  const same = ended.find((flow) => isSameSource(flow, after) && isSameDestination(flow, after));
  const isAlone = ended.length === earlier.length;
  if (same !== undefined && (!isAlone || last.endUs - same.endUs <= OVERLAP_MAX_US)) return same;
  return isAlone ? last : null;
}

/** Whether two streams come from one address and port. */
export function isSameSource({ src: a }: { src: Endpoint }, { src: b }: { src: Endpoint }): boolean {
  return isSamePlace(a, b);
}

/** Whether two streams go to one address and port. */
export function isSameDestination({ dst: a }: { dst: Endpoint }, { dst: b }: { dst: Endpoint }): boolean {
  return isSamePlace(a, b);
}

/** One address and one port. */
export function isSamePlace(a: Endpoint, b: Endpoint): boolean {
  return a.ip === b.ip && a.port === b.port;
}
