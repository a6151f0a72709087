import type { PacketView } from '../packet/view.ts';

/*
 * A mirror port, or two of them, may show one packet twice: in two VLANs, on two interfaces, before and after a
 * router. Such a copy is the same IP packet; a duplicate made by the sender is another one with the same content, and
 * gets an identification of its own (RFC 6864 4.1). That is how they are told apart. A packet without identification
 * (IPv6; IPv4 that may not be fragmented, often) is known by its UDP checksum, and then a copy has to come at once or
 * another way.
 */

/** The longest a copy takes, through a router and two mirror ports, us. */
export const COPY_US = 50_000;
/** The longest a copy without identification takes that comes the same way, us: senders' duplicates take longer. */
const SAME_WAY_US = 1000;

/** Packets remembered, of all streams together: 50 ms of 100 000 packets/s take a sixth of it. */
export const RECENT_PACKETS_MAX = 32_768;

/** TOS, TTL, VLAN tags and tunnels in one word: equal words mean nothing changed on the path. */
export function networkMark(view: PacketView): number {
  return ((view.tos << 24) | ((view.ttl & 0xff) << 16)) ^ view.path;
}

/** 16 bits that all copies of a packet share, never 0: its identification, or its UDP checksum where it has none. */
export function fingerprint(view: PacketView): number {
  return view.ident !== 0 ? view.ident : view.checksum !== 0 ? view.checksum : 1;
}

/** Is `view` a copy of the packet with this fingerprint, network mark and time? Everything else agrees already. */
export function isCopy(view: PacketView, print: number, mark: number, timeUs: number): boolean {
  const apartUs = Math.abs(view.timeUs - timeUs);
  if (print !== fingerprint(view) || !(apartUs <= COPY_US)) return false;
  return view.ident !== 0 || apartUs <= SAME_WAY_US || mark !== networkMark(view);
}

/**
 * Fingerprints of recent RTP packets, by stream and sequence number. A newer packet takes an older one's place where
 * two need the same: 655 KB in all, never more.
 */
export class RecentPackets {
  private readonly slots = new Int32Array(RECENT_PACKETS_MAX).fill(-1);
  /** Sequence number << 16 | fingerprint. */
  private readonly names = new Int32Array(RECENT_PACKETS_MAX);
  private readonly marks = new Int32Array(RECENT_PACKETS_MAX);
  private readonly timesUs = new Float64Array(RECENT_PACKETS_MAX);

  /** Remembers a packet of a stream. */
  note(slot: number, sequence: number, view: PacketView): void {
    this.remember(slot, sequence, fingerprint(view), networkMark(view), view.timeUs);
  }

  /** The same, from what was kept of the packet. */
  remember(slot: number, sequence: number, print: number, mark: number, timeUs: number): void {
    const at = placeOf(slot, sequence, print);
    this.slots[at] = slot;
    this.names[at] = (sequence << 16) | print;
    this.marks[at] = mark;
    this.timesUs[at] = timeUs;
  }

  /** When the packet came of which `view` is a copy, us; NaN when none is remembered. */
  copiedUs(slot: number, sequence: number, view: PacketView): number {
    const at = placeOf(slot, sequence, fingerprint(view));
    const name = this.names[at]!;
    if (this.slots[at] !== slot || name >>> 16 !== sequence) return Number.NaN;
    return isCopy(view, name & 0xffff, this.marks[at]!, this.timesUs[at]!) ? this.timesUs[at]! : Number.NaN;
  }
}

/** A number that the sender sent twice has two places: both may be copied. */
function placeOf(slot: number, sequence: number, print: number): number {
  const stream = Math.imul(slot, 0x9e37_79b1) ^ Math.imul(print, 0x85eb_ca6b);
  return ((stream >>> 17) + sequence) & (RECENT_PACKETS_MAX - 1);
}
