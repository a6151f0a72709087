/** Runs `earshot live` as its users do, and reads what it tells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { LiveRecord, LiveRecordType } from '../../src/live/live-records.ts';
import { ROOT } from '../cli/earshot.ts';

type OfType<T extends LiveRecordType> = Extract<LiveRecord, { type: T }>;

export interface LiveRun {
  child: ChildProcess;
  records: LiveRecord[];
  /** What the log says, parsed. */
  log: Record<string, unknown>[];
  /** Waits for records of a type that pass; fails after `withinMs`. */
  until<T extends LiveRecordType>(
    type: T,
    passes?: (record: OfType<T>) => boolean,
    withinMs?: number,
  ): Promise<OfType<T>>;
  ofType<T extends LiveRecordType>(type: T): OfType<T>[];
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | null>;
  ended: Promise<number | null>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function runLive(
  args: readonly string[],
  options: {
    env?: Record<string, string>;
    stdin?: 'pipe' | 'ignore' | number;
    before?: readonly string[];
  } = {},
): Promise<LiveRun> {
  const { env = {}, stdin = 'ignore', before = [] } = options;
  const program = [...before, 'bin/earshot.js', 'live', '--json', ...args];
  const child = spawn(process.execPath, program, {
    cwd: ROOT,
    stdio: [stdin, 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const records: LiveRecord[] = [];
  const log: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => records.push(JSON.parse(line)));
  createInterface({ input: child.stderr! }).on('line', (line) => {
    log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line });
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const run: LiveRun = {
    child,
    records,
    log,
    ended,
    ofType: (type) => records.filter((record) => record.type === type) as OfType<typeof type>[],
    until: async (type, passes = () => true, withinMs = 60_000) => {
      for (let waited = 0; waited < withinMs; waited += 50) {
        const found = run.ofType(type).find(passes);
        if (found !== undefined) return found;
        if (child.exitCode !== null) break;
        await pause(50);
      }
      throw new Error(`no ${type} came: ${JSON.stringify(log)} ${JSON.stringify(records.slice(-3))}`);
    },
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
  await run.until('start');
  return run;
}

/** A UDP port on loopback that nobody has. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
