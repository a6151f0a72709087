import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRecord } from '../../../src/live/live-records.ts';
import { ROOT } from '../../cli/earshot.ts';

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;
const STEPS = 40;

/** A live probe that reads a pipe and serves. */
export interface Served {
  address: string;
  /** What it told so far. */
  records: LiveRecord[];
  /** Writes a capture bit by bit, over `ms`, and keeps the pipe open. */
  feed(pcap: Uint8Array, ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `earshot live - --json --listen` and waits until it serves. */
export async function served(options: readonly string[] = []): Promise<Served> {
  const child = spawn(
    process.execPath,
    ['bin/earshot.js', 'live', '-', '--json', '--listen', '127.0.0.1:0', ...options],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const records: LiveRecord[] = [];
  let rest = '';
  child.stdout.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) records.push(JSON.parse(line) as LiveRecord);
  });
  const address = await new Promise<string>((resolve, reject) => {
    let log = '';
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString('utf8');
      const found = /"address":"([^"]+)"/.exec(log);
      if (found !== null) resolve(found[1]!);
    });
    child.on('exit', () => reject(new Error(`it ended: ${log}`)));
  });
  return {
    address,
    records,
    feed: async (pcap, ms) => {
      for (let i = 0; i < STEPS; i++) {
        const piece = pcap.subarray((pcap.length * i) / STEPS, (pcap.length * (i + 1)) / STEPS);
        child.stdin.write(piece);
        await sleep(ms / STEPS);
      }
    },
    stop: () => ended(child, 'SIGINT'),
  };
}

/** Ends a program and waits for that. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.destroy();
  child.kill(signal);
  await over;
}

/** A capture after which time goes on for so long: a packet each second that is nobody's. */
export function withTimeAfter(pcap: Uint8Array, seconds: number): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  let last = 0;
  for (let at = PCAP_HEADER; at < pcap.length; at += RECORD_HEADER + view.getUint32(at + 8, true)) {
    last = view.getUint32(at, true);
  }
  // Ethernet; IPv4 and UDP from 192.0.2.1:9 to 192.0.2.2:9; one octet.
  const frame = Buffer.from(
    `${'020000000002020000000001'}0800${'4500001d0000000040110000c0000201c0000202'}${'0009000900090000'}78`,
    'hex',
  );
  const tail = new Uint8Array(seconds * (RECORD_HEADER + frame.length));
  const out = new DataView(tail.buffer);
  for (let i = 0; i < seconds; i++) {
    const at = i * (RECORD_HEADER + frame.length);
    out.setUint32(at, last + 1 + i, true);
    out.setUint32(at + 8, frame.length, true);
    out.setUint32(at + 12, frame.length, true);
    tail.set(frame, at + RECORD_HEADER);
  }
  return Buffer.concat([pcap, tail]);
}

/** What a Prometheus server of a test is to do besides scraping. */
export interface PrometheusSetup {
  job: string;
  targets: readonly { host: string; instance: string }[];
  /** File of rules. */
  rules?: string;
  /** Files in OpenMetrics, with times, that are in its store before it starts. */
  history?: readonly string[];
}

/** A Prometheus server that scrapes every second. */
export class Prometheus {
  readonly address: string;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(address: string, child: ChildProcess, folder: string) {
    this.address = address;
    this.child = child;
    this.folder = folder;
  }

  /** Scrapes the one target of an address, or what is set up. */
  static async start(target: string | PrometheusSetup): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-prometheus-'));
    const port = await freePort();
    const setup = typeof target === 'string' ? lone(target) : target;
    writeFileSync(join(folder, 'prometheus.yml'), configOf(setup));
    for (const file of setup.history ?? []) backfill(file, join(folder, 'data'));
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=exemplar-storage',
        '--storage.tsdb.retention.time=60d',
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child, folder);
    for (let tries = 0; tries < 100; tries++) {
      const ready = await fetch(`${prometheus.address}/-/ready`).catch(() => null);
      if (ready?.ok === true) return prometheus;
      await sleep(100);
    }
    throw new Error('Prometheus does not start');
  }

  /** The result of an instant query. @throws when the server refuses it */
  async query(query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const answer = await this.ask(`/api/v1/query?query=${encodeURIComponent(query)}`);
    return (answer as { result: { metric: Record<string, string>; value: [number, string] }[] }).result;
  }

  /** A query that gives one number; NaN for none. */
  async number(query: string): Promise<number> {
    return Number((await this.query(query))[0]?.value[1] ?? Number.NaN);
  }

  /** Answers to what has a path of its own. */
  async ask(path: string): Promise<unknown> {
    const answer = (await (await fetch(this.address + path)).json()) as { data: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  }

  async stop(): Promise<void> {
    await ended(this.child, 'SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function lone(target: string): PrometheusSetup {
  const { host } = new URL(target);
  return { job: 'probe', targets: [{ host, instance: host }] };
}

function configOf({ job, targets, rules }: PrometheusSetup): string {
  const static_configs = targets.map(({ host, instance }) => ({ targets: [host], labels: { instance } }));
  // JSON is YAML, too.
  return JSON.stringify({
    global: { scrape_interval: '1s' },
    ...(rules === undefined ? {} : { rule_files: [rules] }),
    scrape_configs: [{ job_name: job, static_configs }],
  });
}

/** Puts a file in OpenMetrics into the store of a server that does not run. */
function backfill(file: string, data: string): void {
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', file, data];
  const { status, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** What `promtool check metrics` says of an exposition. */
export function checkedByPromtool(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}
