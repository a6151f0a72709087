// What a scrape costs: 50 sites, 10 codecs, two directions, all histograms, exemplars, 10,000 streams.
// Usage: npm run bench:scrape                    a scrape, by the clock and by the processor
//        npm run bench:scrape -- --minutes 60   and an hour of intervals of streams that come and go: memory
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Groups } from '../dist/metrics/groups/groups.js';
import { Metrics } from '../dist/metrics/metrics.js';

const SITES = 50;
const STREAMS = 10_000;
const CODECS = ['PCMU', 'PCMA', 'G729', 'G722', 'OPUS', 'AMR', 'AMR-WB', 'EVS', 'ILBC', 'GSM'];
const SCALES = ['NB', 'NB', 'NB', 'WB', 'FB', 'NB', 'WB', 'FB', 'NB', 'NB'];

const rule = { vlan: [], userAgent: [], header: null, value: '*' };
const groups = new Groups({
  sites: Array.from({ length: SITES }, (_, i) => ({ ...rule, name: `site ${i}`, cidr: [`10.${i}.0.0/16`] })),
  trunks: [{ ...rule, name: 'carrier', cidr: ['192.0.2.0/24'] }],
  devices: [],
});
// On a busy machine the clock tells how long others ran, too; processor time does not.
const processorMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let sliceMs = 0;
let longestMs = 0;
const endSlice = () => {
  longestMs = Math.max(longestMs, processorMs() - sliceMs);
};
const pacing = {
  nowMs: () => performance.now(),
  pause: async () => {
    endSlice();
    await new Promise((resolve) => setImmediate(resolve));
    sliceMs = processorMs();
  },
};
const metrics = new Metrics({ version: 'bench', probe: 'bench', groups, labelSets: 4000, pacing });

function intervalOf(i, round) {
  const codec = Math.floor(i / SITES) % CODECS.length;
  const inside = { ip: `10.${i % SITES}.${(i >> 8) & 255}.${i & 255}`, port: 4000 };
  const outside = { ip: '192.0.2.7', port: 5000 };
  const goesOut = Math.floor(i / (SITES * CODECS.length)) % 2 === 0;
  const wave = ((i * 31 + round * 17) % 100) / 100;
  return {
    type: 'interval',
    streamId: `s${i}`,
    callId: `call-${i >> 1}@bench`,
    direction: 'callerToCallee',
    ssrc: '0x1',
    src: goesOut ? inside : outside,
    dst: goesOut ? outside : inside,
    codec: CODECS[codec],
    vlans: [],
    sender: null,
    startTime: null,
    durationMs: 5000,
    packets: 250,
    expected: 250,
    lost: Math.floor(wave * 10),
    discarded: 0,
    duplicates: 0,
    reordered: 0,
    jitterMs: wave * 60,
    pdvP95Ms: wave * 120,
    scale: SCALES[codec],
    rFactor: 40 + wave * 50,
    mosLq: 2 + wave * 2.4,
    mosCq: 2 + wave * 2.3,
  };
}

const rounds = [];
for (let round = 0; round < 6; round++) {
  const records = Array.from({ length: STREAMS }, (_, i) => intervalOf(i, round));
  const cpu = process.cpuUsage();
  metrics.records(records);
  const { user, system } = process.cpuUsage(cpu);
  rounds.push(((user + system) * 1000) / STREAMS);
}
// Streams that are over fill the other histograms.
const streamOf = (i, id) => ({
  ...intervalOf(i, 1),
  type: 'stream',
  id,
  intervals: [],
  media: { encrypted: false },
  jitterMs: { p95: (i % 60) + 0.5 },
  roundTripMs: { p50: i % 900 },
  quality: { scale: 'NB', mosLq: 4.1 },
});
metrics.records(Array.from({ length: STREAMS }, (_, i) => streamOf(i, `x${i}`)));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const bytesOf = (pieces) => pieces.reduce((sum, { length }) => sum + length, 0);
const results = [];
for (let scrape = 0; scrape < 8; scrape++) {
  await sleep(1100);
  longestMs = 0;
  sliceMs = processorMs();
  const cpuMs = processorMs();
  const startedMs = performance.now();
  const text = await metrics.render('openmetrics');
  const ms = performance.now() - startedMs;
  endSlice();
  results.push({ ms, cpuMs: processorMs() - cpuMs, longestMs, bytes: bytesOf(text) });
}
const text = Buffer.concat(await metrics.render('openmetrics')).toString('utf8');
const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
const median = (name) => results.map((each) => each[name]).sort((a, b) => a - b)[results.length >> 1];
console.log(
  `streams ${STREAMS}, sites ${SITES}, codecs ${CODECS.length}: ${series} series, ${(results[0].bytes / 1e6).toFixed(1)} MB`,
);
console.log(
  `interval taken in ${Math.round(rounds.sort((a, b) => a - b)[3])} ns of processor (median of ${rounds.length} rounds)`,
);
console.log(
  `scrape: ${median('ms').toFixed(0)} ms, ${median('cpuMs').toFixed(0)} ms of processor, longest stretch ${median('longestMs').toFixed(1)} ms of it (medians of ${results.length})`,
);

const { minutes } = parseArgs({ options: { minutes: { type: 'string', default: '0' } } }).values;
if (Number(minutes) > 0) await hours(Number(minutes));

/** Streams of two minutes, one after the other in each of the places; prints the heap every ten minutes. */
async function hours(total) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const lived = new Int32Array(STREAMS).map((_, i) => i % 24);
  const generation = new Int32Array(STREAMS);
  const heaps = [];
  const scrapes = [];
  for (let round = 0; round < total * 12; round++) {
    const records = [];
    for (let i = 0; i < STREAMS; i++) {
      const name = `g${generation[i]}-${i}`;
      records.push({ ...intervalOf(i, round), streamId: name, callId: `${name}@bench` });
      if (++lived[i] < 24) continue;
      records.push(streamOf(i, name));
      lived[i] = 0;
      generation[i]++;
    }
    metrics.records(records);
    if (round % 12 !== 0) continue;
    const startedMs = performance.now();
    await metrics.render('openmetrics');
    scrapes.push(performance.now() - startedMs);
    if (round % 120 !== 0) continue;
    collect();
    collect();
    heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
  }
  console.log(`heap every ten minutes: ${heaps.map((mib) => mib.toFixed(1)).join(' ')} MiB`);
  console.log(
    `scrapes once a minute: slowest ${Math.max(...scrapes).toFixed(0)} ms, median ${scrapes.sort((a, b) => a - b)[scrapes.length >> 1].toFixed(0)} ms`,
  );
}
