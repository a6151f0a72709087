// Tries changed inputs on one target until it is told to stop. What it tries stands in shared memory, so that whoever
// watches can save it when the target never comes back.
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { createRandom, mutate } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

/** Inputs kept: the seeds, and those that went a way no other had gone. */
const KEPT_MAX = 1024;
/** An input that took this long is tried again: only what is slow each time is slow, all else is a busy machine. */
const SLOW_MS = 250;
const TRIES = 3;
/** Crashes of one kind are reported once. */
const CRASHES_MAX = 20;

const { name, seeds, seed, milliseconds, state, shared } = workerData;
const { make, tokens } = TARGETS[name];
const target = make();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const random = createRandom(seed);
const inputs = seeds.map((bytes) => Uint8Array.from(bytes));
const ways = new Set();
const crashes = new Set();
const counts = new Int32Array(state);
const current = new Uint8Array(shared);
let slowest = 0;

/** Tries one input. @returns which way it went; null when it threw */
function attempt(input) {
  current.set(input);
  Atomics.store(counts, 1, input.length);
  try {
    let took = Number.POSITIVE_INFINITY;
    let way = '';
    for (let i = 0; i < TRIES && took > SLOW_MS; i++) {
      Atomics.add(counts, 0, 1);
      const started = performance.now();
      way = String(target(input.slice()));
      took = Math.min(took, performance.now() - started);
    }
    slowest = Math.max(slowest, took);
    return way;
  } catch (error) {
    const place = String(error.stack).split('\n').slice(0, 3).join(' | ');
    if (!crashes.has(place) && crashes.size < CRASHES_MAX) parentPort.postMessage({ crash: place, input });
    crashes.add(place);
    return null;
  }
}

/** What is in use once everything else was given back, which takes a while for buffers. */
async function heapBytes() {
  for (let i = 0; i < 3; i++) {
    collect();
    await setTimeout(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

for (const input of inputs) ways.add(attempt(input));
const started = performance.now();
let before = 0;
let executions = inputs.length;
for (let elapsed = 0; elapsed < milliseconds; elapsed = performance.now() - started) {
  // What compiles and what is kept for good has settled by then.
  if (before === 0 && elapsed > milliseconds / 3) before = await heapBytes();
  for (let i = 0; i < 50; i++) {
    const input = mutate(inputs, tokens, random);
    const way = attempt(input);
    executions++;
    if (way === null || ways.has(way) || inputs.length >= KEPT_MAX) continue;
    ways.add(way);
    inputs.push(input.slice());
  }
}
Atomics.store(counts, 1, -1);
const grownBytes = (await heapBytes()) - before;
parentPort.postMessage({ done: { executions, ways: ways.size, slowestMs: slowest, grownBytes } });
