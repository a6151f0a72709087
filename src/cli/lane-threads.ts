import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InvalidArgumentError } from 'commander';
import { LANES_MAX, LaneDied, type LaneShare, type LaneThreads } from '../engine/lanes.ts';

/** Below this a capture is measured before a thread has become any help (`npm run bench -- --threads 0,1`). */
const LARGE_BYTES = 256 << 20;

/** What a thread that measures starts with. */
export interface LaneData {
  share: LaneShare;
  givesWay: boolean;
}

/**
 * Threads that measure beside the one that reads. They do not keep the process alive.
 *
 * @param count how many; 0 for none
 * @param givesWay whether they leave the processor to the one that reads where there are too few for all: it is the one that
 * everything waits for in a replay, and V8 has a thread, too. Live, other programs would have their turn first.
 * @returns null for none, and where their program is missing: in sources that were not compiled
 */
export function laneThreads(count: number, givesWay: boolean): LaneThreads | null {
  // Beside this one, whether that is a bundle or the compiled file.
  const program = fileURLToPath(new URL('./lane-worker.js', import.meta.url));
  if (count === 0 || !existsSync(program)) return null;
  return {
    count,
    start: (share: LaneShare) => {
      const worker = new Worker(program, { workerData: { share, givesWay } satisfies LaneData });
      worker.unref();
      // Its errors come out as errors of this thread; so does an end without one.
      worker.on('exit', (code) => {
        if (code !== 0) throw new LaneDied();
      });
    },
  };
}

/** How many threads are worth their start for these captures: one for large files where there is a second processor. */
export function lanesFor(files: readonly string[]): number {
  if (availableParallelism() < 2) return 0;
  let bytes = 0;
  for (const file of files) {
    if (file === '-') return 1;
    bytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes >= LARGE_BYTES ? 1 : 0;
}

/** Reads the option `--threads`. @throws {InvalidArgumentError} */
export function laneCount(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= LANES_MAX)) throw new InvalidArgumentError(`expected a number from 0 to ${LANES_MAX}.`);
  return count;
}
