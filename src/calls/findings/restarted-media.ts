import type { StreamRecord } from '../../records/types.ts';

/** A sender that stopped for a moment as a description came into force, and went on where its timestamps were. */
export interface Restart {
  /** When its first packet came, us. */
  atUs: number;
  /** By how much all that follows is later, ms. */
  stepMs: number;
}

/** A sender may stop when it makes or gets the offer, and takes a moment to go on after the answer. */
const BEFORE_US = 1_000_000;
const AFTER_US = 3_000_000;
/** The level of the delay keeps what one packet was late by, to this. */
const AGREE_MS = 10;
const AGREE_SHARE = 0.1;

/**
 * Where a stream began anew: packets by one way are later from then on by as much as its sender paused. A path that
 * becomes longer looks the same, but does not wait for signalling. `changesUs`: when the call was answered, and
 * when later descriptions of it came into force.
 */
export function restartsOf(stream: StreamRecord, changesUs: readonly number[]): Restart[] {
  const restarts: Restart[] = [];
  if (changesUs.length === 0) return restarts;
  const { spikes } = stream.history;
  for (let i = 0; i < spikes.length; i++) {
    const atUs = stream.startUs + spikes.atMs(i) * 1000;
    const stepMs = spikes.value(i);
    if (!changesUs.some((us) => atUs > us - BEFORE_US && atUs < us + AFTER_US)) continue;
    if (keeps(stream, atUs, stepMs)) restarts.push({ atUs, stepMs });
  }
  return restarts;
}

/** By how much what was sent at a time is later than at the beginning, for restarts alone, ms. */
export function pausedBefore(restarts: readonly Restart[], timeUs: number): number {
  let sumMs = 0;
  for (const { atUs, stepMs } of restarts) if (atUs <= timeUs) sumMs += stepMs;
  return sumMs;
}

/** Whether the least delay of the interval after a time is so much above that of the one before. */
function keeps({ intervals }: StreamRecord, atUs: number, stepMs: number): boolean {
  let beforeMs: number | null = null;
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, durationMs, leastDelayMs } = intervals.look(i);
    if (leastDelayMs === null) continue;
    if (startUs + durationMs * 1000 <= atUs) beforeMs = leastDelayMs;
    if (startUs < atUs) continue;
    if (beforeMs === null) return false;
    return Math.abs(leastDelayMs - beforeMs - stepMs) <= Math.max(AGREE_MS, stepMs * AGREE_SHARE);
  }
  return false;
}
