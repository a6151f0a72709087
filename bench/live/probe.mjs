// The probe of the live bench: one process, the packets in a worker, the main thread free to be blocked. Prints "ready",
// ends when its standard input does, and then prints what it saw as one line of JSON.
import { MessageChannel, Worker } from 'node:worker_threads';

const options = JSON.parse(process.argv[2]);
const worker = options.engine === 'cap' ? inMainThread() : inWorker();
let cpuBefore = process.cpuUsage();
let blocking = null;

worker.on('message', (message) => {
  if (message === 'ready') {
    process.stdout.write('ready\n');
  } else if (message === 'media') {
    cpuBefore = process.cpuUsage();
    if (options.blockMainMs > 0) blocking = setInterval(block, 5 * options.blockMainMs);
  } else if (message === 'stopped') {
    clearInterval(blocking);
    const { user, system } = process.cpuUsage(cpuBefore);
    worker.postMessage({ cpuUs: user + system });
  } else {
    const result = { ...message, peakMiB: process.resourceUsage().maxRSS / 1024 };
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  }
});
worker.on('error', (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
process.stdin.on('end', () => worker.postMessage('stop'));
process.stdin.resume();

function block() {
  const until = performance.now() + options.blockMainMs;
  while (performance.now() < until);
}

function inWorker() {
  return new Worker(new URL('./probe-worker.mjs', import.meta.url), { workerData: options });
}

function inMainThread() {
  const { port1, port2 } = new MessageChannel();
  Object.assign(globalThis, { benchPort: port2, benchOptions: options });
  setImmediate(() => import('./probe-worker.mjs'));
  return port1;
}
