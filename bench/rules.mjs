// Rules over busy traffic: npm run bench:rules -- [--groups N] [--samples N] [--minutes N]
// So many series (rules x groups) are fed and evaluated every ten seconds of capture time. Prints the share of a core
// that this takes when ten seconds pass in ten seconds: evaluating alone, taking samples, and writing the state down.
import { parseArgs } from 'node:util';
import { Evaluator } from '../dist/alerts/evaluator.js';
import { readRules } from '../dist/alerts/read-rules.js';

const { values } = parseArgs({
  options: {
    groups: { type: 'string', default: '1000' },
    samples: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '60' },
  },
});
const RULES = [
  ['interval.jitterMs', 'p95', 'above: 30, clear: 20'],
  ['interval.pdvP95Ms', 'p95', 'above: 60, clear: 40'],
  ['interval.lossRatio', 'p95', 'above: 0.03, clear: 0.01'],
  ['interval.discardRatio', 'p95', 'above: 0.03, clear: 0.01'],
  ['interval.mosLq', 'p05', 'below: 3.1, clear: 3.6'],
  ['interval.rFactor', 'p05', 'below: 60, clear: 70'],
  ['media.lostRatio', 'ratio', 'above: 0.01, clear: 0.005, window: 1h'],
  ['interval.mosLq', 'share', 'bad: 3.6, above: 0.1, clear: 0.05, window: 1h'],
  ['interval.jitterMs', 'share', 'bad: 20, above: 0.2, clear: 0.1, window: 1h'],
  ['media.discardRatio', 'ratio', 'above: 0.02, deviation: { factor: 3 }'],
];
const groups = Math.ceil(Number(values.groups) / RULES.length);
const perStep = Number(values.samples);
const steps = Number(values.minutes) * 6;
const yaml = RULES.map(
  ([signal, measure, rest], i) =>
    `  - { name: R${i}, summary: s, signal: ${signal}, measure: ${measure}, ${rest}, by: [site], minSamples: 20, minCalls: 2 }`,
).join('\n');
const { set } = readRules(`rules:\n${yaml}\n`, {});

let state = 12345;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

function interval(i) {
  const bad = random() < 0.03;
  const impairments = { codec: 0, loss: bad ? 20 : 1, discard: 1, delay: 2 };
  return {
    type: 'interval',
    streamId: `s${i}`,
    callId: `call-${i >> 1}@example.com`,
    direction: 'callerToCallee',
    src: { ip: '192.0.2.1', port: 4000 },
    dst: { ip: '198.51.100.1', port: 4000 },
    codec: 'PCMU',
    packets: 250,
    expected: 250,
    lost: bad ? 9 : 0,
    discarded: bad ? 4 : 0,
    jitterMs: bad ? 35 : 1 + 10 * random(),
    pdvP95Ms: 5 + 20 * random(),
    rFactor: bad ? 55 : 90,
    mosLq: bad ? 2.9 : 4.3,
    impairments,
    site: `site-${i % groups}`,
  };
}

const evaluator = new Evaluator(set, { labeller: ({ site }) => ({ site }) });
let nowUs = Date.UTC(2026, 2, 2) * 1000;
evaluator.advance(nowUs);
let observing = 0;
let evaluating = 0;
let slowestMs = 0;
let changes = 0;
for (let step = 0; step < steps; step++) {
  const records = Array.from({ length: perStep }, (_, i) => interval(i));
  const before = process.cpuUsage();
  for (const record of records) evaluator.observe(record);
  const observed = process.cpuUsage(before);
  const startedMs = performance.now();
  nowUs += 10_000_000;
  changes += evaluator.advance(nowUs).length;
  slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  const both = process.cpuUsage(before);
  if (step < 6) continue;
  observing += observed.user + observed.system;
  evaluating += both.user + both.system - observed.user - observed.system;
}
const counted = steps - 6;
const percent = (us) => `${((us / counted / 10_000_000) * 100).toFixed(2)} % of a core`;
const beforeSaving = process.cpuUsage();
const bytes = JSON.stringify(evaluator.save()).length;
const saved = process.cpuUsage(beforeSaving);
const savingMs = (saved.user + saved.system) / 1000;
process.stdout.write(
  [
    `${evaluator.table.all().length} series of ${set.rules.length} rules, ${perStep} intervals in 10 s, ${values.minutes} minutes, ${changes} changes`,
    `evaluating  ${percent(evaluating)} (slowest ${slowestMs.toFixed(1)} ms)`,
    `observing   ${percent(observing)} (${(observing / counted / perStep).toFixed(2)} us for each interval, ${set.rules.length} rules)`,
    `state       ${(bytes / 1e6).toFixed(1)} MB, ${savingMs.toFixed(0)} ms to write as JSON`,
    `heap        ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`,
    '',
  ].join('\n'),
);
