// A probe that runs for long: calls come and go in a namespace, `earshot live` measures, serves and keeps packets, and at the
// end its counts are compared with what was sent, and its memory with what it was at the beginning. Needs root, `ip`, koffi.
//
//   npm run bench:soak -- --minutes 60                       50,000 packets/s: 500 calls at a time, 20 to 80 s each
//   npm run bench:soak -- --minutes 5 --calls 200
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    calls: { type: 'string', default: '500' },
    keep: { type: 'string', default: '2m' },
    'warm-up': { type: 'string', default: '5' },
  },
});
const seconds = Number(values.minutes) * 60;
const warmUpMs = Number(values['warm-up']) * 60_000;

const NAMESPACE = 'earshot-soak';
const PROBE_DEVICE = 'es-soak0';
const SENDER_DEVICE = 'es-soak1';
const folder = mkdtempSync(join(tmpdir(), 'earshot-soak-'));
const root = fileURLToPath(new URL('..', import.meta.url));

function ip(...args) {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr?.trim()}`);
}

function tearDown() {
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  spawnSync('ip', ['link', 'del', PROBE_DEVICE]);
  rmSync(folder, { recursive: true, force: true });
}

/** Lines of a child's standard output, as they come. */
function eachLine(child, take) {
  const lines = createInterface({ input: child.stdout });
  lines.on('line', take);
  return new Promise((resolve) => lines.on('close', resolve));
}

function residentMiB(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024;
}

function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Least squares: growth per hour, and how far single values lie from the line at most. */
function trend(points) {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  let xy = 0;
  let xx = 0;
  for (const [x, y] of points) {
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
  }
  return { mean: meanY, perHour: (xy / xx) * 3_600_000 };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

tearDownQuietly();
ip('netns', 'add', NAMESPACE);
ip('link', 'add', PROBE_DEVICE, 'type', 'veth', 'peer', 'name', SENDER_DEVICE, 'netns', NAMESPACE);
spawnSync('sysctl', ['-qw', `net.ipv6.conf.${PROBE_DEVICE}.disable_ipv6=1`]);
spawnSync('ip', [
  'netns',
  'exec',
  NAMESPACE,
  'sysctl',
  '-qw',
  `net.ipv6.conf.${SENDER_DEVICE}.disable_ipv6=1`,
]);
ip('link', 'set', PROBE_DEVICE, 'up');
ip('-n', NAMESPACE, 'link', 'set', SENDER_DEVICE, 'up');

const seen = { calls: 0, streams: 0, packets: 0, lost: 0, findings: {}, intervals: 0 };
const resident = [];
const heap = [];
let capture = null;
let highWater = 0;
let scrapeMs = 0;
try {
  const probe = spawn(
    process.execPath,
    [
      'bin/earshot.js',
      'live',
      ...['-i', PROBE_DEVICE, '--json', '--listen', '127.0.0.1:19464'],
      ...['--rules', 'rules/default.yaml', '--alert-state', join(folder, 'alerts')],
      ...['--keep', values.keep, '--keep-in', join(folder, 'kept'), '--log-level', 'warn'],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let isReady = false;
  const started = performance.now();
  const told = eachLine(probe, (line) => {
    const record = JSON.parse(line);
    isReady ||= record.type === 'start';
    if (record.type === 'call') seen.calls++;
    else if (record.type === 'stream') {
      seen.streams++;
      seen.packets += record.packets;
      seen.lost += record.lost;
    } else if (record.type === 'interval') seen.intervals++;
    else if (record.type === 'finding') seen.findings[record.code] = (seen.findings[record.code] ?? 0) + 1;
    else if (record.type === 'capture') capture = record;
    else if (record.type === 'status') {
      const atMs = performance.now() - started;
      highWater = Math.max(highWater, ...record.sources.map(({ ringHighWaterRatio }) => ringHighWaterRatio));
      if (atMs < warmUpMs) return;
      resident.push([atMs, residentMiB(probe.pid)]);
      heap.push([atMs, record.heapBytes / 2 ** 20]);
    }
  });
  while (!isReady) await wait(50);
  const task = {
    device: SENDER_DEVICE,
    ...{ calls: Number(values.calls), seconds, leastS: 20, mostS: 80 },
  };
  const caller = spawn(
    'ip',
    ['netns', 'exec', NAMESPACE, process.execPath, join(root, 'bench/live/caller.mjs'), JSON.stringify(task)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  process.once('SIGINT', () => caller.stdin.end());
  let sent = null;
  const ended = eachLine(caller, (line) => {
    sent = JSON.parse(line);
  });
  const scraper = setInterval(async () => {
    const from = performance.now();
    const answer = await fetch('http://127.0.0.1:19464/metrics').catch(() => null);
    await answer?.text();
    scrapeMs = Math.max(scrapeMs, performance.now() - from);
  }, 15_000);
  await ended;
  clearInterval(scraper);
  // Ends of calls are told half a minute later.
  await wait(45_000);
  const cpu = cpuSeconds(probe.pid);
  const tookS = (performance.now() - started) / 1000;
  probe.kill('SIGTERM');
  await told;
  print(sent, { cpuPercent: (cpu / tookS) * 100 });
} finally {
  tearDown();
}

function print(sent, { cpuPercent }) {
  const { decoded, dropped, trust, discarded } = capture;
  const memory = resident.length > 2 ? trend(resident) : null;
  const jsHeap = heap.length > 2 ? trend(heap) : null;
  const rows = [
    ['', 'sent', 'measured'],
    ['RTP packets', sent.rtp, decoded.rtp],
    ['RTP packets of streams told', sent.rtp, seen.packets],
    ['packets lost before the tap', sent.lost, seen.lost],
    ['SIP messages', sent.sip, decoded.sip],
    ['calls', sent.calls, seen.calls],
    ['streams', 2 * sent.calls, seen.streams],
  ];
  for (const cells of rows) {
    process.stdout.write(
      `${String(cells[0]).padEnd(30)} ${cells
        .slice(1)
        .map((cell) => String(cell.toLocaleString('en')).padStart(14))
        .join(' ')}\n`,
    );
  }
  const lines = [
    `${Math.round((sent.rtp + sent.sip) / sent.tookS).toLocaleString('en')} packets/s for ${(sent.tookS / 60).toFixed(1)} min; dropped by the kernel: ${dropped}; ring used at most ${(100 * highWater).toFixed(0)} %; trust: ${trust.verdict}`,
    `CPU of the probe ${cpuPercent.toFixed(0)} % of a processor; slowest scrape ${scrapeMs.toFixed(0)} ms; steps of the sender over a second late: ${sent.late}`,
    memory === null
      ? 'too short for a trend of memory'
      : `memory ${memory.mean.toFixed(0)} MiB resident, ${memory.perHour.toFixed(1)} MiB/h; heap of measuring ${jsHeap.mean.toFixed(0)} MiB, ${jsHeap.perHour.toFixed(1)} MiB/h`,
    `findings: ${JSON.stringify(seen.findings)}`,
    `discarded: ${JSON.stringify(discarded)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function tearDownQuietly() {
  spawnSync('ip', ['netns', 'del', NAMESPACE], { stdio: 'ignore' });
  spawnSync('ip', ['link', 'del', PROBE_DEVICE], { stdio: 'ignore' });
}
