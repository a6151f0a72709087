/** Secondary packets of one datagram that are read. Equipment sends up to 8; more is refused as damage. */
export const SECONDARIES_MAX = 32;
/** Parity packets of one datagram that are read. */
const PARITIES_MAX = 32;

/** How a datagram protects those before it (T.38 9.1). */
export const PROTECTION_NONE = 0;
export const PROTECTION_REDUNDANCY = 1;
export const PROTECTION_FEC = 2;

/** Sequence number, a primary packet of one octet with its length, kind and number of what protects. */
const SHORTEST = 6;

/**
 * One UDPTL datagram (ITU-T T.38 9.1, Annex A; aligned PER of X.691): sequence number, the primary IFP packet, and
 * either copies of the packets before it, the nearest first, or parity over them. One reused object of plain numbers.
 */
export class UdptlPacket {
  sequence = 0;
  /** First octet of the primary packet; -1 when it was not captured. */
  primary = -1;
  protection = PROTECTION_NONE;
  /** Copies of earlier packets, or parity packets. */
  protecting = 0;
  /** First octets of the copies; -1 for one without content. */
  readonly secondaries = new Int16Array(SECONDARIES_MAX);
  /** Packets that each parity packet is made of (T.38 `fec-npackets`). */
  span = 0;
  /** Cut by the capture: what protects the packets before it is not known. */
  cut = false;

  private at = 0;

  /**
   * Reads the datagram from `start`, `length` octets captured of `wireLength`.
   * @returns whether it is UDPTL to its last octet (or as far as it was captured)
   */
  parse(data: DataView, start: number, length: number, wireLength: number): boolean {
    if (wireLength < SHORTEST || length < 2) return false;
    const end = start + length;
    const wireEnd = start + wireLength;
    this.sequence = data.getUint16(start);
    this.primary = -1;
    this.protection = PROTECTION_NONE;
    this.protecting = 0;
    this.span = 0;
    this.cut = false;
    this.at = start + 2;
    const octets = this.count(data, end);
    if (octets < 0) return this.isCutAt(end, wireEnd);
    if (octets === 0 || this.at + octets > wireEnd) return false;
    if (this.at < end) this.primary = data.getUint8(this.at);
    this.at += octets;
    if (this.at >= end) return this.isCutAt(end, wireEnd);
    const kind = data.getUint8(this.at++);
    if ((kind & 0x7f) !== 0) return false;
    const whole = kind === 0 ? this.copies(data, end, wireEnd) : this.parities(data, end, wireEnd);
    if (!whole) return this.isCutAt(end, wireEnd);
    return this.at === wireEnd;
  }

  /** `secondary-ifp-packets`. False when they reach beyond the end, or are too many. */
  private copies(data: DataView, end: number, wireEnd: number): boolean {
    const number = this.count(data, end);
    if (number < 0 || number > SECONDARIES_MAX) return false;
    for (let i = 0; i < number; i++) {
      const octets = this.count(data, end);
      if (octets < 0 || this.at + octets > wireEnd) return false;
      this.secondaries[i] = octets > 0 && this.at < end ? data.getUint8(this.at) : -1;
      this.at += octets;
    }
    if (this.at > end) return false;
    this.protecting = number;
    if (number > 0) this.protection = PROTECTION_REDUNDANCY;
    return true;
  }

  /** `fec-info`: over how many packets, and the parity itself. */
  private parities(data: DataView, end: number, wireEnd: number): boolean {
    // An INTEGER without bounds: its length, then its value.
    if (end - this.at < 2 || data.getUint8(this.at) !== 1) return false;
    const span = data.getUint8(this.at + 1);
    this.at += 2;
    const number = this.count(data, end);
    if (number < 0 || number > PARITIES_MAX) return false;
    for (let i = 0; i < number; i++) {
      const octets = this.count(data, end);
      if (octets < 0 || this.at + octets > wireEnd) return false;
      this.at += octets;
    }
    if (this.at > end) return false;
    this.span = span;
    this.protecting = number;
    if (number > 0) this.protection = PROTECTION_FEC;
    return true;
  }

  /** A length or number: up to 127 in one octet, up to 16383 in two (X.691 10.9). -1 when it is neither, or cut. */
  private count(data: DataView, end: number): number {
    if (this.at >= end) {
      this.at = end + 1;
      return -1;
    }
    const first = data.getUint8(this.at++);
    if (first < 0x80) return first;
    if (first >= 0xc0) return -1;
    if (this.at >= end) {
      this.at = end + 1;
      return -1;
    }
    return ((first & 0x3f) << 8) | data.getUint8(this.at++);
  }

  /** Reading ended where the capture did: what is there is a datagram all the same. */
  private isCutAt(end: number, wireEnd: number): boolean {
    this.cut = end < wireEnd && this.at >= end;
    return this.cut;
  }
}

/**
 * Does an IFP packet carry a page (any modem but V.21, which carries T.30 control), by its first octet: data field
 * present, type of message "data", no extension, then the modulation in four bits (T.38 7.2, 7.3)? Those that later
 * versions added, behind the extension bit, are V.34 and V.33 and carry pages.
 */
export function isPageData(first: number): boolean {
  if (first < 0 || (first & 0xc0) !== 0xc0) return false;
  return (first & 0x20) !== 0 || (first & 0x1e) !== 0;
}
