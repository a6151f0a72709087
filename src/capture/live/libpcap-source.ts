import { createBatch, type PacketBatch } from '../../packet/batch.ts';
import { noSuchInterface, notPermitted } from './capture-errors.ts';
import { badFilter, type CaptureFilter, filterProgram } from './capture-filter.ts';
import { type DumpPosition, RECORD_HEADER, readDumpRecords } from './dump-records.ts';
import { interfaceNames } from './interface-list.ts';
import { interfaceIsUp } from './interface-state.ts';
import { loadKoffi, type PollHandle } from './koffi.ts';
import { openLibc } from './libc.ts';
import { type Libpcap, openLibpcap } from './libpcap.ts';
import { LiveCaptureError, type LiveCounters, type LiveSource } from './live-source.ts';
import { encodeProgram } from './packet-socket.ts';

export interface LibpcapOptions {
  interface: string;
  /** Number of this input, written to the batches' `input` column. Default 0. */
  input?: number;
  /** Default true. */
  promiscuous?: boolean;
  /** Octets captured of each packet at most. Default 65,535. */
  snapLength?: number;
  filter?: CaptureFilter;
  /** What the kernel holds of packets that nobody has read. Default 64 MiB. */
  bufferBytes?: number;
}

const SNAP_LENGTH = 65_535;
const BUFFER_BYTES = 64 << 20;
/** How long the kernel may keep packets to hand them over together, ms. */
const TIMEOUT_MS = 60;
/** Packets of one call of `pcap_dispatch`: all of them have room even if each is as long as can be. */
const PACKETS_PER_CALL = 256;
/** Calls of one turn of the event loop. */
const CALLS_PER_TURN = 16;
/** How often an interface that is gone is opened again. */
const OPEN_AGAIN_MS = 1000;
/** Without a descriptor that can be waited for: how often to look. */
const LOOK_MS = 10;
const SEEK_SET = 0;
const NANOSECONDS = 1;
const PCAP_ERROR_NO_SUCH_DEVICE = -5;
const PCAP_ERROR_PERM_DENIED = -8;
const PCAP_ERROR_PROMISC_PERM_DENIED = -11;

interface Handle {
  pcap: bigint;
  dump: bigint;
  file: bigint;
  unitsPerUs: number;
  poll: PollHandle | null;
}

/**
 * Captures through libpcap, with the kernel's stamps and its count of losses, on every system that has libpcap and
 * koffi. `pcap_dispatch` calls libpcap's own `pcap_dump`, which writes the packets into memory as it would into a file: one
 * call from JavaScript brings hundreds of packets.
 */
export class LibpcapSource implements LiveSource {
  readonly engine = 'pcap';
  readonly stamps = 'kernel';
  readonly name: string;
  readonly #options: LibpcapOptions;
  readonly #snapLength: number;
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #batch: PacketBatch;
  readonly #position: DumpPosition = { next: 0, wireBytes: 0 };
  readonly #figures = new Uint32Array(8);
  #library: Libpcap | null = null;
  #handle: Handle | null = null;
  #deliver: (batch: PacketBatch) => void = () => {};
  #ended: (reason: LiveCaptureError | null) => void = () => {};
  #timer: NodeJS.Timeout | null = null;
  #scheduled = false;
  #running = false;
  #packets = 0;
  #bytes = 0;
  #droppedBefore = 0;
  #dropped = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: LibpcapOptions) {
    this.#options = options;
    this.name = options.interface;
    this.#snapLength = options.snapLength ?? SNAP_LENGTH;
    this.#memory = new Uint8Array(
      new ArrayBuffer(PACKETS_PER_CALL * (this.#snapLength + RECORD_HEADER) + 64),
    );
    this.#batch = createBatch(this.#memory, PACKETS_PER_CALL);
    this.#batch.input.fill(options.input ?? 0);
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    this.#library = openLibpcap();
    if (this.#library === null) {
      throw new LiveCaptureError(
        'library_missing',
        'the pcap engine needs libpcap (apt-get install libpcap0.8) and koffi (npm install koffi); --engine pipe goes without',
      );
    }
    this.#deliver = deliver;
    this.#ended = ended;
    this.#handle = this.#open(this.#library);
    this.#running = true;
    this.#watch(this.#handle, this.#library);
  }

  counters(): LiveCounters {
    const { pcap_stats: stats } = this.#library ?? {};
    if (this.#handle !== null && stats !== undefined && stats(this.#handle.pcap, this.#figures) === 0) {
      this.#dropped = this.#droppedBefore + this.#figures[1]!;
    }
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      dropped: this.#dropped,
      ringFull: null,
      ringHighWaterRatio: null,
      up: this.#handle === null ? false : interfaceIsUp(openLibc(), this.name),
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#windDown();
    return this.#stopping;
  }

  /** What came in is handed over within the time that the kernel may keep it. */
  async #windDown(): Promise<void> {
    if (!this.#running) return;
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS + LOOK_MS));
    while (this.#running && this.#drain()) await new Promise((resolve) => setImmediate(resolve));
    this.#end(null);
  }

  #open(library: Libpcap): Handle {
    const errors = new Uint8Array(new ArrayBuffer(512));
    const pcap = library.pcap_create(this.name, errors);
    if (pcap === null)
      throw new LiveCaptureError('failed', `cannot capture on ${this.name}: ${text(errors)}`);
    try {
      library.pcap_set_snaplen(pcap, this.#snapLength);
      library.pcap_set_promisc(pcap, (this.#options.promiscuous ?? true) ? 1 : 0);
      library.pcap_set_timeout(pcap, TIMEOUT_MS);
      library.pcap_set_buffer_size(pcap, this.#options.bufferBytes ?? BUFFER_BYTES);
      library.pcap_set_tstamp_precision(pcap, NANOSECONDS);
      const status = library.pcap_activate(pcap);
      if (status < 0) throw this.#activationError(status, library.pcap_geterr(pcap));
      this.#setFilter(library, pcap);
      library.pcap_setnonblock(pcap, 1, errors);
      this.#batch.linkType.fill(library.pcap_datalink(pcap));
      const file = library.fmemopen(this.#memory, this.#memory.length, 'wb+');
      const dump = file === null ? null : library.pcap_dump_fopen(pcap, file);
      if (file === null || dump === null) throw new LiveCaptureError('failed', 'no memory for a capture');
      const unitsPerUs = library.pcap_get_tstamp_precision(pcap) === NANOSECONDS ? 1000 : 1;
      return { pcap, dump, file, unitsPerUs, poll: null };
    } catch (error) {
      library.pcap_close(pcap);
      throw error;
    }
  }

  /** An expression is libpcap's to compile, with what it knows of the interface; ports are ours. */
  #setFilter(library: Libpcap, pcap: bigint): void {
    const { filter } = this.#options;
    if (filter === undefined) return;
    const program = new Uint8Array(new ArrayBuffer(16));
    const compiled = 'expression' in filter;
    if (compiled) {
      if (library.pcap_compile(pcap, program, filter.expression, 1, 0xffffffff) < 0) {
        throw new LiveCaptureError('bad_filter', badFilter(filter.expression, library.pcap_geterr(pcap)));
      }
    } else {
      const instructions = filterProgram(filter, library.pcap_datalink(pcap), this.#snapLength);
      const code = encodeProgram(instructions);
      const fields = new DataView(program.buffer);
      fields.setUint32(0, instructions.length, true);
      fields.setBigUint64(8, library.address(code), true);
    }
    const status = library.pcap_setfilter(pcap, program);
    if (compiled) library.pcap_freecode(program);
    if (status < 0)
      throw new LiveCaptureError('failed', `cannot set the filter: ${library.pcap_geterr(pcap)}`);
  }

  #activationError(status: number, reason: string): LiveCaptureError {
    if (status === PCAP_ERROR_NO_SUCH_DEVICE || (reason.includes('No such device') && this.#isUnknown())) {
      return noSuchInterface(this.name);
    }
    if (status === PCAP_ERROR_PERM_DENIED || status === PCAP_ERROR_PROMISC_PERM_DENIED) {
      return notPermitted(this.name, new Error(reason));
    }
    return new LiveCaptureError(
      'failed',
      `cannot capture on ${this.name}: ${reason || `pcap_activate ${status}`}`,
    );
  }

  #isUnknown(): boolean {
    return !interfaceNames().includes(this.name);
  }

  #watch(handle: Handle, library: Libpcap): void {
    const descriptor = process.platform === 'linux' ? library.pcap_get_selectable_fd(handle.pcap) : -1;
    const koffi = loadKoffi();
    if (descriptor < 0 || koffi === null) {
      this.#timer = setInterval(() => this.#schedule(), LOOK_MS);
    } else {
      handle.poll = koffi.node.poll(descriptor, (status) => {
        this.#schedule();
        // libuv stops watching a descriptor with an error; libpcap finds out which when it reads.
        if (status < 0) setImmediate(() => handle === this.#handle && this.#watchAgain(handle));
      });
    }
  }

  #watchAgain(handle: Handle): void {
    handle.poll?.close();
    if (this.#library !== null) this.#watch(handle, this.#library);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#running && this.#drain()) this.#schedule();
    });
  }

  /** Hands over what is there, for one turn of the event loop; true when there may be more. */
  #drain(): boolean {
    for (let i = 0; i < CALLS_PER_TURN; i++) {
      const handle = this.#handle;
      if (handle === null) return false;
      const count = this.#read(handle);
      if (count < 0) {
        this.#lose(handle);
        return false;
      }
      if (count < PACKETS_PER_CALL) return false;
    }
    return this.#running;
  }

  /** Reads and hands over once. Returns what `pcap_dispatch` does: a number of packets, or negative. */
  #read(handle: Handle): number {
    const library = this.#library!;
    const batch = this.#batch;
    library.fseek(handle.file, 0, SEEK_SET);
    const count = library.pcap_dispatch(handle.pcap, PACKETS_PER_CALL, library.dump, handle.dump);
    if (count <= 0) return count;
    library.pcap_dump_flush(handle.dump);
    const end = Number(library.pcap_dump_ftell(handle.dump));
    readDumpRecords(batch, 0, end, handle.unitsPerUs, this.#position);
    for (let i = 0; i < batch.count; i++) batch.frame[i] = (this.#packets + i + 1) | 0;
    this.#packets += batch.count;
    this.#bytes += this.#position.wireBytes;
    try {
      if (batch.count > 0) this.#deliver(batch);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#end(
        new LiveCaptureError('failed', `packets of ${this.name} could not be handled: ${reason}`, { cause }),
      );
      return 0;
    }
    return count;
  }

  /** The interface went away, or something like it: libpcap wants to be opened anew then. */
  #lose(handle: Handle): void {
    this.counters();
    this.#droppedBefore = this.#dropped;
    this.#close(handle);
    this.#timer ??= setInterval(() => this.#openAgain(), OPEN_AGAIN_MS);
  }

  #openAgain(): void {
    const library = this.#library;
    if (library === null || !this.#running) return;
    try {
      const handle = this.#open(library);
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      this.#handle = handle;
      this.#watch(handle, library);
    } catch {
      // It is not back yet; `counters().up` says so.
    }
  }

  #close(handle: Handle): void {
    handle.poll?.close();
    // Closes the stream over our memory too.
    this.#library?.pcap_dump_close(handle.dump);
    this.#library?.pcap_close(handle.pcap);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#handle = null;
  }

  #end(reason: LiveCaptureError | null): void {
    if (!this.#running) return;
    this.#running = false;
    this.counters();
    if (this.#handle !== null) this.#close(this.#handle);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#ended(reason);
  }
}

/** A C string. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString();
}
