import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openLibc } from '../capture/live/libc.ts';
import { LiveCaptureError } from '../capture/live/live-source.ts';
import { type RingHandles, releaseRing } from '../capture/live/packet-socket.ts';
import type { LivePlan } from './live-plan.ts';
import type { MeasuringThreadData } from './measuring-worker.ts';

/**
 * Starts a thread that measures.
 *
 * @param packetsMax stops after so many packets; null for never
 * @throws {LiveCaptureError} when its program is not there
 */
export function startMeasuring(memory: SharedArrayBuffer, plan: LivePlan, packetsMax: number | null): Worker {
  const workerData: MeasuringThreadData = {
    memory,
    plan: { ...plan, serving: null, exporting: null },
    packetsMax,
  };
  return new Worker(programOfThread(), { workerData, trackUnmanagedFds: false });
}

/** Gives back the ring of a thread that died, so that the next one has the memory and the place. */
export function releaseRingOf(ring: RingHandles): void {
  const libc = openLibc();
  if (libc !== null) releaseRing(libc, ring);
}

/** The thread's program: beside this one, whether that is a bundle or the compiled file. */
function programOfThread(): string {
  const program = fileURLToPath(new URL('./measuring-worker.js', import.meta.url));
  if (existsSync(program)) return program;
  throw new LiveCaptureError('failed', `${program} is missing; run "npm run setup" in the checkout`);
}
