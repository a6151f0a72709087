/**
 * HEP, the encapsulation in which proxies and capture agents send what they saw to a collector (HEP3 Network Protocol
 * Specification; versions 1 and 2 as Kamailio's sipcapture module reads them). There is no IP header inside: addresses
 * and time are fields, and DSCP and TTL are not known.
 */
import { HEP } from './encapsulations.ts';
import { enterTunnel, MAPPED_PREFIX_WORD, noteVlan, type PacketView } from './view.ts';

/** "HEP3". */
const MAGIC = 0x4845_5033;
export const HEP_HEADER = 6;
const CHUNK_HEADER = 6;

const FAMILY_IPV4 = 2;
/** AF_INET6 of Linux, and of nobody else. */
const FAMILY_IPV6 = 10;
const PROTOCOL_UDP = 17;

/** What the payload is (chunk 11). */
export const HEP_SIP = 1;
export const HEP_RTP = 4;
export const HEP_RTCP = 5;
export const HEP_MOS_REPORT = 34;
export const HEP_MOS_SHORT_REPORT = 35;
export const HEP_LOG = 100;

const CHUNK_SOURCE_IPV4 = 3;
const CHUNK_DESTINATION_IPV4 = 4;
const CHUNK_SOURCE_IPV6 = 5;
const CHUNK_DESTINATION_IPV6 = 6;
const CHUNK_SOURCE_PORT = 7;
const CHUNK_DESTINATION_PORT = 8;
const CHUNK_SECONDS = 9;
const CHUNK_MICROSECONDS = 10;
const CHUNK_PROTOCOL_TYPE = 11;
const CHUNK_AGENT = 12;
const CHUNK_AUTHENTICATION = 14;
const CHUNK_PAYLOAD = 15;
const CHUNK_COMPRESSED_PAYLOAD = 16;
const CHUNK_VLAN = 18;

/** Octets of the value of chunk types 1 to 19; 0 is any number. */
const VALUE_LENGTHS = [0, 1, 1, 4, 4, 16, 16, 2, 2, 4, 4, 1, 4, 2, 0, 0, 0, 0, 2, 0];

/** Older headers: version 1, length 1, family 1, protocol 1, two ports 2; addresses; in version 2 time and agent. */
const OLD_HEADER = 8;
const OLD_TIME = 12;

/** Whether a datagram is HEP of version 3, or has a header that fits versions 1 or 2. */
export function looksLikeHep(bytes: Uint8Array, offset: number, length: number): boolean {
  const first = bytes[offset];
  if (first === 0x48) return beginsWithHep3(bytes, offset, length);
  return (first === 1 || first === 2) && oldHepHeader(bytes, offset, length) > 0;
}

/** Whether bytes begin with a message of HEP version 3. */
export function beginsWithHep3(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < HEP_HEADER || bytes[offset] !== 0x48 || bytes[offset + 1] !== 0x45) return false;
  if (bytes[offset + 2] !== 0x50 || bytes[offset + 3] !== 0x33) return false;
  return hep3Length(bytes, offset) >= HEP_HEADER;
}

/** Length of a HEP3 message by its header. */
export function hep3Length(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 4]! << 8) | bytes[offset + 5]!;
}

/**
 * Octets before the payload of a message that may be HEP of version 1 or 2; 0 when it can be none. The length field
 * of version 2 says nothing: some senders count the time, Kamailio leaves it out, sngrep writes 2.
 */
export function oldHepHeader(bytes: Uint8Array, offset: number, length: number): number {
  const family = bytes[offset + 2];
  const addresses = family === FAMILY_IPV4 ? 8 : family === FAMILY_IPV6 ? 32 : 0;
  const header = OLD_HEADER + addresses + (bytes[offset] === 2 ? OLD_TIME : 0);
  return addresses > 0 && length > header ? header : 0;
}

/** What one HEP message holds, as plain numbers in one reused object; offsets are those of the bytes parsed. */
export class HepMessage {
  version = 0;
  protocolType = 0;
  /** Number of the agent, signed 32-bit image; 0 when it gives none. */
  agent = 0;
  /** When the agent captured it; NaN when it does not say, which some do with 0. */
  timeUs = Number.NaN;
  /** The same read in the other byte order: version 2 writes its sender's. */
  swappedTimeUs = Number.NaN;
  payloadOffset = 0;
  payloadLength = 0;
  /** More than `payloadLength` when the capture was cut. */
  payloadWireLength = 0;
  isCompressed = false;
  keyOffset = 0;
  /** -1 when there is no authentication key. */
  keyLength = -1;
  vlan = -1;
  /** By the addresses themselves; chunk 1 says the same. */
  family = 0;
  srcPort = -1;
  dstPort = -1;
  /** Where the addresses lie; -1 when missing. */
  srcOffset = -1;
  dstOffset = -1;
  #srcFamily = 0;

  /**
   * Parses a message that `looksLikeHep`. Unknown chunks and those of other vendors are passed over.
   *
   * @param end one past the last captured byte
   * @param wireEnd one past the last byte on the wire
   * @returns false when it contradicts itself
   */
  parse(data: DataView, start: number, end: number, wireEnd: number): boolean {
    this.#clear();
    if (data.getUint8(start) !== MAGIC >>> 24) return this.#parseOld(data, start, end, wireEnd);
    this.version = 3;
    const messageEnd = start + data.getUint16(start + 4);
    if (messageEnd > wireEnd) return false;
    let seconds = 0;
    let microseconds = 0;
    let at = start + HEP_HEADER;
    while (at < messageEnd) {
      if (messageEnd - at < CHUNK_HEADER) return false;
      if (end - at < CHUNK_HEADER) {
        // The snap length cut off what follows the payload; what comes before it can be told without.
        if (end === wireEnd || this.payloadWireLength === 0) return false;
        break;
      }
      const vendor = data.getUint16(at);
      const type = data.getUint16(at + 2);
      const chunkEnd = at + data.getUint16(at + 4);
      const value = at + CHUNK_HEADER;
      if (chunkEnd < value || chunkEnd > messageEnd) return false;
      if (vendor === 0 && type < VALUE_LENGTHS.length) {
        const wanted = VALUE_LENGTHS[type]!;
        if (wanted !== 0 && chunkEnd - value !== wanted) return false;
        if (type === CHUNK_PAYLOAD || type === CHUNK_COMPRESSED_PAYLOAD) {
          this.#payload(type, value, Math.min(chunkEnd, end), chunkEnd);
        } else if (chunkEnd > end) {
          return false;
        } else if (type === CHUNK_SECONDS) seconds = data.getUint32(value);
        else if (type === CHUNK_MICROSECONDS) microseconds = data.getUint32(value);
        else this.#chunk(data, type, value, chunkEnd);
      }
      at = chunkEnd;
    }
    if (seconds > 0) this.timeUs = seconds * 1e6 + microseconds;
    return this.#isAddressed();
  }

  /**
   * Makes the view that of the packet inside: addresses, ports, payload, no DSCP and no TTL. Its time stays.
   *
   * @param addressed whether the view's own addresses are those of agent and collector
   * @returns false when that is one encapsulation too many
   */
  enter(view: PacketView, data: DataView, addressed: boolean): boolean {
    if (!enterTunnel(view, HEP, this.agent === 0 ? -1 : this.agent, addressed)) return false;
    if (this.vlan >= 0) noteVlan(view, this.vlan);
    const isIpv4 = this.family === FAMILY_IPV4;
    const { srcOffset: src, dstOffset: dst } = this;
    view.src0 = isIpv4 ? 0 : data.getInt32(src);
    view.src1 = isIpv4 ? 0 : data.getInt32(src + 4);
    view.src2 = isIpv4 ? MAPPED_PREFIX_WORD : data.getInt32(src + 8);
    view.src3 = data.getInt32(isIpv4 ? src : src + 12);
    view.dst0 = isIpv4 ? 0 : data.getInt32(dst);
    view.dst1 = isIpv4 ? 0 : data.getInt32(dst + 4);
    view.dst2 = isIpv4 ? MAPPED_PREFIX_WORD : data.getInt32(dst + 8);
    view.dst3 = data.getInt32(isIpv4 ? dst : dst + 12);
    view.srcPort = this.srcPort;
    view.dstPort = this.dstPort;
    view.protocol = PROTOCOL_UDP;
    view.tos = -1;
    view.ttl = -1;
    view.payloadOffset = this.payloadOffset;
    view.payloadLength = this.payloadLength;
    view.payloadWireLength = this.payloadWireLength;
    return true;
  }

  #clear(): void {
    this.protocolType = 0;
    this.agent = 0;
    this.timeUs = Number.NaN;
    this.swappedTimeUs = Number.NaN;
    this.payloadLength = 0;
    this.payloadWireLength = 0;
    this.isCompressed = false;
    this.keyLength = -1;
    this.vlan = -1;
    this.family = 0;
    this.#srcFamily = 0;
    this.srcPort = -1;
    this.dstPort = -1;
    this.srcOffset = -1;
    this.dstOffset = -1;
  }

  #payload(type: number, value: number, end: number, wireEnd: number): void {
    this.isCompressed = type === CHUNK_COMPRESSED_PAYLOAD;
    this.payloadOffset = value;
    this.payloadLength = Math.max(0, end - value);
    this.payloadWireLength = wireEnd - value;
  }

  #chunk(data: DataView, type: number, value: number, end: number): void {
    switch (type) {
      case CHUNK_SOURCE_IPV4:
      case CHUNK_SOURCE_IPV6:
        this.srcOffset = value;
        this.#srcFamily = type === CHUNK_SOURCE_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
        break;
      case CHUNK_DESTINATION_IPV4:
      case CHUNK_DESTINATION_IPV6:
        this.dstOffset = value;
        this.family = type === CHUNK_DESTINATION_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
        break;
      case CHUNK_SOURCE_PORT:
        this.srcPort = data.getUint16(value);
        break;
      case CHUNK_DESTINATION_PORT:
        this.dstPort = data.getUint16(value);
        break;
      case CHUNK_PROTOCOL_TYPE:
        this.protocolType = data.getUint8(value);
        break;
      case CHUNK_AGENT:
        this.agent = data.getInt32(value);
        break;
      case CHUNK_AUTHENTICATION:
        this.keyOffset = value;
        this.keyLength = end - value;
        break;
      case CHUNK_VLAN:
        this.vlan = data.getUint16(value) & 0x0fff;
        break;
    }
  }

  #isAddressed(): boolean {
    if (this.family !== this.#srcFamily) return false;
    return this.srcOffset >= 0 && this.dstOffset >= 0 && this.srcPort >= 0 && this.dstPort >= 0;
  }

  #parseOld(data: DataView, start: number, end: number, wireEnd: number): boolean {
    this.version = data.getUint8(start);
    this.family = data.getUint8(start + 2);
    this.srcPort = data.getUint16(start + 4);
    this.dstPort = data.getUint16(start + 6);
    const addressLength = this.family === FAMILY_IPV4 ? 4 : 16;
    this.srcOffset = start + OLD_HEADER;
    this.dstOffset = this.srcOffset + addressLength;
    const time = this.dstOffset + addressLength;
    const payload = time + (this.version === 2 ? OLD_TIME : 0);
    if (this.version === 2 && data.getUint32(time) !== 0) {
      // As the sender's processor writes them: nearly always little-endian, but nobody says so.
      this.timeUs = data.getUint32(time, true) * 1e6 + data.getUint32(time + 4, true);
      this.swappedTimeUs = data.getUint32(time) * 1e6 + data.getUint32(time + 4);
    }
    if (this.version === 2) this.agent = data.getUint16(time + 8, true);
    // They know no type, and carry SIP.
    this.protocolType = HEP_SIP;
    this.#payload(CHUNK_PAYLOAD, payload, end, wireEnd);
    return payload < end;
  }
}
