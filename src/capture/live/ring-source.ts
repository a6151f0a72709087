import { BATCH_CAPACITY, createBatch, type PacketBatch } from '../../packet/batch.ts';
import { acceptAll } from './bpf.ts';
import { noSuchInterface, systemFailure } from './capture-errors.ts';
import { type CaptureFilter, filterProgram } from './capture-filter.ts';
import type { FanoutGroup } from './fanout-group.ts';
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
import { RingTurns, type TurnTaker } from './ring-turns.ts';

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
  /** What the members of the same group get is shared among them. */
  fanout?: FanoutGroup;
  /** Rings that the same thread reads. Default this one alone. */
  turns?: RingTurns;
}

/** Defaults: 64 MiB, and what is alone in a block is seen within 60 ms. */
export const RING_BLOCK_BYTES = 256 * 1024;
export const RING_BLOCKS = 256;
export const RING_RETIRE_MS = 60;
export const SNAP_LENGTH = 262_144;

/** How often an interface that is gone is looked for again. */
const LOOK_AGAIN_MS = 500;
/** What a block may be late beyond its time before it is given up at the end. */
const RETIRE_GRACE_MS = 40;
/** Room before each packet for a VLAN tag that is put back. */
const TAG_ROOM = 4;
/** Ethernet header and two VLAN tags: what a frame may be longer than its interface's MTU. */
const FRAME_BEYOND_MTU = 14 + 8;
const ANY = 'any';

/** A ring that is read. */
interface OpenRing {
  socket: PacketSocket;
  reader: BlockReader;
  batch: PacketBatch;
  poll: PollHandle;
  /** The block that is read next, and how many wait from there on, as far as was looked. */
  block: number;
  waiting: number;
  /** Since it was last looked at. */
  wasRead: boolean;
  /** Index of the interface that it is bound to. */
  boundTo: number;
}

/** Who is told. */
interface Listener {
  deliver: (batch: PacketBatch) => void;
  ended: (reason: LiveCaptureError | null) => void;
}

const NOTHING_READ = { packets: 0, bytes: 0, glued: 0, malformed: 0 };

/**
 * Captures from an interface through a TPACKET_V3 ring that the kernel fills and the engine reads in place: no packet
 * is copied, and the stamps are the kernel's, in nanoseconds. Linux with koffi only.
 */
export class RingSource implements LiveSource, TurnTaker {
  readonly engine = 'ring';
  readonly stamps = 'kernel';
  readonly name: string;
  readonly geometry: RingGeometry;
  readonly #options: RingOptions;
  readonly #pressure = new Pressure();
  readonly #turns: RingTurns;
  #ring: OpenRing | null = null;
  #listener: Listener | null = null;
  /** What was read from rings before this one. */
  #before = NOTHING_READ;
  #lookAgain: NodeJS.Timeout | null = null;
  #dropped = 0;
  #ringFull = 0;
  #highWater = 0;
  #last: LiveCounters | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: RingOptions) {
    this.#options = options;
    this.name = options.interface;
    this.#turns = options.turns ?? new RingTurns();
    this.geometry = {
      blockBytes: options.blockBytes ?? RING_BLOCK_BYTES,
      blocks: options.blocks ?? RING_BLOCKS,
      retireMs: options.retireMs ?? RING_RETIRE_MS,
    };
  }

  start(deliver: Listener['deliver'], ended: Listener['ended']): void {
    this.#ring = this.#open();
    this.#listener = { deliver, ended };
    this.#turns.add(this);
  }

  #open(): OpenRing {
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
      const { filter, snapLength = SNAP_LENGTH, promiscuous = true, fanout } = this.#options;
      if (filter !== undefined || snapLength !== SNAP_LENGTH) {
        // Where the kernel takes the header off, the program does not see one either.
        const seen = layer.cooked ? LINKTYPE_RAW : layer.linkType;
        socket.attachFilter(filterProgram(filter, seen, snapLength));
      }
      if (promiscuous && !any && !loopback) socket.addPromiscuous(index);
      socket.bind(index);
      fanout?.join(socket, index);
      const batch = createBatch(bytes, BATCH_CAPACITY);
      batch.linkType.fill(layer.linkType);
      batch.input.fill(this.#options.input ?? 0);
      const poll = libc.poll(socket.descriptor, (status) => this.#wake(status));
      return { socket, reader, batch, poll, block: 0, waiting: 0, wasRead: false, boundTo: index };
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  get isPressed(): boolean {
    return this.#pressure.isHigh;
  }

  counters(): LiveCounters {
    const ring = this.#ring;
    if (ring === null) return this.#last ?? emptyCounters();
    this.#account(ring.socket);
    const highWater = this.#highWater;
    this.#highWater = 0;
    return {
      ...this.#read(ring),
      dropped: this.#dropped,
      ringFull: this.#ringFull,
      ringHighWaterRatio: highWater / this.geometry.blocks,
      up: this.name === ANY ? true : interfaceIsUp(openLibc(), this.name),
    };
  }

  /** What was read from all rings so far. */
  #read({ reader }: OpenRing): typeof NOTHING_READ {
    const { packets, bytes, glued, malformed } = this.#before;
    return {
      packets: packets + reader.packets,
      bytes: bytes + reader.bytes,
      glued: glued + reader.glued,
      malformed: malformed + reader.malformed,
    };
  }

  /** What another thread has to release with `releaseRing` should this one die. */
  handles(): readonly RingHandles[] {
    return this.#ring === null ? [] : [this.#ring.socket.handles()];
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#windDown();
    return this.#stopping;
  }

  /** Keeps new packets out and gives the block that is being filled the time to come. */
  async #windDown(): Promise<void> {
    const ring = this.#ring;
    if (ring === null) return;
    ring.socket.attachFilter(acceptAll(0));
    await new Promise((resolve) => setTimeout(resolve, this.geometry.retireMs + RETIRE_GRACE_MS));
    for (this.look(); this.#ring === ring && ring.waiting > 0; this.look()) {
      this.#turns.turn();
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

  /** The descriptor is readable, or has an error to tell. */
  #wake(status: number): void {
    if (status < 0) setImmediate(() => this.#afterError());
    this.#turns.schedule();
  }

  look(): void {
    const ring = this.#ring;
    if (ring === null) return;
    ring.waiting = this.#ready(ring);
    if (ring.waiting > this.#highWater) this.#highWater = ring.waiting;
    // Where others had their turn, what waits could not become less.
    if (ring.wasRead || ring.waiting === 0) this.#pressure.note(ring.waiting / this.geometry.blocks);
    ring.wasRead = false;
  }

  get nextUs(): number {
    const ring = this.#ring;
    return ring === null || ring.waiting === 0 ? Number.POSITIVE_INFINITY : ring.reader.firstUs(ring.block);
  }

  take(): void {
    const ring = this.#ring;
    if (ring === null || ring.waiting === 0) return;
    const { reader, batch, block } = ring;
    reader.open(block);
    while (reader.left > 0) {
      const before = this.#before.packets + reader.packets;
      reader.fill(batch);
      for (let k = 0; k < batch.count; k++) batch.frame[k] = (before + k + 1) | 0;
      if (batch.count > 0 && !this.#hand(ring)) return;
    }
    reader.giveBack(block);
    ring.block = block + 1 === this.geometry.blocks ? 0 : block + 1;
    ring.waiting--;
    ring.wasRead = true;
  }

  /** An engine that throws is broken: capturing ends, rather than to measure on with half of it. */
  #hand(ring: OpenRing): boolean {
    try {
      this.#listener?.deliver(ring.batch);
      return this.#ring === ring;
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#end(
        new LiveCaptureError('failed', `packets of ${this.name} could not be handled: ${text}`, { cause }),
      );
      return false;
    }
  }

  /** How many blocks wait. They become ready one after the other, so the first that is not is searched by halves. */
  #ready({ reader, block: next }: OpenRing): number {
    const { blocks } = this.geometry;
    let low = 0;
    let high = blocks;
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = next + middle;
      if (reader.isReady(block < blocks ? block : block - blocks)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The interface went down (the kernel says so once), or is gone. Waits until it is back. */
  #afterError(): void {
    const ring = this.#ring;
    if (ring === null) return;
    ring.socket.takeError();
    ring.poll.start((status) => this.#wake(status));
    if (this.#lookAgain !== null || this.name === ANY) return;
    this.#lookAgain = setInterval(() => this.#lookForInterface(), LOOK_AGAIN_MS);
    this.#lookAgain.unref();
  }

  /** An interface that comes back as it was is bound by the kernel; one that was made anew needs another ring. */
  #lookForInterface(): void {
    const ring = this.#ring;
    if (ring === null) return;
    const index = ring.socket.index();
    if (index === 0 || (index === ring.boundTo && interfaceIsUp(openLibc(), this.name) === false)) return;
    if (this.#lookAgain !== null) clearInterval(this.#lookAgain);
    this.#lookAgain = null;
    if (index !== ring.boundTo) this.#openAgain(ring);
  }

  /** Reads what the ring still has, and goes on with another. */
  #openAgain(ring: OpenRing): void {
    for (this.look(); this.#ring === ring && ring.waiting > 0; ) this.take();
    if (this.#ring !== ring) return;
    this.#account(ring.socket);
    const before = this.#read(ring);
    try {
      const next = this.#open();
      this.#close(ring);
      this.#before = before;
      this.#ring = next;
    } catch (error) {
      this.#end(error instanceof LiveCaptureError ? error : systemFailure(this.name, 'capture again', 0));
    }
  }

  #account(socket: PacketSocket): void {
    const { dropped, frozen } = socket.takeStatistics();
    this.#dropped += dropped;
    this.#ringFull += frozen;
  }

  #end(reason: LiveCaptureError | null): void {
    const ring = this.#ring;
    if (ring === null) return;
    this.#last = { ...this.counters(), ringHighWaterRatio: 0, up: null };
    this.#ring = null;
    this.#turns.remove(this);
    if (this.#lookAgain !== null) clearInterval(this.#lookAgain);
    this.#close(ring);
    this.#listener?.ended(reason);
  }

  #close({ poll, socket }: OpenRing): void {
    poll.close();
    socket.close();
  }
}

function emptyCounters(): LiveCounters {
  return { packets: 0, bytes: 0, dropped: 0, ringFull: 0, ringHighWaterRatio: 0, up: null };
}
