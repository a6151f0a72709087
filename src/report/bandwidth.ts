import type { StreamSummary } from './record-store.ts';

/** What streams needed of a link together. */
export interface LinkLoad {
  /** The most at one time, kbit/s at IP, and the calls up with media then; a stream of no call counts as one. */
  peakKbps: number;
  callsAtPeak: number;
  /** What was not exceeded for 95 % of the time. */
  p95Kbps: number;
}

/** Time that is looked at, us; null for that from the first stream to the last. */
export interface LinkTime {
  startUs: number | null;
  endUs: number | null;
}

export type SentStream = Pick<StreamSummary, 'callId' | 'startUs' | 'endUs' | 'ipKbps'>;

const SHARE = 0.95;

/**
 * The bandwidth of all streams of one way added up over time: each counts with its mean rate from its first packet to its
 * last, so that what silence suppression makes of it within a stream is evened out. Time without any of them counts as none
 * used. Null where no stream has a rate.
 */
export function linkLoad(streams: readonly SentStream[], { startUs, endUs }: LinkTime): LinkLoad | null {
  const sent = streams.filter((stream) => stream.ipKbps !== null && stream.endUs > stream.startUs);
  if (sent.length === 0) return null;
  const spans = spansOf(sent);
  const peak = spans.reduce((most, span) => (span.kbps > most.kbps ? span : most));
  const firstUs = Math.min(startUs ?? Number.POSITIVE_INFINITY, spans[0]!.fromUs);
  const lastUs = Math.max(endUs ?? Number.NEGATIVE_INFINITY, spans.at(-1)!.toUs);
  return {
    peakKbps: peak.kbps,
    callsAtPeak: callsAt(sent, peak.fromUs),
    p95Kbps: exceededForLess(spans, lastUs - firstUs),
  };
}

/** A time in which nothing begins or ends. */
interface Span {
  fromUs: number;
  toUs: number;
  kbps: number;
}

function spansOf(sent: readonly SentStream[]): Span[] {
  const changes = sent.flatMap(({ startUs, endUs, ipKbps }) => [
    { atUs: startUs, kbps: ipKbps!, streams: 1 },
    { atUs: endUs, kbps: -ipKbps!, streams: -1 },
  ]);
  changes.sort((a, b) => a.atUs - b.atUs);
  const spans: Span[] = [];
  let kbps = 0;
  let streams = 0;
  let fromUs = changes[0]!.atUs;
  for (const change of changes) {
    if (change.atUs > fromUs) spans.push({ fromUs, toUs: change.atUs, kbps });
    fromUs = change.atUs;
    streams += change.streams;
    // Sums of fractions leave a rest, which must not add up.
    kbps = streams === 0 ? 0 : kbps + change.kbps;
  }
  return spans;
}

/** The least rate above which the link was for no more than 5 % of a time, us. */
function exceededForLess(spans: readonly Span[], totalUs: number): number {
  const allowedUs = totalUs * (1 - SHARE);
  let aboveUs = 0;
  for (const { fromUs, toUs, kbps } of [...spans].sort((a, b) => b.kbps - a.kbps)) {
    aboveUs += toUs - fromUs;
    if (aboveUs > allowedUs) return kbps;
  }
  return 0;
}

function callsAt(sent: readonly SentStream[], atUs: number): number {
  const calls = new Set<string>();
  let loose = 0;
  for (const { callId, startUs, endUs } of sent) {
    if (startUs > atUs || endUs <= atUs) continue;
    if (callId === null) loose++;
    else calls.add(callId);
  }
  return calls.size + loose;
}
