import type { PacketView } from '../packet/view.ts';
import type { RtpHeader } from './header.ts';
import { KeyIndex } from './key-index.ts';
import { isCopy } from './mirror-copies.ts';
import { isUnassignedType } from './payload-types.ts';
import { noteCopy } from './stream-facts.ts';
import type { CopyNote } from './stream-table.ts';

/** Answer of `offer`: a copy made by the mirror, of a packet that is kept. */
export const CANDIDATE_COPY = -2;

/** Packets that have to agree before unannounced UDP is believed to be RTP. */
export const CANDIDATE_PACKETS = 5;
/** With a sender report of that SSRC on the same path, two are enough (RFC 3550 A.1). */
export const CANDIDATE_PACKETS_WITH_RTCP = 2;

/** Between two packets of a candidate: at most so many numbers, ticks (3 s at 90 kHz) and microseconds. */
const SEQUENCE_STEP_MAX = 4;
const TIMESTAMP_STEP_MAX = 270_000;
const SILENCE_US_MAX = 3_000_000;

const FIELDS = 16;
/** Packets kept: duplicates are kept as well, but are no evidence. */
const KEPT_MAX = CANDIDATE_PACKETS * 3;
const STRIDE = KEPT_MAX * FIELDS;

/**
 * UDP that looks like RTP but that no SDP announced, waiting for enough evidence. The packets are kept, so that a
 * stream which turns out to be real is measured from its first one.
 *
 * The set is small and fixed: when it is full the oldest entry makes room, and that is counted. Random UDP, DNS,
 * QUIC or games fill it and never get out of it.
 */
export class CandidateSet {
  evicted = 0;
  private readonly keys: KeyIndex;
  private readonly samples: Float64Array;
  /** Packets kept, and how many of them are evidence. */
  private readonly counts: Uint8Array;
  private readonly agreeing: Uint8Array;
  private readonly used: Uint8Array;
  /** Of each, the copies that the mirror made of kept packets. */
  private readonly copied: { copies: CopyNote | null }[];
  private hand = 0;

  constructor(capacity = 4096) {
    this.keys = new KeyIndex(capacity);
    this.samples = new Float64Array(capacity * STRIDE);
    this.counts = new Uint8Array(capacity);
    this.agreeing = new Uint8Array(capacity);
    this.used = new Uint8Array(capacity);
    this.copied = Array.from({ length: capacity }, () => ({ copies: null }));
  }

  /**
   * Offers one packet.
   *
   * @param needed packets that have to agree
   * @returns the candidate's index when it is believed now (its kept packets include this one), `CANDIDATE_COPY`, or
   * -1
   */
  offer(
    header: RtpHeader,
    view: PacketView,
    data: DataView,
    timeUs: number,
    hash: number,
    needed: number,
  ): number {
    if (isUnassignedType(header.payloadType)) return -1;
    const ports = (view.srcPort << 16) | view.dstPort;
    let at = this.keys.find(view, ports, header.ssrc, hash);
    if (at < 0) {
      at = this.hand;
      this.hand = (this.hand + 1) % this.counts.length;
      if (this.used[at] !== 0) {
        this.keys.remove(at);
        this.evicted++;
      }
      this.counts[at] = 0;
      this.used[at] = 0;
      this.copied[at]!.copies = null;
      const entered = this.keys.insert(at, view, ports, header.ssrc, hash);
      if (!entered) return -1;
      this.used[at] = 1;
    } else if (this.isMirrored(at, header, view)) {
      return CANDIDATE_COPY;
    } else if (this.counts[at] === KEPT_MAX) {
      this.counts[at] = 0;
    }
    if (!this.repeats(at, header)) {
      if (!this.continues(at, header, timeUs)) this.counts[at] = 0;
      this.agreeing[at] = this.counts[at] === 0 ? 1 : this.agreeing[at]! + 1;
    }
    this.keep(at, header, view, data, timeUs);
    return this.agreeing[at]! >= needed && this.hasMovingTimestamp(at) ? at : -1;
  }

  /** The copies that the mirror made of a candidate's packets. */
  copiesOf(at: number): CopyNote | null {
    return this.copied[at]!.copies;
  }

  /** How many packets a believed candidate holds. */
  packets(at: number): number {
    return this.counts[at]!;
  }

  /**
   * Loads the k-th kept packet of a candidate; its first four payload octets go to `payload`.
   * All but the time is made an integer: one double here, and the field would be one for every packet from then on.
   */
  load(at: number, k: number, header: RtpHeader, view: PacketView, payload: DataView): void {
    const s = this.samples;
    const o = at * STRIDE + k * FIELDS;
    header.sequence = s[o + 1]! | 0;
    header.timestamp = s[o + 2]! | 0;
    header.payloadType = s[o + 3]! & 0x7f;
    header.marker = s[o + 3]! >> 7;
    header.payloadLength = s[o + 4]! | 0;
    header.payloadCaptured = Math.min(4, s[o + 5]! | 0);
    header.payloadOffset = 0;
    payload.setInt32(0, s[o + 6]!);
    // Nine bits, for -1 is "unknown".
    view.tos = (s[o + 7]! << 23) >> 23;
    view.ttl = s[o + 7]! >> 9;
    view.path = s[o + 8]! | 0;
    view.vlans = s[o + 9]! | 0;
    view.moreVlans = s[o + 10]! | 0;
    view.tunnels = s[o + 11]! | 0;
    view.moreTunnels = s[o + 12]! | 0;
    view.ident = s[o + 13]! | 0;
    view.checksum = s[o + 14]! | 0;
    view.input = s[o + 15]! | 0;
    view.timeUs = s[o]!;
  }

  /** Forgets a candidate. */
  remove(at: number): void {
    this.keys.remove(at);
    this.used[at] = 0;
    this.counts[at] = 0;
  }

  /** Is this a copy of the packet before it? */
  private repeats(at: number, header: RtpHeader): boolean {
    const count = this.counts[at]!;
    if (count === 0) return false;
    const o = at * STRIDE + (count - 1) * FIELDS;
    return this.samples[o + 1] === header.sequence && this.samples[o + 2] === header.timestamp;
  }

  /** Is this a copy of a packet that is kept? */
  private isMirrored(at: number, header: RtpHeader, view: PacketView): boolean {
    const s = this.samples;
    for (let k = this.counts[at]! - 1; k >= 0; k--) {
      const o = at * STRIDE + k * FIELDS;
      if (s[o + 1] !== header.sequence || s[o + 2] !== header.timestamp) continue;
      const ident = s[o + 13]!;
      const print = ident !== 0 ? ident : s[o + 14]! || 1;
      // Nine bits of TOS, then the TTL: as `keep` packs them.
      const tos = (s[o + 7]! << 23) >> 23;
      const mark = ((tos << 24) | (((s[o + 7]! >> 9) & 0xff) << 16)) ^ s[o + 8]!;
      if (!isCopy(view, print, mark, s[o]!)) continue;
      noteCopy(this.copied[at]!, view, view.timeUs - s[o]!);
      return true;
    }
    return false;
  }

  private continues(at: number, header: RtpHeader, timeUs: number): boolean {
    const count = this.counts[at]!;
    if (count === 0) return true;
    const s = this.samples;
    const o = at * STRIDE + (count - 1) * FIELDS;
    const step = (header.sequence - s[o + 1]!) & 0xffff;
    const ticks = (header.timestamp - s[o + 2]!) | 0;
    const elapsed = timeUs - s[o]!;
    return (
      step >= 1 &&
      step <= SEQUENCE_STEP_MAX &&
      ticks >= 0 &&
      ticks <= TIMESTAMP_STEP_MAX &&
      elapsed >= 0 &&
      elapsed <= SILENCE_US_MAX
    );
  }

  private keep(at: number, header: RtpHeader, view: PacketView, data: DataView, timeUs: number): void {
    const s = this.samples;
    const count = this.counts[at]!;
    const o = at * STRIDE + count * FIELDS;
    s[o] = timeUs;
    s[o + 1] = header.sequence;
    s[o + 2] = header.timestamp;
    s[o + 3] = header.payloadType | (header.marker << 7);
    s[o + 4] = header.payloadLength;
    s[o + 5] = header.payloadCaptured;
    s[o + 6] = header.payloadCaptured >= 4 ? data.getInt32(header.payloadOffset) : 0;
    s[o + 7] = (view.tos & 0x1ff) | (view.ttl << 9);
    s[o + 8] = view.path;
    s[o + 9] = view.vlans;
    s[o + 10] = view.moreVlans;
    s[o + 11] = view.tunnels;
    s[o + 12] = view.moreTunnels;
    s[o + 13] = view.ident;
    s[o + 14] = view.checksum;
    s[o + 15] = view.input;
    this.counts[at] = count + 1;
  }

  /** Media moves its timestamps; only telephone events (four octets) keep theirs for more than a few packets. */
  private hasMovingTimestamp(at: number): boolean {
    const s = this.samples;
    const o = at * STRIDE;
    const last = o + (this.counts[at]! - 1) * FIELDS;
    return s[o + 2] !== s[last + 2] || (s[o + 4] === 4 && s[last + 4] === 4);
  }
}
