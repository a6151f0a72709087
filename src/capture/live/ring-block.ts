import type { PacketBatch } from '../../packet/batch.ts';

/**
 * One block of a TPACKET_V3 ring, as `linux/if_packet.h` lays it out; all numbers in the host's byte order:
 *
 *     tpacket_block_desc     0 version   4 offset_to_priv   8 block_status   12 num_pkts
 *                           16 offset_to_first_pkt   20 blk_len   24 seq_num (64 bits)   32 first and last time
 *     tpacket3_hdr, for each packet, tp_next_offset behind the one before
 *                            0 tp_next_offset   4 tp_sec   8 tp_nsec   12 tp_snaplen   16 tp_len   20 tp_status
 *                           24 tp_mac (16 bits)   26 tp_net (16)   28 rxhash   32 tp_vlan_tci   36 tp_vlan_tpid (16)
 *     sockaddr_ll           48 family (16)   50 protocol (16, big-endian)   52 ifindex   56 hatype (16)
 *                           58 pkttype (8)   59 halen (8)   60 address (8 octets)
 *     gap, then the packet at tp_mac
 */
const BLOCK_STATUS = 8 >> 2;
const BLOCK_PACKETS = 12 >> 2;
const BLOCK_FIRST = 16 >> 2;
const BLOCK_LENGTH = 20 >> 2;
const BLOCK_HEADER = 48;

const HEADER = 48;
/** Header and `sockaddr_ll`: what lies before is not the packet's. */
const FRONT = HEADER + 20;
const SOCKADDR = HEADER;
const PACKET_TYPE = HEADER + 10;

const TP_STATUS_USER = 1;
const TP_STATUS_VLAN_VALID = 1 << 4;
const TP_STATUS_VLAN_TPID_VALID = 1 << 6;
const ETHERTYPE_VLAN = 0x8100;
const VLAN_TAG = 4;
const PACKET_OUTGOING = 4;

/** Octets of the "Linux cooked" header: packet type, hardware type, address length, address, protocol. */
export const SLL_HEADER = 16;

export interface BlockReaderOptions {
  blockBytes: number;
  /** Write a "Linux cooked" header before each packet (see `LinkLayer`). */
  cooked: boolean;
  /** Octets before the VLAN tag's place: 12 for Ethernet, 14 for "Linux cooked", -1 where there is none. */
  vlanOffset: number;
  /** Loopback shows each packet twice, going out and coming in: leave out the first. */
  skipOutgoing: boolean;
  /** Packets longer than this (octets, with the link layer) are several, glued together by GRO or LRO. */
  gluedAbove: number;
}

/**
 * Reads blocks of a ring where they lie. What the kernel wrote is checked like anything else: a block that points
 * outside itself is dropped as far as it was not delivered, and counted.
 *
 * The blocks are shared with the kernel, on other processors too. `isReady` and `giveBack` go through `Atomics`, which
 * V8 compiles to sequentially consistent loads and stores on any integer array, shared or not, and over which it moves
 * no other access: what the kernel wrote before it set the status is seen, and nothing is read after the block is given back.
 */
export class BlockReader {
  /** Packets delivered, and their octets on the wire. */
  packets = 0;
  bytes = 0;
  glued = 0;
  /** Blocks that contradict themselves. */
  malformed = 0;
  /** Packets of the open block not yet read. */
  left = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;
  readonly #halves: Uint16Array;
  readonly #options: BlockReaderOptions;
  /** Octets that a packet has at least before it. */
  readonly #frontBytes: number;
  #next = 0;
  #end = 0;

  /** @param bytes the whole ring, block after block, from its first octet */
  constructor(bytes: Uint8Array<ArrayBuffer>, options: BlockReaderOptions) {
    const { buffer, byteOffset, byteLength } = bytes;
    this.#bytes = bytes;
    this.#words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.#halves = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    this.#options = options;
    this.#frontBytes = options.cooked ? FRONT + SLL_HEADER : FRONT;
  }

  /** Has the kernel finished with this block? */
  isReady(block: number): boolean {
    const word = (block * this.#options.blockBytes) >> 2;
    return (Atomics.load(this.#words, word + BLOCK_STATUS) & TP_STATUS_USER) !== 0;
  }

  giveBack(block: number): void {
    Atomics.store(this.#words, ((block * this.#options.blockBytes) >> 2) + BLOCK_STATUS, 0);
  }

  /** When the first packet of a ready block was stamped, us; 0 for a block that has none, or is damaged. */
  firstUs(block: number): number {
    const { blockBytes } = this.#options;
    const words = this.#words;
    const first = words[((block * blockBytes) >> 2) + BLOCK_FIRST]! >>> 0;
    if (first < BLOCK_HEADER || first > blockBytes - HEADER || (first & 3) !== 0) return 0;
    return stampUs(words, (block * blockBytes + first) >> 2);
  }

  /** Begins with a ready block. */
  open(block: number): void {
    const { blockBytes } = this.#options;
    const start = block * blockBytes;
    const word = start >> 2;
    const packets = this.#words[word + BLOCK_PACKETS]! >>> 0;
    const first = this.#words[word + BLOCK_FIRST]! >>> 0;
    const length = this.#words[word + BLOCK_LENGTH]! >>> 0;
    this.left = 0;
    if (packets === 0) return;
    if (length > blockBytes || first < BLOCK_HEADER || packets > length / HEADER) {
      this.malformed++;
      return;
    }
    this.left = packets;
    this.#next = start + first;
    this.#end = start + length;
  }

  /** Fills the batch with packets of the open block, as many as there are room or packets. */
  fill(batch: PacketBatch): void {
    const { offset, capturedLength, originalLength, timeUs } = batch;
    const words = this.#words;
    const { skipOutgoing, cooked, gluedAbove } = this.#options;
    const room = offset.length;
    let at = this.#next;
    let left = this.left;
    let count = 0;
    let wire = 0;
    while (left > 0 && count < room) {
      if (!this.#isSound(at, left > 1)) {
        this.#drop(batch);
        return;
      }
      const word = at >> 2;
      if (!(skipOutgoing && this.#bytes[at + PACKET_TYPE] === PACKET_OUTGOING)) {
        const captured = words[word + 3]!;
        let start = at + this.#halves[(at + 24) >> 1]!;
        let more = 0;
        if (cooked) {
          start -= SLL_HEADER;
          more = SLL_HEADER;
          this.#cook(at, start);
        }
        const status = words[word + 5]!;
        if ((status & TP_STATUS_VLAN_VALID) !== 0 && this.#restoreTag(at, start, captured + more, status)) {
          start -= VLAN_TAG;
          more += VLAN_TAG;
        }
        const original = (words[word + 4]! >>> 0) + more;
        if (original > gluedAbove) this.glued++;
        offset[count] = start;
        capturedLength[count] = captured + more;
        originalLength[count] = original;
        timeUs[count] = stampUs(words, word);
        wire += original;
        count++;
      }
      at += words[word]! >>> 0;
      left--;
    }
    this.#next = at;
    this.left = left;
    batch.count = count;
    this.packets += count;
    this.bytes += wire;
  }

  /** Does the packet whose header is at `at` lie within its block, and is the next one behind it? */
  #isSound(at: number, hasNext: boolean): boolean {
    const end = this.#end;
    if ((at & 3) !== 0 || at + FRONT > end) return false;
    const word = at >> 2;
    const mac = this.#halves[(at + 24) >> 1]!;
    const captured = this.#words[word + 3]! >>> 0;
    if (mac < this.#frontBytes || at + mac + captured > end) return false;
    // Only the last one has no next.
    return !hasNext || this.#words[word]! >>> 0 >= FRONT;
  }

  #drop(batch: PacketBatch): void {
    batch.count = 0;
    this.left = 0;
    this.malformed++;
  }

  /** Puts the tag back that the card or the kernel took off: the addresses before it move to the front. */
  #restoreTag(header: number, start: number, length: number, status: number): boolean {
    const { vlanOffset } = this.#options;
    if (vlanOffset < 0 || length < vlanOffset || start - VLAN_TAG < header + FRONT) return false;
    const bytes = this.#bytes;
    const tci = this.#words[(header + 32) >> 2]!;
    const tpid =
      (status & TP_STATUS_VLAN_TPID_VALID) !== 0 ? this.#halves[(header + 36) >> 1]! : ETHERTYPE_VLAN;
    bytes.copyWithin(start - VLAN_TAG, start, start + vlanOffset);
    const tag = start - VLAN_TAG + vlanOffset;
    bytes[tag] = tpid >> 8;
    bytes[tag + 1] = tpid;
    bytes[tag + 2] = tci >> 8;
    bytes[tag + 3] = tci;
    return true;
  }

  /** Writes a "Linux cooked" header out of the packet's `sockaddr_ll`. */
  #cook(header: number, to: number): void {
    const bytes = this.#bytes;
    const hardware = this.#halves[(header + SOCKADDR + 8) >> 1]!;
    bytes[to] = 0;
    bytes[to + 1] = bytes[header + PACKET_TYPE]!;
    bytes[to + 2] = hardware >> 8;
    bytes[to + 3] = hardware;
    bytes[to + 4] = 0;
    bytes[to + 5] = bytes[header + SOCKADDR + 11]!;
    for (let i = 0; i < 8; i++) bytes[to + 6 + i] = bytes[header + SOCKADDR + 12 + i]!;
    bytes[to + 14] = bytes[header + SOCKADDR + 2]!;
    bytes[to + 15] = bytes[header + SOCKADDR + 3]!;
  }
}

/** Stamp of the packet whose header begins at this word, us. */
function stampUs(words: Int32Array, header: number): number {
  return (words[header + 1]! >>> 0) * 1e6 + (words[header + 2]! >>> 0) / 1000;
}
