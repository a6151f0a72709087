import type { JitterSpec, StreamSpec } from '../../src/synth/scenario.ts';

/** How a device sleeps. */
export interface Doze {
  /** It wakes up for every so manieth beacon. */
  wakesEvery: number;
  beaconMs?: number;
  /** It sleeps for so long of every so long; else all the time. */
  dozeMs?: number;
  everyMs?: number;
}

/** The delays of packets of 20 ms that wait at an access point until a device that sleeps hears a beacon. */
export function doze(
  packets: number,
  { wakesEvery, beaconMs = 102.4, dozeMs = 1, everyMs = 1 }: Doze,
): JitterSpec {
  const wakeMs = wakesEvery * beaconMs;
  const delaysMs = Array.from({ length: packets }, (_, i) => {
    const sentMs = i * 20;
    if (sentMs % everyMs >= dozeMs) return 0;
    const waitMs = Math.ceil((sentMs + 1) / wakeMs) * wakeMs - sentMs;
    // Air time, and whoever else was served first.
    return waitMs + 0.4 + ((i * i * 7) % 13) / 10;
  });
  return { kind: 'exact', delaysMs };
}

/**
 * Both directions of a call stand still at each of these times after the first packet: most of what is sent is lost,
 * the last of it waits and comes in a burst.
 */
export function roams(
  atMs: readonly number[],
  lastsMs: number,
): { callerToCallee: StreamSpec; calleeToCaller: StreamSpec } {
  const waitsMs = 160;
  const lost = atMs.map((ms) => ({ atMs: ms, durationMs: lastsMs - waitsMs }));
  const delaysMs: number[] = [];
  for (const ms of atMs) {
    for (let sentMs = ms + lastsMs - waitsMs; sentMs < ms + lastsMs; sentMs += 20)
      delaysMs[Math.round(sentMs / 20)] = ms + lastsMs - sentMs;
  }
  const stream: StreamSpec = {
    loss: { kind: 'windows', windows: lost },
    jitter: { kind: 'exact', delaysMs: Array.from(delaysMs, (ms) => ms ?? 0) },
  };
  return { callerToCallee: stream, calleeToCaller: stream };
}
