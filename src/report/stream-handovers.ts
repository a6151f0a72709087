import type { ReportStream } from './contract.ts';
import { microsOf } from './iso-time.ts';

/**
 * One stream of a direction ends and another goes on: its sender took another SSRC, or it has one from elsewhere.
 * Whether packets are missing between the two is not known: each SSRC counts from a number of its own (RFC 3550 5.1).
 */
export interface Handover {
  before: ReportStream;
  after: ReportStream;
  /** The first packet of `after`. */
  atUs: number;
  /** Last packet of `before` to first packet of `after`; negative where they overlap. */
  betweenMs: number;
}

/** What is late of a stream may come after the first packets of the one that goes on. */
const OVERLAP_MAX_US = 500_000;
/** Streams of one direction that are compared, the first ones: each is with all before it. */
const COMPARED_MAX = 256;

interface Timed {
  stream: ReportStream;
  startUs: number;
  endUs: number;
}

/**
 * The handovers of a call, by time. Streams beside one that flows (a second view of it, keys with an SSRC
 * of their own, another media line) hand nothing over, nor does one within another.
 */
export function handovers(streams: readonly ReportStream[]): Handover[] {
  const found: Handover[] = [];
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const timed = streams.filter((stream) => stream.direction === direction && isSound(stream)).map(timedOf);
    timed.sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
    timed.length = Math.min(timed.length, COMPARED_MAX);
    const told = new Set<string>();
    for (const after of timed) {
      const before = predecessor(timed, after);
      if (before === null) continue;
      // Where the mirror shows a direction twice, before and after a relay, the same happens on both.
      const pair = `${before.stream.ssrc} ${after.stream.ssrc}`;
      if (told.has(pair)) continue;
      told.add(pair);
      found.push({
        before: before.stream,
        after: after.stream,
        atUs: after.startUs,
        betweenMs: (after.startUs - before.endUs) / 1000,
      });
    }
  }
  return found.sort((a, b) => a.atUs - b.atUs);
}

/**
 * The stream that this one goes on with: the last to end of those that have, or the one between the same ends that ended
 * with it. Beside others that flow on it can only be one between the same ends.
 */
function predecessor(streams: readonly Timed[], after: Timed): Timed | null {
  const earlier = streams.filter(({ startUs }) => startUs < after.startUs);
  const ended = earlier.filter(({ endUs }) => endUs <= after.startUs + OVERLAP_MAX_US);
  ended.sort((a, b) => b.endUs - a.endUs);
  const [last] = ended;
  if (last === undefined) return null;
  const same = ended.find(({ stream }) => hasSameEnds(stream, after.stream));
  const isAlone = ended.length === earlier.length;
  if (same !== undefined && (!isAlone || last.endUs - same.endUs <= OVERLAP_MAX_US)) return same;
  return isAlone ? last : null;
}

function hasSameEnds(a: ReportStream, b: ReportStream): boolean {
  return isSameSource(a, b) && isSameDestination(a, b);
}

/** Whether two streams come from one address and port. */
export function isSameSource({ src: a }: ReportStream, { src: b }: ReportStream): boolean {
  return a.ip === b.ip && a.port === b.port;
}

/** Whether two streams go to one address and port. */
export function isSameDestination({ dst: a }: ReportStream, { dst: b }: ReportStream): boolean {
  return a.ip === b.ip && a.port === b.port;
}

/** Audio that is more than keys. */
function isSound({ quality, noScore, media, packets }: ReportStream): boolean {
  return (quality !== null || noScore !== null) && media.eventPackets < packets;
}

function timedOf(stream: ReportStream): Timed {
  const startUs = microsOf(stream.startTime) ?? 0;
  return { stream, startUs, endUs: microsOf(stream.endTime) ?? startUs };
}
