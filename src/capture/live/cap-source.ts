import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { createBatch, type PacketBatch } from '../../packet/batch.ts';
import { noSuchInterface, notPermitted } from './capture-errors.ts';
import { badFilter } from './capture-filter.ts';
import { LiveCaptureError, type LiveCounters, type LiveSource } from './live-source.ts';

/** What is used of the npm package `cap`, a binding of libpcap or Npcap that is compiled at installation. */
export interface CapModule {
  Cap: new () => CapHandle;
}

export interface CapHandle {
  /** Begins to capture into `buffer`, one packet at a time. Returns the link type's name. */
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  /** Only there on Windows. */
  setMinBytes?(octets: number): void;
  on(event: 'packet', listener: (octets: number, truncated: boolean) => void): void;
  close(): void;
}

export interface CapOptions {
  interface: string;
  /** Number of this input, written to the batches' `input` column. Default 0. */
  input?: number;
  /** An expression of pcap-filter(7). Default: everything. */
  filter?: string;
  /** What the kernel holds of packets that nobody has read. Default 64 MiB. */
  bufferBytes?: number;
  /** Default: the installed package. */
  module?: CapModule;
  /** Time of arrival, us since the epoch. Default: the system's clock. */
  nowUs?: () => number;
}

/** What one packet may have at most: the package captures no more of it. */
const PACKET_BYTES_MAX = 65_535;
/** Octets of packets that wait for the end of the event loop's turn. */
const WAITING_BYTES_MAX = 1 << 20;
const BATCH_PACKETS = 2048;
const BUFFER_BYTES = 64 << 20;

const LINK_TYPES: Readonly<Record<string, number>> = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  IEEE802_11_RADIO: 127,
  LINKTYPE_LINUX_SLL: 113,
};

/**
 * Captures through the npm package `cap`, where nothing better is to be had. It says neither when a packet came nor
 * how many were lost: packets are stamped when this process gets round to them, which is no basis for jitter.
 * In the main thread only: the package calls into the main thread's isolate wherever it was opened.
 */
export class CapSource implements LiveSource {
  readonly engine = 'pcap';
  readonly stamps = 'arrival';
  readonly name: string;
  readonly #options: CapOptions;
  readonly #nowUs: () => number;
  /** The package keeps a bare pointer into this buffer: it has to live as long as the handle does. */
  readonly #buffer = Buffer.alloc(PACKET_BYTES_MAX);
  readonly #waiting = new Uint8Array(new ArrayBuffer(WAITING_BYTES_MAX));
  readonly #batch: PacketBatch = createBatch(this.#waiting, BATCH_PACKETS);
  #used = 0;
  #handle: CapHandle | null = null;
  #deliver: (batch: PacketBatch) => void = () => {};
  #ended: (reason: LiveCaptureError | null) => void = () => {};
  #scheduled = false;
  #packets = 0;
  #bytes = 0;

  constructor(options: CapOptions) {
    this.#options = options;
    this.name = options.interface;
    this.#nowUs = options.nowUs ?? (() => (performance.timeOrigin + performance.now()) * 1000);
    this.#batch.input.fill(options.input ?? 0);
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    const module = this.#options.module ?? loadCap();
    if (module === null) {
      throw new LiveCaptureError(
        'library_missing',
        'the package cap is not built: apt-get install libpcap-dev g++ make, then npm install cap --allow-scripts=cap',
      );
    }
    if (!isMainThread && this.#options.module === undefined) {
      throw new LiveCaptureError(
        'not_supported',
        'the package cap works in the main thread only: from a worker it takes the whole process down',
      );
    }
    this.#deliver = deliver;
    this.#ended = ended;
    const handle = new module.Cap();
    const { filter = '', bufferBytes = BUFFER_BYTES } = this.#options;
    try {
      const linkType = handle.open(this.name, filter, bufferBytes, this.#buffer);
      this.#batch.linkType.fill(LINK_TYPES[linkType] ?? 1);
    } catch (cause) {
      throw this.#openingError(cause);
    }
    handle.setMinBytes?.(0);
    handle.on('packet', (octets, truncated) => this.#take(octets, truncated));
    this.#handle = handle;
  }

  counters(): LiveCounters {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      dropped: null,
      ringFull: null,
      ringHighWaterRatio: null,
      up: null,
    };
  }

  async stop(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    handle.close();
    this.#flush();
    this.#ended(null);
  }

  /** The package does not say how long a packet was that it cut: one octet more than it captured, at least. */
  #take(octets: number, truncated: boolean): void {
    const batch = this.#batch;
    const captured = Math.min(octets, PACKET_BYTES_MAX);
    if (batch.count === BATCH_PACKETS || this.#used + captured > WAITING_BYTES_MAX) this.#flush();
    const i = batch.count;
    this.#buffer.copy(this.#waiting, this.#used, 0, captured);
    batch.offset[i] = this.#used;
    batch.capturedLength[i] = captured;
    batch.originalLength[i] = truncated ? captured + 1 : captured;
    batch.timeUs[i] = this.#nowUs();
    this.#packets++;
    this.#bytes += batch.originalLength[i]!;
    batch.frame[i] = this.#packets | 0;
    this.#used += captured;
    batch.count = i + 1;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.count > 0) this.#deliver(batch);
    batch.count = 0;
    this.#used = 0;
  }

  #openingError(cause: unknown): LiveCaptureError {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
    if (/permission|not permitted/i.test(reason)) return notPermitted(this.name, cause);
    if (/no such device|not found/i.test(reason)) return noSuchInterface(this.name);
    if (/syntax error|filter|expression/i.test(reason)) {
      const message = badFilter(this.#options.filter ?? '', reason);
      return new LiveCaptureError('bad_filter', message, { cause });
    }
    return new LiveCaptureError('failed', `cannot capture on ${this.name}: ${reason}`, { cause });
  }
}

/** Is the package installed and built? Does not load it. */
export function capIsBuilt(): boolean {
  try {
    createRequire(import.meta.url).resolve('cap/build/Release/cap.node');
    return true;
  } catch {
    return false;
  }
}

/** The package, if it is installed and built. */
export function loadCap(): CapModule | null {
  try {
    return createRequire(import.meta.url)('cap') as CapModule;
  } catch {
    return null;
  }
}
