import { endianness } from 'node:os';
import type { BpfInstruction } from './bpf.ts';
import { noSuchInterface, systemFailure } from './capture-errors.ts';
import type { Libc } from './libc.ts';
import { LiveCaptureError } from './live-source.ts';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_ATTACH_FILTER = 26;
const SO_TIMESTAMPNS = 35;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_FANOUT = 18;
const TPACKET_V3 = 2;
const PACKET_MR_PROMISC = 1;
const PACKET_FANOUT_HASH = 0;
const PACKET_FANOUT_FLAG_UNIQUEID = 0x2000;
const ETH_P_ALL = 3;
const PAGE_BYTES = 4096;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;

export interface RingGeometry {
  blockBytes: number;
  blocks: number;
  retireMs: number;
}

/** What is left behind when a thread that read a ring dies; `releaseRing` takes it. Can be posted between threads. */
export interface RingHandles {
  descriptor: number;
  address: bigint;
  length: number;
}

export interface RingStatistics {
  dropped: number;
  frozen: number;
}

/**
 * A packet socket with a TPACKET_V3 ring (packet(7), Documentation/networking/packet_mmap.rst). It is bound last, so
 * that nothing gets into the ring that its filter would not have let in.
 */
export class PacketSocket {
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #name: string;
  readonly #figures = new Uint32Array(3);
  readonly #length = new Uint32Array(1);
  #mapping: RingHandles | null = null;

  /** @param cooked leave the interface's own header out */
  constructor(libc: Libc, name: string, cooked: boolean) {
    this.#libc = libc;
    this.#name = name;
    // Protocol 0: it receives nothing before it is bound.
    this.descriptor = libc.socket(AF_PACKET, (cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
    if (this.descriptor < 0) throw systemFailure(name, 'open a packet socket', libc.errno());
  }

  /**
   * Has packets stamped when they come out of the driver, not when they get into the ring: between the two lie the queue
   * of the processor that works on them, and the copy. Without it they are stamped all the same.
   */
  stampEarly(): void {
    const on = new Uint8Array(new Int32Array([1]).buffer);
    this.#libc.setsockopt(this.descriptor, SOL_SOCKET, SO_TIMESTAMPNS, on, on.length);
  }

  /** Makes the ring and maps it into the process. */
  mapRing({ blockBytes, blocks, retireMs }: RingGeometry, reserve: number): Uint8Array<ArrayBuffer> {
    if (!(blockBytes > 0 && blockBytes % PAGE_BYTES === 0 && Number.isInteger(blocks) && blocks > 0)) {
      const problem = `a ring of ${blocks} blocks of ${blockBytes} octets cannot be made: blocks are whole pages of 4096`;
      throw new LiveCaptureError('failed', problem);
    }
    const frameBytes = 2048;
    this.#set(PACKET_VERSION, new Uint32Array([TPACKET_V3]), 'set the version of the ring');
    this.#set(PACKET_RESERVE, new Uint32Array([reserve]), 'reserve room for tags');
    const frames = (blockBytes / frameBytes) * blocks;
    const request = new Uint32Array([blockBytes, blocks, frameBytes, frames, retireMs, 0, 0]);
    this.#set(PACKET_RX_RING, request, `make a ring of ${(blockBytes * blocks) / 2 ** 20} MiB`);
    const length = blockBytes * blocks;
    const address = this.#libc.mmap(null, length, PROT_READ_WRITE, MAP_SHARED, this.descriptor, 0);
    if (address === null || BigInt.asIntN(64, address) === -1n) {
      throw systemFailure(this.#name, 'map the ring', this.#libc.errno());
    }
    this.#mapping = { descriptor: this.descriptor, address, length };
    return new Uint8Array(this.#libc.view(address, length));
  }

  /** Lets in only what the program accepts, up to the length it returns. */
  attachFilter(program: readonly BpfInstruction[]): void {
    const code = encodeProgram(program);
    const header = new DataView(new ArrayBuffer(16));
    const little = endianness() === 'LE';
    header.setUint16(0, program.length, little);
    header.setBigUint64(8, this.#libc.address(code), little);
    const filter = new Uint8Array(header.buffer);
    const { setsockopt } = this.#libc;
    if (setsockopt(this.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, filter, filter.length) < 0) {
      throw systemFailure(this.#name, 'attach the filter', this.#libc.errno());
    }
  }

  /** Begins to receive from the interface with this index; 0 is all of them. */
  bind(index: number): void {
    const address = new Uint8Array(20);
    const fields = new DataView(address.buffer);
    const little = endianness() === 'LE';
    fields.setUint16(0, AF_PACKET, little);
    fields.setUint16(2, ETH_P_ALL);
    fields.setInt32(4, index, little);
    if (this.#libc.bind(this.descriptor, address, address.length) < 0) {
      throw systemFailure(this.#name, 'bind to the interface', this.#libc.errno());
    }
  }

  /** Also takes packets for other stations, as long as this socket is open. */
  addPromiscuous(index: number): void {
    const request = new Int32Array([index, 0, 0, 0]);
    new Uint16Array(request.buffer)[2] = PACKET_MR_PROMISC;
    this.#set(PACKET_ADD_MEMBERSHIP, request, 'make the interface promiscuous');
  }

  /**
   * Shares what comes in, by flow, with all sockets of the same group.
   *
   * @param group its number; null for a new one that the kernel picks
   * @returns its number
   */
  joinFanout(group: number | null): number {
    // No roll-over to other members when one is full: a stream belongs to one ring.
    const how = PACKET_FANOUT_HASH | (group === null ? PACKET_FANOUT_FLAG_UNIQUEID : 0);
    this.#set(
      PACKET_FANOUT,
      new Int32Array([(group ?? 0) | (how << 16)]),
      'share packets with other sockets',
    );
    this.#length[0] = 4;
    const { getsockopt } = this.#libc;
    if (getsockopt(this.descriptor, SOL_PACKET, PACKET_FANOUT, this.#figures, this.#length) < 0) {
      throw systemFailure(this.#name, 'learn which sockets share packets', this.#libc.errno());
    }
    return this.#figures[0]! & 0xffff;
  }

  /** What was lost since the last call: the kernel forgets it when it is read. */
  takeStatistics(): RingStatistics {
    this.#length[0] = 12;
    const { getsockopt } = this.#libc;
    if (getsockopt(this.descriptor, SOL_PACKET, PACKET_STATISTICS, this.#figures, this.#length) < 0) {
      return { dropped: 0, frozen: 0 };
    }
    return { dropped: this.#figures[1]!, frozen: this.#figures[2]! };
  }

  /** The error that waits at the socket (0 for none), and takes it away. */
  takeError(): number {
    this.#length[0] = 4;
    this.#libc.getsockopt(this.descriptor, SOL_SOCKET, SO_ERROR, this.#figures, this.#length);
    return this.#figures[0]!;
  }

  /** Index of the interface now; 0 when it is gone. */
  index(): number {
    return this.#libc.if_nametoindex(this.#name);
  }

  handles(): RingHandles {
    return this.#mapping ?? { descriptor: this.descriptor, address: 0n, length: 0 };
  }

  close(): void {
    releaseRing(this.#libc, this.handles());
  }

  #set(option: number, value: Uint32Array | Int32Array, step: string): void {
    const bytes = new Uint8Array(value.buffer);
    if (this.#libc.setsockopt(this.descriptor, SOL_PACKET, option, bytes, bytes.length) < 0) {
      throw systemFailure(this.#name, step, this.#libc.errno());
    }
  }
}

/**
 * Gives a ring back to the kernel, from any thread of the process. Its addresses stay taken by memory that costs
 * nothing and reads as zero: a view of the ring that somebody still holds must not bring the process down.
 */
export function releaseRing(libc: Libc, { descriptor, address, length }: RingHandles): void {
  if (length > 0) {
    const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
    libc.mmap(address, length, PROT_READ_WRITE, flags, -1, 0);
  }
  libc.close(descriptor);
}

/** Index of the interface; throws when there is none of that name. */
export function interfaceIndex(libc: Libc, name: string): number {
  const index = libc.if_nametoindex(name);
  if (index === 0) throw noSuchInterface(name);
  return index;
}

/** A program as the kernel reads it: `struct sock_filter[]`. */
export function encodeProgram(program: readonly BpfInstruction[]): Uint8Array {
  const fields = new DataView(new ArrayBuffer(8 * program.length));
  const little = endianness() === 'LE';
  program.forEach(({ code, jt, jf, k }, i) => {
    fields.setUint16(8 * i, code, little);
    fields.setUint8(8 * i + 2, jt);
    fields.setUint8(8 * i + 3, jf);
    fields.setUint32(8 * i + 4, k, little);
  });
  return new Uint8Array(fields.buffer);
}
