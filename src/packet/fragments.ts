import { type FragmentBuffer, FragmentBuffers } from './fragment-buffers.ts';
import { FragmentTable } from './fragment-table.ts';
import { INSIDE_TRANSPORT } from './inside.ts';
import { decodeInside } from './link.ts';
import {
  REASON_BAD_IP_HEADER,
  REASON_FRAGMENT_DUPLICATE,
  REASON_FRAGMENT_OVERLAP,
  REASON_FRAGMENT_TABLE_FULL,
  REASON_FRAGMENT_TIMEOUT,
  REASON_FRAGMENT_TOO_BIG,
  REASON_IP_FRAGMENT,
  REASON_NAMES,
} from './reasons.ts';
import type { PacketView } from './view.ts';

/** Answer of `take`: the fragment waits for others of its datagram. */
export const FRAGMENT_HELD = -1;
/** Answer of `#add`: the datagram is complete. */
const COMPLETE = -2;

export interface FragmentOptions {
  /** Datagrams known at one time. Default 1024. */
  datagramsMax?: number;
  /** Memory for their content. Default 8 MiB. */
  bytesMax?: number;
  /**
   * How long a datagram may wait for its fragments, us of capture time. Default 1 s: they are sent together, and a host
   * that waits for 30 s has to tell the sender (RFC 1122 3.3.2), an observer has to read the message before its answers.
   */
  ageUs?: number;
}

/**
 * Gets what is left of a datagram whose other fragments never came, from its UDP payload on; the UDP header lies before
 * it. `datagram` says which one it was: source words 0..3, destination words 4..7, identification.
 */
export type CutDatagram = (
  bytes: Uint8Array,
  start: number,
  length: number,
  timeUs: number,
  datagram: Int32Array,
) => boolean;

/** A completed datagram stays known so long, so that copies of its last fragment begin no new one. */
const COPIES_US = 100_000;
const DATAGRAM_MAX = 65_535;
const UNIT = 8;
/** Words of the bitmap of one datagram: a bit for each unit of 8 octets. */
const MAP_WORDS = (DATAGRAM_MAX + 1) / UNIT / 32;
const UDP = 17;
const UDP_HEADER = 8;
const UNKNOWN = -1;
/** The largest datagram while it grows, and the one completed before it. */
const BYTES_LEAST = 4 * (DATAGRAM_MAX + 1);

/**
 * Puts IP fragments together (RFC 791 3.2, RFC 8200 4.5), in any order. Overlaps with other content are refused:
 * what waited is given up and the new fragment begins anew, which is right both for an attack (nothing is ever mixed)
 * and for an identification that is used again. Exact copies, which mirror ports make, do no harm.
 *
 * A datagram is decoded when its last missing fragment comes, at that time, which is when its receiver has it, too.
 * One that never becomes complete was no use to its receiver, so RTP in it counts as lost. Only SIP is read from a
 * lone first fragment: a message cut short still says which call it is about.
 */
export class Fragments {
  /** Fragments that waited in vain, by reason code. */
  readonly discarded = new Float64Array(REASON_NAMES.length);
  /** Fragments taken in, and datagrams made of them. */
  received = 0;
  datagrams = 0;
  readonly #ageUs: number;
  readonly #table: FragmentTable;
  readonly #buffers: FragmentBuffers;
  readonly #buffer: (FragmentBuffer | null)[];
  readonly #onCut: CutDatagram;
  /** Per slot: first arrival and, once done, completion; arrival of the first fragment. */
  readonly #sinceUs: Float64Array;
  readonly #headUs: Float64Array;
  /** Length of the datagram, or unknown; highest end seen; octets from here on were not captured. */
  readonly #total: Int32Array;
  readonly #highest: Int32Array;
  readonly #cutAt: Int32Array;
  /** Fragments held; units they cover; protocol of the first fragment; 1 once the datagram is complete. */
  readonly #held: Int32Array;
  readonly #units: Int32Array;
  readonly #protocol: Int32Array;
  readonly #done: Uint8Array;
  readonly #map: Int32Array;
  /** The datagram that was completed last: its content is valid until the next one is. */
  #finished: FragmentBuffer | null = null;

  constructor(onCut: CutDatagram, options: FragmentOptions = {}) {
    const capacity = options.datagramsMax ?? 1024;
    this.#onCut = onCut;
    this.#ageUs = options.ageUs ?? 1_000_000;
    this.#table = new FragmentTable(capacity);
    this.#buffers = new FragmentBuffers(Math.max(BYTES_LEAST, options.bytesMax ?? 8 << 20));
    this.#buffer = new Array<FragmentBuffer | null>(capacity).fill(null);
    this.#sinceUs = new Float64Array(capacity);
    this.#headUs = new Float64Array(capacity);
    this.#total = new Int32Array(capacity);
    this.#highest = new Int32Array(capacity);
    this.#cutAt = new Int32Array(capacity);
    this.#held = new Int32Array(capacity);
    this.#units = new Int32Array(capacity);
    this.#protocol = new Int32Array(capacity);
    this.#done = new Uint8Array(capacity);
    this.#map = new Int32Array(capacity * MAP_WORDS);
  }

  /** The reassembled datagram that `view` points into, when `take` answered that it was decoded. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#finished!.bytes;
  }
  get data(): DataView {
    return this.#finished!.data;
  }

  /**
   * Takes a fragment that `decodeFrame` left at `REASON_IP_FRAGMENT`. When it completes its datagram, that is decoded
   * (through all tunnels in it, and further fragments).
   *
   * @param bytes what the offsets in `view` point into
   * @returns `FRAGMENT_HELD`; `DECODED`, and `bytes` and `data` are what `view` points into; or why this fragment, or
   * the datagram it completes, is not passed on
   */
  take(view: PacketView, bytes: Uint8Array): number {
    let answer = this.#add(view, bytes);
    while (answer === COMPLETE) {
      const decoded = decodeInside(view, this.data, INSIDE_TRANSPORT);
      if (decoded !== REASON_IP_FRAGMENT) return decoded;
      answer = this.#add(view, this.bytes);
    }
    return answer;
  }

  /** Gives up datagrams that have waited for too long at `timeUs`, capture time. */
  expire(timeUs: number): void {
    const table = this.#table;
    for (let slot = table.oldestWaiting(); slot >= 0; slot = table.oldestWaiting()) {
      if (!this.#isOld(slot, timeUs, this.#ageUs)) break;
      this.#giveUp(slot, REASON_FRAGMENT_TIMEOUT);
    }
    for (let slot = table.oldestDone(); slot >= 0; slot = table.oldestDone()) {
      if (!this.#isOld(slot, timeUs, COPIES_US)) break;
      this.#release(slot);
    }
  }

  /** Gives everything up. For the end of a capture. */
  flush(): void {
    this.expire(Number.POSITIVE_INFINITY);
  }

  /** Also when the clock was set back by that much: the arrival then lies in another time. */
  #isOld(slot: number, timeUs: number, ageUs: number): boolean {
    return Math.abs(timeUs - this.#sinceUs[slot]!) > ageUs;
  }

  #add(view: PacketView, bytes: Uint8Array): number {
    this.received++;
    const wire = view.innerWireEnd - view.innerStart;
    const start = view.fragmentOffset;
    const end = start + wire;
    const last = view.fragmentMore === 0;
    if (wire <= 0 || (!last && wire % UNIT !== 0)) return REASON_BAD_IP_HEADER;
    if (end > DATAGRAM_MAX) return REASON_FRAGMENT_TOO_BIG;
    let slot = this.#known(view);
    if (slot >= 0) {
      if (this.#done[slot] === 1 || this.#isCopy(slot, view, bytes, start, end)) {
        return REASON_FRAGMENT_DUPLICATE;
      }
      if (this.#contradicts(slot, start, end, last)) {
        this.#giveUp(slot, REASON_FRAGMENT_OVERLAP);
        slot = -1;
      }
    }
    if (slot < 0) slot = this.#open(view);
    if (!this.#makeRoom(slot, end)) {
      this.#giveUp(slot, REASON_FRAGMENT_TABLE_FULL);
      return REASON_FRAGMENT_TABLE_FULL;
    }
    this.#keep(slot, view, bytes, start, end);
    if (last) this.#total[slot] = end;
    const total = this.#total[slot]!;
    if (total < 0 || this.#units[slot]! < unitsUpTo(total)) return FRAGMENT_HELD;
    return this.#complete(slot, view, total);
  }

  /** The slot of the fragment's datagram, unless that is too old to be the same; -1 when there is none. */
  #known(view: PacketView): number {
    const slot = this.#table.find(view);
    if (slot < 0) return -1;
    const done = this.#done[slot] === 1;
    if (!this.#isOld(slot, view.timeUs, done ? COPIES_US : this.#ageUs)) return slot;
    if (done) this.#release(slot);
    else this.#giveUp(slot, REASON_FRAGMENT_TIMEOUT);
    return -1;
  }

  #open(view: PacketView): number {
    const table = this.#table;
    if (table.size === table.capacity) {
      const done = table.oldestDone();
      if (done >= 0) this.#release(done);
      else this.#giveUp(table.oldestWaiting(), REASON_FRAGMENT_TABLE_FULL);
    }
    const slot = table.insert(view);
    this.#sinceUs[slot] = view.timeUs;
    this.#total[slot] = UNKNOWN;
    this.#highest[slot] = 0;
    this.#cutAt[slot] = DATAGRAM_MAX;
    this.#held[slot] = 0;
    this.#units[slot] = 0;
    this.#protocol[slot] = 0;
    this.#done[slot] = 0;
    this.#map.fill(0, slot * MAP_WORDS, (slot + 1) * MAP_WORDS);
    return slot;
  }

  /** Is all of this fragment there, octet for octet? */
  #isCopy(slot: number, view: PacketView, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#covered(slot, start, end) < unitsUpTo(end) - start / UNIT) return false;
    if (view.fragmentMore === 0 ? this.#total[slot] !== end : this.#total[slot] === end) return false;
    const held = this.#buffer[slot]!.bytes;
    const length = Math.min(view.innerEnd - view.innerStart, this.#cutAt[slot]! - start);
    for (let i = 0; i < length; i++) {
      if (held[start + i] !== bytes[view.innerStart + i]) return false;
    }
    return true;
  }

  /** Overlaps what is there, or denies where the datagram ends. */
  #contradicts(slot: number, start: number, end: number, last: boolean): boolean {
    const total = this.#total[slot]!;
    if (last ? end < this.#highest[slot]! || total !== UNKNOWN : total !== UNKNOWN && end >= total)
      return true;
    return this.#covered(slot, start, end) > 0;
  }

  /** Units from `start` to `end` that are there. */
  #covered(slot: number, start: number, end: number): number {
    let covered = 0;
    const to = unitsUpTo(end);
    for (let unit = start / UNIT; unit < to; unit++) covered += this.#has(slot, unit);
    return covered;
  }

  #has(slot: number, unit: number): number {
    return (this.#map[slot * MAP_WORDS + (unit >> 5)]! >>> (unit & 31)) & 1;
  }

  /** Room for the datagram up to `end`; the oldest others give way. False when there is none even so. */
  #makeRoom(slot: number, end: number): boolean {
    const held = this.#buffer[slot]!;
    if (held !== null && held.bytes.length >= end) return true;
    let buffer = this.#buffers.take(end);
    while (buffer === null) {
      const oldest = this.#table.oldestWaiting();
      if (oldest < 0 || oldest === slot) return false;
      this.#giveUp(oldest, REASON_FRAGMENT_TABLE_FULL);
      buffer = this.#buffers.take(end);
    }
    if (held !== null) {
      buffer.bytes.set(held.bytes);
      this.#buffers.give(held);
    }
    this.#buffer[slot] = buffer;
    return true;
  }

  #keep(slot: number, view: PacketView, bytes: Uint8Array, start: number, end: number): void {
    const { innerStart, innerEnd } = view;
    this.#buffer[slot]!.bytes.set(bytes.subarray(innerStart, innerEnd), start);
    const captured = start + innerEnd - innerStart;
    if (captured < end) this.#cutAt[slot] = Math.min(this.#cutAt[slot]!, captured);
    if (start === 0) {
      this.#protocol[slot] = view.innerType;
      this.#headUs[slot] = view.timeUs;
    }
    const to = unitsUpTo(end);
    for (let unit = start / UNIT; unit < to; unit++) {
      const word = slot * MAP_WORDS + (unit >> 5);
      this.#map[word] = this.#map[word]! | (1 << (unit & 31));
    }
    this.#units[slot] = this.#units[slot]! + to - start / UNIT;
    this.#held[slot] = this.#held[slot]! + 1;
    this.#highest[slot] = Math.max(this.#highest[slot]!, end);
  }

  /** Hands the datagram over to `view` and keeps its name only. */
  #complete(slot: number, view: PacketView, total: number): number {
    view.innerStart = 0;
    view.innerEnd = Math.min(total, this.#cutAt[slot]!);
    view.innerWireEnd = total;
    view.innerType = this.#protocol[slot]!;
    // What was finished before it may have held this datagram's last fragment; that is copied now.
    if (this.#finished !== null) this.#buffers.give(this.#finished);
    this.#finished = this.#buffer[slot]!;
    this.#buffer[slot] = null;
    this.#sinceUs[slot] = view.timeUs;
    this.#done[slot] = 1;
    this.#table.finish(slot);
    this.datagrams++;
    return COMPLETE;
  }

  /** The datagram will not become complete: counts its fragments, and offers what its first one says. */
  #giveUp(slot: number, reason: number): void {
    let lost = this.#held[slot]!;
    const length = this.#protocol[slot] === UDP ? this.#beginning(slot) - UDP_HEADER : 0;
    if (length > 0) {
      const { bytes } = this.#buffer[slot]!;
      if (this.#onCut(bytes, UDP_HEADER, length, this.#headUs[slot]!, this.#table.keyOf(slot))) lost--;
    }
    this.discarded[reason] = this.discarded[reason]! + lost;
    this.#release(slot);
  }

  /** Octets that are there without a gap from the start. */
  #beginning(slot: number): number {
    let unit = 0;
    const to = unitsUpTo(this.#highest[slot]!);
    while (unit < to && this.#has(slot, unit) === 1) unit++;
    return Math.min(unit * UNIT, this.#highest[slot]!, this.#cutAt[slot]!);
  }

  #release(slot: number): void {
    const buffer = this.#buffer[slot]!;
    if (buffer !== null) this.#buffers.give(buffer);
    this.#buffer[slot] = null;
    this.#table.remove(slot);
  }
}

/** How many units of 8 octets lie, wholly or in part, before `end`. */
function unitsUpTo(end: number): number {
  return (end + UNIT - 1) >> 3;
}
