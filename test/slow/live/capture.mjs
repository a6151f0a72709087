// Captures in a process of its own, from the compiled program, and prints what came. Its argument is JSON:
// { sources: [options of openLive] }. It obeys lines on its standard input: "sleep MS" blocks the thread,
// "note" notes the counters, "stop" ends.
import { createInterface } from 'node:readline';
import { openLive } from '../../../dist/capture/live/open-live.js';

const PACKETS_MAX = 100_000;
const { sources: wanted } = JSON.parse(process.argv[2]);

const result = { sources: [], notes: [], error: null };
const running = [];

try {
  for (const options of wanted) {
    const { source, why } = openLive(options);
    const seen = {
      engine: source.engine,
      stamps: source.stamps,
      why,
      packets: [],
      buffers: [],
      ended: undefined,
    };
    result.sources.push(seen);
    source.start(
      (batch) => take(seen, batch),
      (reason) => {
        seen.ended = reason === null ? null : reason.code;
      },
    );
    running.push([source, seen]);
  }
  process.stdout.write('capturing\n');
} catch (error) {
  result.error = { name: error.name, code: error.code, message: error.message };
  finish();
}

/** Time of the packet and of its delivery, us; its lengths and link type; the packet. */
function take(seen, batch) {
  const nowUs = (performance.timeOrigin + performance.now()) * 1000;
  for (let i = 0; i < batch.count && seen.packets.length < PACKETS_MAX; i++) {
    const start = batch.offset[i];
    const bytes = batch.bytes.subarray(start, start + batch.capturedLength[i]);
    seen.packets.push([
      batch.timeUs[i],
      nowUs,
      batch.originalLength[i],
      batch.linkType[i],
      batch.frame[i],
      Buffer.from(bytes.subarray(0, 80)).toString('hex'),
      numberOf(seen, batch.bytes.buffer),
    ]);
  }
}

/** Which of its buffers a source delivered from: each ring is one. */
function numberOf(seen, buffer) {
  if (!seen.buffers.includes(buffer)) seen.buffers.push(buffer);
  return seen.buffers.indexOf(buffer);
}

function finish() {
  for (const seen of result.sources) seen.buffers = seen.buffers.length;

  process.stdout.write(`result ${JSON.stringify(result)}\n`, () => process.exit(0));
}

const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  const [word, number] = line.split(' ');
  if (word === 'sleep') {
    process.stdout.write('sleeping\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(number));
    process.stdout.write('awake\n');
  } else if (word === 'note') {
    result.notes.push(running.map(([source]) => source.counters()));
    process.stdout.write(`noted ${result.notes.length}\n`);
  } else if (word === 'stop') {
    for (const [source, seen] of running) {
      await source.stop();
      seen.counters = source.counters();
    }
    finish();
  }
});
