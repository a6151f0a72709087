// Live capture under load: a generator in a namespace, a veth pair, and the probe with the whole engine behind it, each
// in a process of its own, on the same machine. Needs root (or the right to make namespaces), `ip`, and koffi.
//
//   npm run bench:live                                       every engine at 50,000 packets/s and up, 10 s each
//   npm run bench:live -- --engine ring --rates 200000,400000 --seconds 20
//   npm run bench:live -- --rate 600000 --streams 12000 --seconds 60 --block-main 200
//   npm run bench:live -- --pin                              probe and generator each on a processor of its own
//   npm run bench:live -- --realtime                         before all other work, on a machine that is shared
//   npm run bench:live -- --no-measure                       the sources alone, without the engine
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    rates: { type: 'string', default: '50000,100000,200000,400000,600000,800000' },
    rate: { type: 'string' },
    streams: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    ramp: { type: 'string', default: '3' },
    'block-main': { type: 'string', default: '0' },
    'ring-blocks': { type: 'string', default: '256' },
    sockets: { type: 'string', default: '1' },
    measure: { type: 'boolean', default: true },
    realtime: { type: 'boolean', default: false },
    pin: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const NAMESPACE = 'earshot-bench';
const PROBE_DEVICE = 'es-bench0';
const SENDER_DEVICE = 'es-bench1';
const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-live-'));
const here = (name) => fileURLToPath(new URL(`./live/${name}`, import.meta.url));

function ip(...args) {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr?.trim()}`);
}

function setUp() {
  ip('netns', 'add', NAMESPACE);
  ip('link', 'add', PROBE_DEVICE, 'type', 'veth', 'peer', 'name', SENDER_DEVICE, 'netns', NAMESPACE);
  spawnSync('sysctl', ['-qw', `net.ipv6.conf.${PROBE_DEVICE}.disable_ipv6=1`]);
  ip('link', 'set', PROBE_DEVICE, 'up');
  ip('-n', NAMESPACE, 'link', 'set', SENDER_DEVICE, 'up');
}

function tearDown() {
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  spawnSync('ip', ['link', 'del', PROBE_DEVICE]);
  rmSync(folder, { recursive: true, force: true });
}

/** Before other work on the machine: generator, probe and tcpdump alike. */
const URGENT = values.realtime ? ['chrt', '-r', '1'] : ['nice', '-n', '-15'];

/** The same for the session of this process, where the scheduler shares the processors out by session first. */
function shareOfSession(nice) {
  try {
    writeFileSync('/proc/self/autogroup', String(nice));
  } catch {
    // A kernel without them, or no right to: then it is as it is.
  }
}

/** Generator and probe each on a processor of its own. */
function pinned(processor) {
  return values.pin ? ['taskset', '-c', String(processor)] : [];
}

/** Starts a program; `line` gives what it prints, line by line. */
function start(processor, command, args) {
  const [first, ...rest] = [...URGENT, ...pinned(processor), command, ...args];
  const child = spawn(first, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = [];
  const waiting = [];
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (waiting.length > 0) waiting.shift()(line);
      else lines.push(line);
    }
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const line = () =>
    lines.length > 0
      ? Promise.resolve(lines.shift())
      : Promise.race([
          new Promise((resolve) => waiting.push(resolve)),
          ended.then((code) => Promise.reject(new Error(`${command} ended with ${code}`))),
        ]);
  return { child, line, ended };
}

/** CPU time of a process so far, us. */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function run(engine, streams, seconds) {
  const fifo = join(folder, 'fifo');
  const truthPath = join(folder, 'truth.json');
  let tcpdump = null;
  if (engine === 'pipe') {
    rmSync(fifo, { force: true });
    spawnSync('mkfifo', [fifo]);
    tcpdump = spawn(
      'nice',
      [...URGENT, 'tcpdump', '-i', PROBE_DEVICE, '-B', '65536', '-s', '2048', '-n', '-Z', 'root', '-w', fifo],
      {
        stdio: 'ignore',
      },
    );
  }
  const probe = start(0, process.execPath, [
    here('probe.mjs'),
    JSON.stringify({
      engine,
      device: PROBE_DEVICE,
      fifo,
      measure: values.measure,
      blockMainMs: Number(values['block-main']),
      ringBlocks: Number(values['ring-blocks']),
      sockets: Number(values.sockets),
    }),
  ]);
  await probe.line();
  await wait(engine === 'pipe' ? 1500 : 300);
  const task = JSON.stringify({
    device: SENDER_DEVICE,
    streams,
    seconds,
    rampSeconds: Number(values.ramp),
    truth: truthPath,
  });
  const generator = start(1, 'ip', [
    'netns',
    'exec',
    NAMESPACE,
    process.execPath,
    here('generator.mjs'),
    task,
  ]);
  const sent = JSON.parse(await generator.line());
  await generator.ended;
  await wait(300);
  let helperCpuUs = 0;
  if (tcpdump !== null) {
    helperCpuUs = cpuOf(tcpdump.pid);
    tcpdump.kill('SIGINT');
  }
  probe.child.stdin.end();
  const seen = JSON.parse(await probe.line());
  await probe.ended;
  const truth = JSON.parse(readFileSync(truthPath, 'utf8'));
  return row(engine, sent, { ...seen, cpuUs: seen.cpuUs + helperCpuUs }, truth);
}

/** The truth about a stream's mean is good for a comparison if it cannot be off by more, ms. */
const DOUBT_MS_MAX = 0.02;

/**
 * Largest difference between a stream's jitter as measured and as sent, ms: of its mean, and of its maximum where every
 * single time of sending is known.
 */
function jitterErrors(streams, truth) {
  const error = { mean: 0, max: 0, compared: 0, exact: 0 };
  for (const [ssrc, packets, , meanMs, maxMs] of streams) {
    const s = ssrc - 0x10000000;
    // A packet's time is in two differences.
    if (packets < 100 || !((2 * truth.unsureUs[s]) / 1000 / packets < DOUBT_MS_MAX)) continue;
    error.compared++;
    error.mean = Math.max(error.mean, Math.abs(meanMs - truth.mean[s]));
    if (truth.unsureUs[s] > 0) continue;
    error.exact++;
    error.max = Math.max(error.max, Math.abs(maxMs - truth.max[s]));
  }
  return error;
}

function row(engine, sent, seen, truth) {
  const missing = sent.sent - seen.rtp;
  const error = jitterErrors(seen.streams, truth);
  const lost = seen.streams.reduce((sum, [, , n]) => sum + n, 0);
  const us = (value) => (value === undefined || value === null ? '-' : value.toFixed(value < 10 ? 1 : 0));
  return {
    engine,
    'packets/s': Math.round(sent.rate).toLocaleString('en'),
    sent: sent.sent.toLocaleString('en'),
    missing: missing,
    'missing %': ((missing / sent.sent) * 100).toFixed(3),
    'drops counted': seen.counters.dropped ?? '-',
    'CPU %': ((seen.cpuUs / 1e6 / sent.tookS) * 100).toFixed(0),
    'stamp error us mean/p99/max': `${us(seen.stampErrorUs.mean)}/${us(seen.stampErrorUs.p99)}/${us(seen.stampErrorUs.max)}`,
    'jitter error ms, mean/max': `${error.mean.toFixed(3)}/${error.max.toFixed(3)}`,
    'compared, of streams': `${error.compared}/${error.exact}, ${seen.streams.length}`,
    'lost by streams': lost,
    'ring used %': (seen.highWater * 100).toFixed(0),
    'loop lag ms': seen.lagMaxMs.toFixed(0),
    'generator CPU %': (sent.cpu * 100).toFixed(0),
    'generator late ms': sent.behindMs.toFixed(1),
    'peak MiB': seen.peakMiB.toFixed(0),
  };
}

function print(rows) {
  const names = Object.keys(rows[0]);
  const lines = [
    names,
    names.map(() => '---'),
    ...rows.map((each) => names.map((name) => String(each[name]))),
  ];
  for (const cells of lines) process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const cpu = cpus();
process.stdout.write(
  `${cpu.length} x ${cpu[0]?.model.trim()}, ${arch()}, Linux ${release()}, Node ${process.version}; ` +
    `calls begin over ${values.ramp} s, then ${values.seconds} s; ${values.measure ? 'whole engine' : 'source alone'}\n\n`,
);

async function available(engine) {
  if (engine === 'pipe') return spawnSync('tcpdump', ['--version']).status === 0;
  if (engine !== 'cap') return true;
  try {
    await import('cap');
    return true;
  } catch {
    return false;
  }
}

const engines = values.engine?.split(',') ?? ['ring', 'pcap', 'pipe', 'cap'];
const rates = (values.rate ?? values.rates).split(',').map(Number);
const rows = [];
process.once('SIGINT', () => {
  tearDown();
  process.exit(130);
});
tearDownQuietly();
setUp();
shareOfSession(-15);
try {
  for (const engine of engines) {
    if (!(await available(engine))) {
      process.stderr.write(`${engine}: not installed here\n`);
      continue;
    }
    for (const rate of rates) {
      const streams = Number(values.streams ?? Math.round(rate / 100) * 2);
      rows.push(await run(engine, streams, Number(values.seconds)));
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
} finally {
  shareOfSession(0);
  tearDown();
}
print(rows);

function tearDownQuietly() {
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  spawnSync('ip', ['link', 'del', PROBE_DEVICE]);
}
