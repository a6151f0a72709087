// What points cost while their server is dead: 10,000 streams, an interval of each every five seconds, through the spool,
// and then all of it to a server that takes it.
// Usage: npm run bench:export -- [MINUTES]
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Delivery } from '../dist/delivery/delivery.js';
import { writeToInflux } from '../dist/delivery/influx-endpoint.js';
import { Spool } from '../dist/delivery/spool.js';
import { Groups } from '../dist/metrics/groups/groups.js';
import { lineOf } from '../dist/metrics/influx/line-protocol.js';
import { Points } from '../dist/metrics/influx/points.js';
import { UniqueTimes } from '../dist/metrics/influx/unique-times.js';

const STREAMS = 10_000;
const TOGETHER = 250;
const minutes = Number(process.argv[2] ?? 5);
const rounds = minutes * 12;

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed / 2 ** 32;
};
const between = (low, high) => Math.round((low + random() * (high - low)) * 1000) / 1000;

function interval(n, round) {
  const ms = Date.UTC(2026, 2, 2) + round * 5000 + ((n * 97) % 5000);
  return {
    type: 'interval',
    streamId: `s${n}`,
    callId: `${(n * 7919).toString(36)}-4f2a9c@10.1.2.3`,
    direction: n % 2 === 0 ? 'callerToCallee' : 'calleeToCaller',
    ssrc: `0x${((n * 2654435761) % 2 ** 32).toString(16).padStart(8, '0')}`,
    src: { ip: `10.1.${n >> 8}.${n & 255}`, port: 10_000 + n },
    dst: { ip: '192.0.2.9', port: 20_000 + n },
    ...{ codec: 'PCMA', vlans: [], scale: 'NB', sender: null, duplicates: 0, reordered: 0 },
    startTime: `${new Date(ms).toISOString().slice(0, -1)}${String((n * 31) % 1000).padStart(3, '0')}Z`,
    ...{ durationMs: 5000, packets: 250, expected: 250, lost: 0, discarded: n % 7 },
    ...{
      jitterMs: between(0, 5),
      pdvP50Ms: between(0, 5),
      pdvP95Ms: between(0, 20),
      pdvP99Ms: between(0, 40),
    },
    ...{ ipdvP95Ms: between(0, 9), rFactor: between(80, 93), mosLq: between(4, 4.4), mosCq: between(4, 4.4) },
    impairments: { codec: 0, loss: 0, discard: between(0, 2), delay: between(1, 3) },
  };
}

const directory = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
const lost = (reason, points) => console.log('lost', reason, points);
const spool = await Spool.open({ directory, bytesMax: 2 ** 30, lost });
let isDown = true;
let taken = 0;
const server = createServer((request, response) => {
  request
    .pipe(createGunzip())
    .on('data', (piece) => {
      for (const octet of piece) if (octet === 10) taken++;
    })
    .on('end', () => response.writeHead(204).end());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const endpoint = {
  ...{ url: `http://127.0.0.1:${server.address().port}`, api: '1', database: 'd', retentionPolicy: null },
  ...{ username: null, password: null, bucket: null, org: null, token: null, timeoutMs: 30_000 },
};
const delivery = new Delivery({
  ...{ spool, batchPoints: 5000, flushMs: 5000, queueBytesMax: 64 << 20 },
  write: (batch, signal) =>
    isDown
      ? Promise.resolve({ kind: 'failed', error: 'down', retryAfterMs: null })
      : writeToInflux(endpoint, batch, signal),
  nowMs: () => performance.now(),
  said: () => {},
});
const points = new Points({ probe: 'bench', groups: new Groups() });
const times = new UniqueTimes();

let making = 0;
let longest = 0;
let characters = 0;
const before = process.cpuUsage();
for (let round = 0; round < rounds; round++) {
  for (let n = 0; n < STREAMS; n += TOGETHER) {
    const records = Array.from({ length: TOGETHER }, (_, i) => interval(n + i, round));
    const began = performance.now();
    for (const point of points.of(records)) {
      const line = lineOf(point, times);
      characters += line.length;
      delivery.add(line);
    }
    const took = performance.now() - began;
    making += took;
    longest = Math.max(longest, took);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (delivery.counts().queue.used > 32 << 20) await new Promise((resolve) => setTimeout(resolve, 10));
}
while (delivery.counts().queue.used > 0) {
  delivery.tick();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const all = rounds * STREAMS;
const { user, system } = process.cpuUsage(before);
const stored = spool.bytes;
console.log(
  `${all} points (${minutes} minutes of ${STREAMS} streams), ${Math.round(characters / all)} octets each`,
);
console.log(
  `to make a point: ${((making * 1000) / all).toFixed(1)} us; longest stretch, ${TOGETHER} points: ${longest.toFixed(1)} ms`,
);
console.log(
  `processor in all, compression and disk among it: ${((user + system) / all).toFixed(1)} us a point`,
);
console.log(
  `spool: ${(stored / all).toFixed(0)} octets a point, ${(((stored / minutes) * 60) / 2 ** 20).toFixed(0)} MiB an hour`,
);
console.log(
  `resident: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB; dropped: ${JSON.stringify(delivery.counts().dropped)}`,
);
isDown = false;
const began = performance.now();
while (delivery.counts().waiting > 0) {
  delivery.tick();
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const seconds = (performance.now() - began) / 1000;
console.log(`delivered: ${taken} points, ${Math.round(all / seconds)} a second`);
server.close();
await spool.close();
rmSync(directory, { recursive: true, force: true });
