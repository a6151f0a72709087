import { Connections } from './connections.ts';
import { type Places, placesOf } from './frame-places.ts';
import { maskHep } from './hep-octets.ts';
import { maskNote } from './notes.ts';
import { amendChecksum, latin1, putLatin1, wordSum } from './octets.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { maskRtcp, maskRtp } from './rtcp-octets.ts';
import { maskSip } from './sip-text.ts';

const TCP = 6;
const UDP = 17;
const UDP_HEADER = 8;
const SIP_START = /^[\r\n]*(?:SIP\/2\.0 \d{3}|[A-Z]{2,20} \S{1,1024} SIP\/2\.0)/;

/** What became of packets. */
export interface MaskedPackets {
  packets: number;
  /** Bodies of messages, fragments and other contents that could not be masked safely, and were blanked. */
  blanked: number;
  /** Octets of connections that were no readable SIP: TLS, WebSocket, pieces beside a hole. */
  blankedOctets: number;
  /** Packets in tunnels or of other kinds, which were left out. */
  leftOut: number;
}

/**
 * Masks packets in place, each as long as it was; checksums are amended. All packets are taken twice: once to learn the
 * names and to put connections together, then to be masked.
 */
export class PacketMasker {
  private readonly names: Pseudonyms;
  private readonly connections = new Connections();
  private readonly blanked = { bodies: 0 };
  private isLearning = true;
  private packets = 0;
  private leftOut = 0;

  constructor(names: Pseudonyms) {
    this.names = names;
  }

  /** Every packet was seen: from now on they are masked. */
  learned(): void {
    // Twice: what a later message calls a name may stand in an earlier one's host.
    this.connections.prepare(this.names, this.blanked);
    this.connections.prepare(this.names, this.blanked);
    this.isLearning = false;
    this.packets = 0;
    this.leftOut = 0;
    this.blanked.bodies = 0;
  }

  /** Where it stands. */
  get account(): MaskedPackets {
    const { packets, leftOut, blanked, connections } = this;
    return { packets, leftOut, blanked: blanked.bodies, blankedOctets: connections.blankedOctets };
  }

  /** Masks the first `octets` of a frame. @returns how many to keep; 0 for a packet that cannot be masked */
  mask(bytes: Uint8Array, octets: number, linkType: number): number {
    const places = placesOf(bytes, octets, linkType);
    if (places === null || (places.protocol !== TCP && places.protocol !== UDP)) {
      this.leftOut++;
      return 0;
    }
    const kept = this.maskFrame(bytes, octets, places);
    if (kept > 0) this.packets++;
    else this.leftOut++;
    return kept;
  }

  /** A remark that stands at a packet. */
  text(text: string): string {
    return maskNote(this.names, text);
  }

  private maskFrame(bytes: Uint8Array, octets: number, places: Places): number {
    const { ip, version, transport, isFragment } = places;
    const header = isFragment ? transport : transport + headerOf(bytes, octets, places);
    const payload = Math.min(header, octets);
    const addressesAt = version === 4 ? ip + 12 : ip + 8;
    const addressesEnd = addressesAt + (version === 4 ? 8 : 32);
    const addressesBefore = wordSum(bytes, addressesAt, addressesEnd);
    const before = addressesBefore + wordSum(bytes, payload, octets);
    if (isFragment) {
      if (octets > payload) this.blanked.bodies++;
      bytes.fill(0x78, payload, octets);
    } else if (!this.maskPayload(bytes, payload, octets, places)) return 0;
    this.maskAddresses(bytes, places, addressesAt);
    const addressesAfter = wordSum(bytes, addressesAt, addressesEnd);
    if (version === 4) amendChecksum(bytes, ip + 10, addressesBefore, addressesAfter);
    if (!isFragment)
      this.amendTransport(bytes, octets, places, before, addressesAfter + wordSum(bytes, payload, octets));
    return octets;
  }

  private maskPayload(bytes: Uint8Array, start: number, end: number, places: Places): boolean {
    if (places.protocol === TCP) {
      this.maskSegment(bytes, start, end, places);
      return true;
    }
    if (end <= start) return true;
    if (bytes[start]! >> 6 === 2) {
      this.maskMedia(bytes, start, end);
      return true;
    }
    if (bytes[start] === 0x48 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x50) {
      return maskHep(this.names, bytes, start, end, this.blanked);
    }
    const text = latin1(bytes, start, end);
    if (SIP_START.test(text)) putLatin1(bytes, start, maskSip(this.names, text, this.blanked));
    else if (!/^[\r\n\0]*$/.test(text)) {
      // A tunnel, or something else that nobody has looked into.
      return false;
    }
    return true;
  }

  private maskMedia(bytes: Uint8Array, start: number, end: number): void {
    const type = bytes[start + 1] ?? 0;
    if (type >= 192 && type <= 223) {
      if (!maskRtcp(this.names, bytes, start, end)) this.blanked.bodies++;
      return;
    }
    maskRtp(bytes, start, end);
  }

  private maskSegment(bytes: Uint8Array, start: number, end: number, places: Places): void {
    const { ip, version, transport } = places;
    const [from, to] = version === 4 ? [ip + 12, ip + 20] : [ip + 8, ip + 40];
    const flow = latin1(bytes, from, to) + latin1(bytes, transport, transport + 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sequence = view.getInt32(transport + 4);
    if (this.isLearning) this.connections.collect(flow, sequence, bytes.subarray(start, end));
    else if (end > start) this.connections.mask(flow, sequence, bytes, start, end);
  }

  private maskAddresses(bytes: Uint8Array, { macs, version }: Places, at: number): void {
    const { addressesToo, addresses } = this.names;
    if (!addressesToo || this.isLearning) return;
    for (const mac of macs) addresses.mac(bytes, mac);
    if (version === 4) {
      addresses.ipv4(bytes, at);
      addresses.ipv4(bytes, at + 4);
    } else {
      addresses.ipv6(bytes, at);
      addresses.ipv6(bytes, at + 16);
    }
  }

  private amendTransport(
    bytes: Uint8Array,
    octets: number,
    places: Places,
    before: number,
    after: number,
  ): void {
    const at = places.transport + (places.protocol === TCP ? 16 : 6);
    if (at + 2 > octets) return;
    const isUdp = places.protocol === UDP;
    // Zero means that there is none.
    if (isUdp && bytes[at] === 0 && bytes[at + 1] === 0) return;
    amendChecksum(bytes, at, before, after);
    if (isUdp && bytes[at] === 0 && bytes[at + 1] === 0) bytes.fill(0xff, at, at + 2);
  }
}

function headerOf(bytes: Uint8Array, octets: number, { protocol, transport }: Places): number {
  if (protocol === UDP) return UDP_HEADER;
  return transport + 12 < octets ? (bytes[transport + 12]! >> 4) * 4 : 20;
}
