// What a scrape costs: 50 sites, 10 codecs, two directions, all histograms, exemplars, 10,000 streams.
// Usage: npm run bench:scrape
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
const quality = { scale: 'NB', mosLq: 4.1 };
metrics.records(
  Array.from({ length: STREAMS }, (_, i) => ({
    ...intervalOf(i, 1),
    type: 'stream',
    id: `x${i}`,
    intervals: [],
    media: { encrypted: false },
    jitterMs: { p95: (i % 60) + 0.5 },
    roundTripMs: { p50: i % 900 },
    quality,
  })),
);

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
