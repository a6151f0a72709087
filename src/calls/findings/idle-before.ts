import type { StreamRecord } from '../../records/types.ts';

/** Shorter, and no NAT or firewall in use forgets a flow by it (RFC 4787 asks for two minutes, half a minute is usual). */
const IDLE_MIN_US = 10_000_000;

/**
 * How long none of these streams had sent anything at a moment, ms: the streams of the other direction, as one stopped.
 * Null where that was less than ten seconds, where nothing had been sent at all, and where it is not known. Only RTP
 * counts: what keeps a flow open besides (RTCP on its port, STUN, empty packets) is not looked at.
 */
export function idleBeforeMs(streams: readonly StreamRecord[], atUs: number): number | null {
  const lastUs = Math.max(...streams.map((stream) => lastPacketUs(stream, atUs)));
  const idleUs = atUs - lastUs;
  return idleUs >= IDLE_MIN_US && Number.isFinite(idleUs) ? idleUs / 1000 : null;
}

/** When the last packet before a moment came; the moment itself where there was one within the last seconds. */
function lastPacketUs({ startUs, endUs, history }: StreamRecord, atUs: number): number {
  if (startUs > atUs) return Number.NEGATIVE_INFINITY;
  if (endUs <= atUs) return endUs;
  for (const { atMs, durationMs } of [...history.gaps, ...history.longSilences]) {
    const fromUs = startUs + atMs * 1000;
    if (fromUs <= atUs && fromUs + durationMs * 1000 > atUs) return fromUs;
  }
  return atUs;
}
