// Whole-file replay of a generated capture, beside tshark on the same file in the same run.
//
//   npm run bench                      1,000 concurrent G.711 calls for 60 s, 6 million RTP packets, and tshark
//   npm run bench -- --flat            6 million packets as 100, 1,000 and 10,000 concurrent calls, which are the shorter the more they are
//   npm run bench -- --flat --same-length --seconds 60
//                                      100, 1,000 and 10,000 concurrent calls that all last as long: 14 GB, which
//                                      TMPDIR has to have room for, in memory if reading shall not count
//   npm run bench -- --rounds 5 --no-tshark --calls 1000 --seconds 60
//   npm run bench -- --threads 0,1      with and without threads that measure, in turns
//   npm run bench -- --before ../other  this checkout and another one, set up before (npm run setup), in turns
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeLoad } from '../dist/synth/load.js';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
    flat: { type: 'boolean', default: false },
    'same-length': { type: 'boolean', default: false },
    tshark: { type: 'boolean', default: true },
    keep: { type: 'boolean', default: false },
    threads: { type: 'string', default: '' },
    before: { type: 'string', default: '' },
  },
  allowNegative: true,
});

const folder = join(tmpdir(), 'earshot-bench');
mkdirSync(folder, { recursive: true });
const checkouts = [fileURLToPath(new URL('..', import.meta.url)), values.before].filter(
  (each) => each !== '',
);
const observed = new URL('./observed.mjs', import.meta.url).href;

/** Reads a file once, so that every contender finds it in the page cache. */
function warm(path) {
  const buffer = Buffer.alloc(1 << 22);
  const fd = openSync(path, 'r');
  while (readSync(fd, buffer, 0, buffer.length, null) > 0);
  closeSync(fd);
}

/** How a checkout starts its program: by a script since there is one. */
function startOf(checkout) {
  const script = join(checkout, 'bin', 'earshot');
  return existsSync(script) ? [script] : ['node', `${script}.js`];
}

/**
 * The command as a user gives it, from its start to its end; what it costs is counted from inside.
 *
 * @param threads as `--threads` takes it; empty for what replay chooses
 */
function replay(checkout, path, threads) {
  const chosen = threads === '' ? [] : ['--threads', threads];
  const [program, ...before] = startOf(checkout);
  const startedAt = performance.now();
  const result = spawnSync(program, [...before, 'replay', path, ...chosen], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${observed}`,
      // Certificates that a machine wants read before anything else are not this program's.
      NODE_EXTRA_CA_CERTS: '',
    },
  });
  const wallMs = performance.now() - startedAt;
  if (result.status !== 0) throw new Error(`replay of ${path} failed with ${result.status}`);
  return { wallMs, ...JSON.parse(result.output[3].toString()) };
}

function tshark(path) {
  const startedAt = performance.now();
  const result = spawnSync('tshark', ['-n', '-q', '-r', path, '-z', 'rtp,streams'], { stdio: 'ignore' });
  if (result.error !== undefined || result.status !== 0) return null;
  return performance.now() - startedAt;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function measure(calls, seconds, rounds, withTshark) {
  const path = join(folder, `load-${calls}x${seconds}.pcap`);
  const truth = existsSync(path) ? null : writeLoad({ calls, durationS: seconds }, path);
  const packets = calls * 2 * 50 * seconds;
  warm(path);
  const contenders = checkouts.flatMap((checkout) =>
    values.threads.split(',').map((threads) => ({ checkout, threads, runs: [] })),
  );
  let theirs = null;
  for (let round = 0; round < rounds; round++) {
    for (const { checkout, threads, runs } of contenders) runs.push(replay(checkout, path, threads));
    if (withTshark && round === 0) theirs = tshark(path);
  }
  const fileMB = (statSync(path).size / 1e6).toFixed(0);
  if (!values.keep) rmSync(path);
  if (truth !== null && truth.packets < packets * 0.9) throw new Error('the load is not what was asked for');
  return contenders.map(({ checkout, threads, runs }) => ({
    load: `${calls} calls x ${seconds} s`,
    ...(checkouts.length === 1 ? {} : { checkout }),
    ...(threads === '' ? {} : { threads }),
    'million packets': (packets / 1e6).toFixed(1),
    'file MB': fileMB,
    ...figures(packets, runs, theirs),
  }));
}

function figures(packets, runs, theirs) {
  const wallMs = median(runs.map((run) => run.wallMs));
  const rates = runs.map((run) => packets / run.wallMs / 1000);
  const row = {
    'M packets/s median': median(rates).toFixed(2),
    'min..max': `${Math.min(...rates).toFixed(2)}..${Math.max(...rates).toFixed(2)}`,
    'ns/packet': ((wallMs * 1e6) / packets).toFixed(0),
    'CPU s': (median(runs.map((run) => run.cpuMs)) / 1000).toFixed(2),
    'peak MiB': Math.max(...runs.map((run) => run.peakMiB)).toFixed(0),
    'GC runs':
      Object.entries(runs[0].gc)
        .map(([kind, n]) => `${n} ${kind}`)
        .join(', ') || '0',
    'GC ms': runs[0].pauseMs.toFixed(0),
  };
  if (theirs !== null) {
    row['tshark M packets/s'] = (packets / theirs / 1000).toFixed(3);
    row['times tshark'] = (theirs / wallMs).toFixed(1);
  }
  return row;
}

const rounds = Number(values.rounds);
const loads = values['same-length']
  ? [100, 1000, 10_000].map((calls) => [calls, Number(values.seconds)])
  : [
      [100, 600],
      [1000, 60],
      [10_000, 6],
    ];
const rows = values.flat
  ? loads.flatMap(([calls, seconds]) => measure(calls, seconds, rounds, false))
  : measure(Number(values.calls), Number(values.seconds), rounds, values.tshark);
for (const row of rows) {
  for (const [name, value] of Object.entries(row)) process.stdout.write(`${name.padEnd(20)} ${value}\n`);
  process.stdout.write('\n');
}
