// A thread that captures dies; another one gives its ring back. Prints how many packet sockets there were: while it lived,
// after it died, after its ring was released.
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { openLibc } from '../../../dist/capture/live/libc.js';
import { releaseRing } from '../../../dist/capture/live/packet-socket.js';
import { RingSource } from '../../../dist/capture/live/ring-source.js';

const sockets = () => readFileSync('/proc/self/net/packet', 'utf8').trim().split('\n').length - 1;

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const handles = await new Promise((resolve) => worker.once('message', resolve));
  const living = sockets();
  await worker.terminate();
  const dead = sockets();
  for (const ring of handles) releaseRing(openLibc(), ring);
  process.stdout.write(`${JSON.stringify([living, dead, sockets()])}\n`);
} else {
  const source = new RingSource({ interface: 'lo', blocks: 8 });
  source.start(
    () => {},
    () => {},
  );
  parentPort.postMessage(source.handles());
}
