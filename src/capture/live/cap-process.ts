import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { PacketBatch } from '../../packet/batch.ts';
import type { CapOptions } from './cap-source.ts';
import { type LiveCaptureCode, LiveCaptureError, type LiveCounters, type LiveSource } from './live-source.ts';
import { PushedCapture } from './pushed-capture.ts';

/** What the program that captures is told, as JSON. */
export interface CapProcessTask extends Pick<CapOptions, 'interface' | 'filter' | 'bufferBytes'> {
  /** Only try whether it can be done. */
  trial: boolean;
}

/** What it says on its standard error, as JSON, when it cannot. */
export interface CapProcessRefusal {
  code: LiveCaptureCode;
  message: string;
}

/** So many characters of what it complains about are kept: the last. */
const COMPLAINT_MAX = 4096;
/** Trying takes no longer. */
const TRIAL_MS = 10_000;
/** A process that does not end when it is told to is ended. */
const END_MS = 2000;

/**
 * Captures through the npm package `cap` from a thread: the package calls into a process's main thread wherever it was
 * opened, so it gets a process, which writes what it captures as a pcap.
 */
export class CapProcess implements LiveSource {
  readonly engine = 'pcap';
  readonly stamps = 'arrival';
  readonly name: string;
  readonly #program: string;
  readonly #options: Omit<CapOptions, 'module' | 'nowUs'>;
  readonly #capture: PushedCapture;
  #child: ChildProcess | null = null;
  #deliver: (batch: PacketBatch) => void = () => {};
  #closed: Promise<void> = Promise.resolve();
  #isStopping = false;

  /** @param program the module that captures and writes, see `cli/cap-capture.ts` */
  constructor(program: string, options: Omit<CapOptions, 'module' | 'nowUs'>) {
    this.name = options.interface;
    this.#program = program;
    this.#options = options;
    const { input = 0 } = options;
    this.#capture = new PushedCapture({ name: this.name, input }, (batch) => this.#deliver(batch));
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    const trial = spawnSync(process.execPath, this.#command(true), { encoding: 'utf8', timeout: TRIAL_MS });
    if (trial.status !== 0) throw refusalOf(this.name, trial.stderr, trial.status ?? trial.signal);
    this.#deliver = deliver;
    // It ends with its standard input, which ends with this thread.
    const child = spawn(process.execPath, this.#command(false), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let complaint = '';
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => this.#capture.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_MAX);
    });
    child.on('error', (cause) => {
      complaint ||= cause.message;
    });
    this.#closed = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        this.#capture.end();
        this.#child = null;
        ended(this.#isStopping ? null : refusalOf(this.name, complaint, status ?? signal));
        resolve();
      });
    });
  }

  counters(): LiveCounters {
    const { packets, bytes } = this.#capture.input;
    return { packets, bytes, dropped: null, ringFull: null, ringHighWaterRatio: null, up: null };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    child?.stdin?.end();
    const late = setTimeout(() => child?.kill('SIGKILL'), END_MS);
    await this.#closed;
    clearTimeout(late);
  }

  #command(trial: boolean): string[] {
    const { interface: name, filter, bufferBytes } = this.#options;
    const task: CapProcessTask = {
      interface: name,
      ...(filter === undefined ? {} : { filter }),
      ...(bufferBytes === undefined ? {} : { bufferBytes }),
      trial,
    };
    return [this.#program, JSON.stringify(task)];
  }
}

/** Why the other process ended: what it said, or how. */
function refusalOf(name: string, said: string, how: number | string | null): LiveCaptureError {
  const lines = said.trim().split('\n');
  const last = lines.at(-1) ?? '';
  try {
    // The package may bring the process down behind its refusal, and says so on a line of its own.
    const refusal = lines.findLast((line) => line.startsWith('{')) ?? '';
    const { code, message } = JSON.parse(refusal) as CapProcessRefusal;
    return new LiveCaptureError(code, message);
  } catch {
    const text = `capturing on ${name} with cap ended (${how ?? 'no reason given'})${last === '' ? '' : `: ${last}`}`;
    return new LiveCaptureError('failed', text);
  }
}
