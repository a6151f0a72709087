import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As a user at the top of the checkout would name it; the name is part of the output. */
export const DEMO = 'test/pcaps/demo.pcap';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Compiles the program when a source is newer; test files take turns, for they run side by side. */
export function build(): void {
  const lock = join(tmpdir(), 'earshot-test-build');
  for (let tries = 0; tries < 600; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      Atomics.wait(pause, 0, 0, 100);
    }
  }
  try {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the program does not build: ${stderr}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: Uint8Array;
  env?: Record<string, string>;
}

/** Runs the program as a shell would, without a terminal, in a plain environment. */
export function earshot(args: readonly string[], options: RunOptions = {}): Outcome {
  return outcome(spawnSync(process.execPath, ['bin/earshot.js', ...args], spawnOptions(options)));
}

/** Runs a shell command line in which `earshot` is the program. */
export function shell(line: string, options: RunOptions = {}): Outcome {
  const script = `earshot() { "${process.execPath}" bin/earshot.js "$@"; }\n${line}`;
  return outcome(spawnSync('bash', ['--norc', '-c', script], spawnOptions(options)));
}

function spawnOptions({ input, env }: RunOptions) {
  return {
    cwd: ROOT,
    input: input ?? '',
    env: { PATH: process.env.PATH ?? '', TMPDIR: tmpdir(), ...env },
    encoding: 'utf8',
    timeout: 15_000,
    maxBuffer: 1 << 28,
  } as const;
}

function outcome({ status, stdout, stderr }: SpawnSyncReturns<string>): Outcome {
  return { code: status, stdout, stderr };
}

/** Files of one test run; the whole folder goes at the end. */
export class Folder {
  private readonly path = mkdtempSync(join(tmpdir(), 'earshot-cli-'));

  /** Writes a file, and says where it is. */
  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A little-endian pcap file in its parts: the header of 24 octets, and records with theirs of 16. */
export interface PcapParts {
  header: Uint8Array;
  records: Uint8Array[];
}

/** The demo capture in its parts. */
export function demoParts(): PcapParts {
  const file = new Uint8Array(readFileSync(join(ROOT, DEMO)));
  const view = new DataView(file.buffer);
  const records: Uint8Array[] = [];
  for (let at = 24; at < file.length; ) {
    const size = 16 + view.getUint32(at + 8, true);
    records.push(file.slice(at, at + size));
    at += size;
  }
  return { header: file.slice(0, 24), records };
}

/** Parts as a file. */
export function joined({ header, records }: PcapParts): Uint8Array {
  return Buffer.concat([header, ...records]);
}

/** A record cut to `length` octets, as a snap length does. */
export function snapped(record: Uint8Array, length: number): Uint8Array {
  const captured = Math.min(length, record.length - 16);
  const cut = record.slice(0, 16 + captured);
  new DataView(cut.buffer).setUint32(8, captured, true);
  return cut;
}
