import { BATCH_CAPACITY, createBatch, type PacketBatch } from '../../packet/batch.ts';
import { acceptAll } from './bpf.ts';
import { noSuchInterface, systemFailure } from './capture-errors.ts';
import { type CaptureFilter, filterProgram } from './capture-filter.ts';
import { interfaceIsUp, interfaceState } from './interface-state.ts';
import type { PollHandle } from './koffi.ts';
import { type Libc, openLibc } from './libc.ts';
import {
  ARPHRD_LOOPBACK,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type LinkLayer,
  linkLayerOf,
} from './link-layer.ts';
import { LiveCaptureError, type LiveCounters, type LiveSource } from './live-source.ts';
import { interfaceIndex, PacketSocket, type RingGeometry, type RingHandles } from './packet-socket.ts';
import { Pressure } from './pressure.ts';
import { BlockReader } from './ring-block.ts';

export interface RingOptions extends Partial<RingGeometry> {
  interface: string;
  /** Number of this input, written to the batches' `input` column. Default 0. */
  input?: number;
  /** Take packets for other stations too, as on a mirror port. Default true. */
  promiscuous?: boolean;
  /** Octets captured of each packet at most. Default 262,144: all. */
  snapLength?: number;
  /** What to let in. Default everything. */
  filter?: CaptureFilter;
  /** Sockets of this process with the same number (1..65535) share what comes in, by flow in both directions. */
  fanoutGroup?: number;
}

/** Defaults: 64 MiB, and what is alone in a block is seen within 60 ms. */
export const RING_BLOCK_BYTES = 256 * 1024;
export const RING_BLOCKS = 256;
export const RING_RETIRE_MS = 60;
export const SNAP_LENGTH = 262_144;

/** The event loop has a turn after so many blocks, a few milliseconds of work. */
const BLOCKS_PER_TURN = 8;
/** How often an interface that is gone is looked for again. */
const LOOK_AGAIN_MS = 500;
/** What a block may be late beyond its time before it is given up at the end. */
const RETIRE_GRACE_MS = 40;
/** Room before each packet for a VLAN tag that is put back. */
const TAG_ROOM = 4;
/** Ethernet header and two VLAN tags: what a frame may be longer than its interface's MTU. */
const FRAME_BEYOND_MTU = 14 + 8;
const ANY = 'any';

/** What happens between the start and the end of capturing. */
interface Running {
  socket: PacketSocket;
  reader: BlockReader;
  batch: PacketBatch;
  poll: PollHandle;
  deliver: (batch: PacketBatch) => void;
  ended: (reason: LiveCaptureError | null) => void;
}

/**
 * Captures from an interface through a TPACKET_V3 ring that the kernel fills and the engine reads in place: no packet
 * is copied, and the stamps are the kernel's, in nanoseconds. Linux with koffi only.
 */
export class RingSource implements LiveSource {
  readonly engine = 'ring';
  readonly stamps = 'kernel';
  readonly name: string;
  readonly geometry: RingGeometry;
  readonly #options: RingOptions;
  readonly #pressure = new Pressure();
  #running: Running | null = null;
  #block = 0;
  #boundTo = 0;
  #scheduled = false;
  #lookAgain: NodeJS.Timeout | null = null;
  #dropped = 0;
  #ringFull = 0;
  #highWater = 0;
  #last: LiveCounters | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: RingOptions) {
    this.#options = options;
    this.name = options.interface;
    this.geometry = {
      blockBytes: options.blockBytes ?? RING_BLOCK_BYTES,
      blocks: options.blocks ?? RING_BLOCKS,
      retireMs: options.retireMs ?? RING_RETIRE_MS,
    };
  }

  start(deliver: Running['deliver'], ended: Running['ended']): void {
    const libc = openLibc();
    if (libc === null) {
      throw new LiveCaptureError(
        'library_missing',
        'the ring engine needs Linux and koffi: run `npm install koffi`, or use --engine pipe',
      );
    }
    const any = this.name === ANY;
    const index = any ? 0 : interfaceIndex(libc, this.name);
    const { layer, loopback, mtu } = this.#inspect(libc, any);
    const socket = new PacketSocket(libc, this.name, layer.cooked);
    try {
      socket.stampEarly();
      const bytes = socket.mapRing(this.geometry, TAG_ROOM);
      const reader = new BlockReader(bytes, {
        blockBytes: this.geometry.blockBytes,
        cooked: layer.cooked,
        vlanOffset: layer.cooked ? 14 : layer.linkType === LINKTYPE_ETHERNET ? 12 : -1,
        skipOutgoing: loopback,
        gluedAbove: mtu + FRAME_BEYOND_MTU,
      });
      const { filter, snapLength = SNAP_LENGTH, promiscuous = true, fanoutGroup } = this.#options;
      if (filter !== undefined || snapLength !== SNAP_LENGTH) {
        // Where the kernel takes the header off, the program does not see one either.
        const seen = layer.cooked ? LINKTYPE_RAW : layer.linkType;
        socket.attachFilter(filterProgram(filter, seen, snapLength));
      }
      if (promiscuous && !any && !loopback) socket.addPromiscuous(index);
      socket.bind(index);
      if (fanoutGroup !== undefined) socket.joinFanout(fanoutGroup);
      this.#boundTo = index;
      const batch = createBatch(bytes, BATCH_CAPACITY);
      batch.linkType.fill(layer.linkType);
      batch.input.fill(this.#options.input ?? 0);
      const poll = libc.poll(socket.descriptor, (status) => this.#wake(status));
      this.#running = { socket, reader, batch, poll, deliver, ended };
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  get isPressed(): boolean {
    return this.#pressure.isHigh;
  }

  counters(): LiveCounters {
    const running = this.#running;
    if (running === null) return this.#last ?? emptyCounters();
    this.#account(running.socket);
    const { reader } = running;
    const highWater = this.#highWater;
    this.#highWater = 0;
    return {
      packets: reader.packets,
      bytes: reader.bytes,
      dropped: this.#dropped,
      ringFull: this.#ringFull,
      ringHighWaterRatio: highWater / this.geometry.blocks,
      up: this.name === ANY ? true : interfaceIsUp(openLibc(), this.name),
      glued: reader.glued,
      malformed: reader.malformed,
    };
  }

  /** What another thread has to release with `releaseRing` should this one die; `null` when nothing is held. */
  handles(): RingHandles | null {
    return this.#running?.socket.handles() ?? null;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#windDown();
    return this.#stopping;
  }

  /** Keeps new packets out and gives the block that is being filled the time to come. */
  async #windDown(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.socket.attachFilter(acceptAll(0));
    await new Promise((resolve) => setTimeout(resolve, this.geometry.retireMs + RETIRE_GRACE_MS));
    while (this.#running === running && this.#drain(running)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#end(null);
  }

  /** Link layer, kind and size of the interface. */
  #inspect(libc: Libc, any: boolean): { layer: LinkLayer; loopback: boolean; mtu: number } {
    if (any) {
      return { layer: linkLayerOf(-1), loopback: false, mtu: Number.MAX_SAFE_INTEGER };
    }
    const state = interfaceState(libc, this.name);
    if (state === null) throw noSuchInterface(this.name);
    const { hardwareType, mtu } = state;
    return { layer: linkLayerOf(hardwareType), loopback: hardwareType === ARPHRD_LOOPBACK, mtu };
  }

  /**
   * The descriptor is readable, or has an error to tell. Packets are handed over from a turn of the event loop of their
   * own, where an exception is one of this program and not one of the poll callback.
   */
  #wake(status: number): void {
    if (status < 0) setImmediate(() => this.#afterError());
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const running = this.#running;
      if (running !== null && this.#drain(running)) this.#schedule();
    });
  }

  /** Hands over a few blocks; true when there are more. */
  #drain(running: Running): boolean {
    const { reader, batch, deliver } = running;
    const { blocks } = this.geometry;
    const ready = this.#ready(reader);
    if (ready > this.#highWater) this.#highWater = ready;
    this.#pressure.note(ready / blocks);
    const turn = Math.min(ready, BLOCKS_PER_TURN);
    for (let i = 0; i < turn; i++) {
      const block = this.#block;
      reader.open(block);
      while (reader.left > 0) {
        const before = reader.packets;
        reader.fill(batch);
        for (let k = 0; k < batch.count; k++) batch.frame[k] = (before + k + 1) | 0;
        if (batch.count > 0 && !this.#hand(batch, deliver)) return false;
      }
      reader.giveBack(block);
      this.#block = block + 1 === blocks ? 0 : block + 1;
    }
    return ready > turn;
  }

  /** An engine that throws is broken: capturing ends, rather than to measure on with half of it. */
  #hand(batch: PacketBatch, deliver: Running['deliver']): boolean {
    try {
      deliver(batch);
      return this.#running !== null;
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#end(
        new LiveCaptureError('failed', `packets of ${this.name} could not be handled: ${text}`, { cause }),
      );
      return false;
    }
  }

  /** How many blocks wait. They become ready one after the other, so the first that is not is searched by halves. */
  #ready(reader: BlockReader): number {
    const { blocks } = this.geometry;
    let low = 0;
    let high = blocks;
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = this.#block + middle;
      if (reader.isReady(block < blocks ? block : block - blocks)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The interface went down (the kernel says so once), or is gone. Waits until it is back. */
  #afterError(): void {
    const running = this.#running;
    if (running === null) return;
    running.socket.takeError();
    running.poll.start((status) => this.#wake(status));
    if (this.#lookAgain !== null || this.name === ANY) return;
    this.#lookAgain = setInterval(() => this.#look(), LOOK_AGAIN_MS);
    this.#lookAgain.unref();
  }

  /** An interface that comes back as it was is bound by the kernel; one that was made anew has another index. */
  #look(): void {
    const running = this.#running;
    if (running === null) return;
    const { socket } = running;
    const index = socket.index();
    if (index === 0 || (index === this.#boundTo && interfaceIsUp(openLibc(), this.name) === false)) return;
    if (this.#lookAgain !== null) clearInterval(this.#lookAgain);
    this.#lookAgain = null;
    if (index === this.#boundTo) return;
    try {
      if (this.#options.promiscuous ?? true) socket.addPromiscuous(index);
      socket.bind(index);
      this.#boundTo = index;
    } catch (error) {
      this.#end(error instanceof LiveCaptureError ? error : systemFailure(this.name, 'bind again', 0));
    }
  }

  #account(socket: PacketSocket): void {
    const { dropped, frozen } = socket.takeStatistics();
    this.#dropped += dropped;
    this.#ringFull += frozen;
  }

  #end(reason: LiveCaptureError | null): void {
    const running = this.#running;
    if (running === null) return;
    this.#last = { ...this.counters(), ringHighWaterRatio: 0, up: null };
    this.#running = null;
    if (this.#lookAgain !== null) clearInterval(this.#lookAgain);
    running.poll.close();
    running.socket.close();
    running.ended(reason);
  }
}

function emptyCounters(): LiveCounters {
  return { packets: 0, bytes: 0, dropped: 0, ringFull: 0, ringHighWaterRatio: 0, up: null };
}
