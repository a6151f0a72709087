// npm run fuzz -- [--minutes N] [--target NAME]... [--seed N] [--replay FILE]
// Changes inputs of the corpus at random and tries them on the parsers and the whole engine, N minutes in all (1 unless
// said otherwise), shared among the targets. Inputs that throw, take more than a second, or make the heap grow are
// faults; they are saved under test/fuzz/crashers. Exit status 1 when there was one.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { INPUT_MAX } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

/** No input may take longer; one that does not come back after ten times that never will. */
const HANG_MS = 1000;
const GROWN_BYTES_MAX = 32 << 20;
const CORPUS = join(import.meta.dirname, 'corpus');
const CRASHERS = join(import.meta.dirname, 'crashers');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
  },
});

function seedsOf(name) {
  const folder = join(CORPUS, name);
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file)));
}

function save(name, input) {
  mkdirSync(join(CRASHERS, name), { recursive: true });
  const file = join(CRASHERS, name, createHash('sha256').update(input).digest('hex').slice(0, 12));
  writeFileSync(file, input);
  return file;
}

/** Runs one target in a thread of its own, watched. @returns how many faults there were */
function run(name, milliseconds) {
  return new Promise((resolve) => {
    const state = new SharedArrayBuffer(8);
    const shared = new SharedArrayBuffer(INPUT_MAX);
    const counts = new Int32Array(state);
    let faults = 0;
    const workerData = { name, seeds: seedsOf(name), seed: Number(values.seed), milliseconds, state, shared };
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData });
    let last = -1;
    let since = performance.now();
    const finish = (line) => {
      clearInterval(watch);
      console.log(`${name.padEnd(10)} ${line}; ${faults} faults`);
      worker.terminate().then(() => resolve(faults));
    };
    const watch = setInterval(() => {
      const length = Atomics.load(counts, 1);
      const now = Atomics.load(counts, 0);
      if (now !== last || length < 0 || now === 0) {
        last = now;
        since = performance.now();
      } else if (performance.now() - since > 10 * HANG_MS) {
        faults++;
        const input = Buffer.from(Uint8Array.from(new Uint8Array(shared).subarray(0, length)));
        finish(`hangs: ${save(name, input)}`);
      }
    }, 100);
    worker.on('message', ({ crash, input, done }) => {
      if (crash !== undefined) {
        faults++;
        console.log(`${name}: ${crash}\n  saved as ${save(name, input)}`);
      } else {
        const { executions, ways, slowestMs, grownBytes } = done;
        if (slowestMs > HANG_MS || grownBytes > GROWN_BYTES_MAX) faults++;
        const grown = (grownBytes / (1 << 20)).toFixed(1);
        finish(
          `${executions} inputs, ${ways} ways, slowest ${slowestMs.toFixed(0)} ms, heap ${grown} MiB more`,
        );
      }
    });
    worker.on('error', (error) => {
      faults++;
      finish(`the thread ended: ${error.message}`);
    });
  });
}

const names = values.target ?? Object.keys(TARGETS);
const unknown = names.find((name) => !(name in TARGETS));
if (unknown !== undefined) {
  console.error(`fuzz: no target "${unknown}"; there are ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}
if (values.replay !== undefined) {
  console.log(TARGETS[names[0]].make()(Uint8Array.from(readFileSync(values.replay))));
  process.exit(0);
}
let faults = 0;
for (const name of names) faults += await run(name, (Number(values.minutes) * 60_000) / names.length);
process.exitCode = faults > 0 ? 1 : 0;
