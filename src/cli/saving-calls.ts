import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { LiveRecord } from '../live/live-records.ts';
import type { Log } from '../live/log.ts';
import type { Severity } from '../records/types.ts';
import type { HeldPlace } from '../store/held-status.ts';
import { Holds } from '../store/holds.ts';
import { compactTime, segmentsIn } from '../store/segment.ts';
import { StoreError } from '../store/segment-files.ts';

/** Which calls are saved out of the packets that are kept, and where. */
export interface SavingChoice {
  /** Where packets are kept. */
  keptIn: string;
  directory: string;
  /** The mildest severity of a call that is saved. */
  least: Exclude<Severity, 'info'>;
  /** Octets of all files together; the oldest go. */
  maxBytes: number;
}

/** What saving works with. */
export interface SavingParts {
  log: Log;
  nowMs(): number;
  /** Cuts calls out of the packets that are kept, into a file. @returns the exit code and what was said on standard error */
  slice(keptIn: string, callIds: readonly string[], file: string): Promise<{ code: number; said: string }>;
}

/** Calls that wait to be saved; further ones are counted and said. */
const WAITING_MAX = 256;
/** Calls that share one file, and one reading of what is kept. */
const BATCH_MAX = 16;
/** Packets are on the disk a second after they came; more calls may follow. */
const SETTLE_MS = 5000;
/** Of the time, a fifth at most is spent on saving. */
const REST_TIMES = 4;

/**
 * Saves the packets of bad calls for longer than those of all are kept: whoever comes in the morning finds them. Calls
 * that became known together share a file. Another process cuts them out, one at a time, with the least priority.
 */
export class SavingCalls {
  private readonly choice: SavingChoice;
  private readonly parts: SavingParts;
  private waiting: string[] = [];
  private sinceMs = Number.NaN;
  private notBeforeMs = Number.NEGATIVE_INFINITY;
  private running: Promise<void> | null = null;
  private lost = 0;
  private readonly holds: Holds;

  /** @throws {StoreError} when the directory cannot be made */
  constructor(choice: SavingChoice, parts: SavingParts) {
    this.choice = choice;
    this.parts = parts;
    this.holds = new Holds(choice.directory, 'calls');
    try {
      mkdirSync(choice.directory, { recursive: true, mode: 0o700 });
      readdirSync(choice.directory);
    } catch (cause) {
      throw new StoreError(`${choice.directory} cannot be written to`, cause);
    }
  }

  /** Takes records: calls that are bad enough wait to be saved. */
  records(records: readonly LiveRecord[]): void {
    for (const record of records) {
      if (record.type !== 'call' || !this.isBad(record.severity)) continue;
      if (this.waiting.includes(record.callId)) continue;
      if (this.waiting.length >= WAITING_MAX) {
        this.lost++;
        continue;
      }
      if (this.waiting.length === 0) this.sinceMs = this.parts.nowMs();
      this.waiting.push(record.callId);
    }
  }

  /** Time passes. To be called every second. */
  tick(): void {
    void this.holds.look();
    const nowMs = this.parts.nowMs();
    if (this.running !== null || this.waiting.length === 0 || nowMs < this.notBeforeMs) return;
    if (this.waiting.length < BATCH_MAX && nowMs - this.sinceMs < SETTLE_MS) return;
    this.running = this.saveSome().finally(() => {
      this.running = null;
    });
  }

  /** The holds on what was saved, as they stood a moment ago. */
  get held(): HeldPlace {
    return this.holds.status;
  }

  /** Saves what waits; everything that was kept is on the disk by now. */
  async finish(): Promise<void> {
    await this.running;
    while (this.waiting.length > 0) await this.saveSome();
  }

  private isBad(severity: Severity | null): boolean {
    return severity === 'critical' || (severity === 'warning' && this.choice.least === 'warning');
  }

  private async saveSome(): Promise<void> {
    const callIds = this.waiting.splice(0, BATCH_MAX);
    const startedMs = this.parts.nowMs();
    this.sinceMs = startedMs;
    // One whose packets are gone must not take the others with it.
    if (!(await this.save(callIds)) && callIds.length > 1)
      for (const callId of callIds) await this.save([callId]);
    if (this.lost > 0) this.notice('warn', 'more bad calls than can be saved', { calls: this.lost });
    this.lost = 0;
    const nowMs = this.parts.nowMs();
    this.notBeforeMs = nowMs + REST_TIMES * (nowMs - startedMs);
  }

  /** @returns whether there is a file of them now; of a single call that has none it is said why */
  private async save(callIds: readonly string[]): Promise<boolean> {
    const { choice, parts } = this;
    const file = this.freeName();
    const partial = `${file}.partial`;
    try {
      const { code, said } = await parts.slice(choice.keptIn, callIds, partial);
      // The newest file may end in the midst of what is being written: the rest is there.
      if (!existsSync(partial)) throw new Error(said === '' ? `it ended with ${code}` : said);
      chmodSync(partial, 0o600);
      renameSync(partial, file);
      await this.expire();
      this.notice('info', 'bad calls saved', { calls: callIds.length, file });
      return true;
    } catch (error) {
      rmSync(partial, { force: true });
      const reason = error instanceof Error ? error.message : String(error);
      if (callIds.length === 1)
        this.notice('warn', 'a bad call could not be saved', { callId: callIds[0]!, reason });
      return false;
    }
  }

  /** Files are named by when they were saved, in their order. */
  private freeName(): string {
    let ms = this.parts.nowMs();
    while (existsSync(this.nameAt(ms))) ms++;
    return this.nameAt(ms);
  }

  private nameAt(ms: number): string {
    return join(this.choice.directory, `calls-${compactTime(ms)}.pcapng`);
  }

  /** Removes the oldest files while there is too much; what is held has another name by then. */
  private async expire(): Promise<void> {
    const { directory, maxBytes } = this.choice;
    const files = segmentsIn(directory, 'calls');
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    // The newest stays, however large.
    for (const file of files.slice(0, -1)) {
      if (total <= maxBytes || !(await this.holds.mayGo([file], total, maxBytes))) break;
      rmSync(file.path);
      total -= file.bytes;
    }
    const unheld = this.holds.takeTrouble();
    if (unheld !== null) this.notice('warn', 'evidence is held in part only', { reason: unheld });
  }

  private notice(level: 'info' | 'warn', text: string, fields: Record<string, string | number>): void {
    this.parts.log.notice({ level, text, fields });
  }
}

/** What is said on standard error, as far as anybody wants to read it. */
const SAID_MAX = 500;

/** Runs `earshot slice` beside this process. */
const sliceBeside: SavingParts['slice'] = (keptIn, callIds, file) => {
  const calls = callIds.map((callId) => `--call=${callId}`);
  const program = [process.argv[1]!, 'slice', keptIn, ...calls, '-o', file];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID_MAX);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('spawn', () => {
      // Measuring comes first. Where that is refused it runs like any other.
      try {
        setPriority(child.pid!, 19);
      } catch {}
    });
    child.on('close', (code) => resolve({ code: code ?? 1, said: said.trim() }));
  });
};

const TICK_MS = 1000;

/** Saves the bad calls that a live probe tells. */
export interface Saving {
  records(records: readonly LiveRecord[]): void;
  /** The holds on what was saved, as they stand. */
  readonly held: HeldPlace;
  stop(): Promise<void>;
}

/** Saving of a live probe; null where no calls are saved. @throws {StoreError} when its directory cannot be written to */
export function savingOf(choice: SavingChoice | null, log: Log): Saving | null {
  if (choice === null) return null;
  const saving = new SavingCalls(choice, { log, nowMs: Date.now, slice: sliceBeside });
  const timer = setInterval(() => saving.tick(), TICK_MS);
  return {
    records: (records) => saving.records(records),
    get held() {
      return saving.held;
    },
    stop: async () => {
      clearInterval(timer);
      await saving.finish();
    },
  };
}
