import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LiveRecord } from '../../../src/live/live-records.ts';
import { ROOT } from '../../cli/earshot.ts';

/** A live probe that reads a pipe. */
export class FedProbe {
  /** What it told so far, and what its log says. */
  readonly records: LiveRecord[] = [];
  log = '';
  private readonly child: ChildProcess;
  private rest = '';

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, ['bin/earshot.js', 'live', '-', '--json', ...args], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', (bytes: Buffer) => {
      const lines = (this.rest + bytes.toString('utf8')).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.records.push(JSON.parse(line) as LiveRecord);
    });
    this.child.stderr!.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('utf8');
    });
  }

  /** Writes a part of a capture into the pipe. */
  async feed(pcap: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.child.stdin!.write(pcap, () => resolve()));
  }

  /** Ends the pipe, and waits for the end of the probe. */
  async end(): Promise<number | null> {
    const over = once(this.child, 'close');
    this.child.stdin!.end();
    const [code] = await over;
    return code as number | null;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const over = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await over;
  }

  /** Waits until it is so. */
  async until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let waited = 0; waited < 30_000; waited += 50) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${what} did not happen: ${this.log}`);
  }
}

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;

/** The same capture, so many seconds later. */
export function later(pcap: Uint8Array, seconds: number): Uint8Array {
  const moved = Uint8Array.from(pcap);
  const view = new DataView(moved.buffer);
  for (let at = PCAP_HEADER; at < moved.length; at += RECORD_HEADER + view.getUint32(at + 8, true)) {
    view.setUint32(at, view.getUint32(at, true) + seconds, true);
  }
  return moved;
}

/** A capture with some octets wherever others of the same length stood. */
export function replaced(pcap: Uint8Array, old: Buffer, now: Buffer): { pcap: Uint8Array; times: number } {
  const out = Buffer.from(pcap);
  let times = 0;
  for (let at = out.indexOf(old); at !== -1; at = out.indexOf(old, at + old.length)) {
    now.copy(out, at);
    times++;
  }
  return { pcap: out, times };
}
