import { createBatch, type PacketBatch } from '../../packet/batch.ts';
import { HEADERS_MAX, type UdpEnd, writeUdpPacket } from './raw-packet.ts';

/** LINKTYPE_RAW: IPv4 or IPv6, told apart by the version. */
export const LINKTYPE_RAW = 101;

/**
 * Packets between whoever receives them and whoever reads batches: one batch is filled while the other is read.
 * What finds no room is refused, nothing waits anywhere else.
 */
export class PacketQueue {
  /** Packets taken since the beginning. */
  packets = 0;
  /** Their octets. */
  bytes = 0;
  #filling: PacketBatch;
  #reading: PacketBatch;
  #used = 0;
  readonly #input: number;

  /** Twice this many packets and octets are allocated. `input` is written to the batches. */
  constructor(packetsMax: number, bytesMax: number, input: number) {
    this.#filling = createBatch(new Uint8Array(bytesMax), packetsMax);
    this.#reading = createBatch(new Uint8Array(bytesMax), packetsMax);
    this.#input = input;
  }

  /** Packets waiting. */
  get length(): number {
    return this.#filling.count;
  }

  /** Appends a datagram as a raw IP packet. False when there is no room for it. */
  push(timeUs: number, src: UdpEnd, dst: UdpEnd, payload: Uint8Array): boolean {
    const batch = this.#filling;
    const at = batch.count;
    if (at === batch.offset.length) return false;
    if (this.#used + HEADERS_MAX + payload.length > batch.bytes.length) return false;
    const length = writeUdpPacket(batch.view, this.#used, src, dst, payload);
    this.packets++;
    this.bytes += length;
    batch.offset[at] = this.#used;
    batch.capturedLength[at] = length;
    batch.originalLength[at] = length;
    batch.timeUs[at] = timeUs;
    batch.linkType[at] = LINKTYPE_RAW;
    batch.input[at] = this.#input;
    batch.frame[at] = this.packets;
    batch.count = at + 1;
    this.#used += length;
    return true;
  }

  /** What waits, as a batch that is valid until the next call; null when nothing does. */
  take(): PacketBatch | null {
    if (this.#filling.count === 0) return null;
    const full = this.#filling;
    this.#filling = this.#reading;
    this.#filling.count = 0;
    this.#used = 0;
    this.#reading = full;
    return full;
  }
}
