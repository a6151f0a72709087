/**
 * A capture reader of a few lines, for tests of SIP and TCP only: Ethernet or raw IPv4, UDP and TCP. It is
 * deliberately not the product's, so that the two can disagree.
 */
import { readFileSync } from 'node:fs';

export interface Datagram {
  readonly protocol: 'udp' | 'tcp';
  readonly source: number;
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** The capture has less of the payload than the wire had. */
  readonly truncated: boolean;
  readonly timeUs: number;
  /** TCP only. */
  readonly sequence: number;
  readonly flags: number;
}

const MAGICS: Readonly<Record<string, { little: boolean; perSecond: number }>> = {
  a1b2c3d4: { little: false, perSecond: 1e6 },
  d4c3b2a1: { little: true, perSecond: 1e6 },
  a1b23c4d: { little: false, perSecond: 1e9 },
  '4d3cb2a1': { little: true, perSecond: 1e9 },
};

interface Frame {
  readonly data: Buffer;
  readonly linkType: number;
  readonly timeUs: number;
}

/** The frames of a classic pcap file, or of the enhanced packet blocks of a little-endian pcapng file. */
function* frames(file: Buffer): Generator<Frame> {
  const magic = MAGICS[file.subarray(0, 4).toString('hex')];
  if (magic === undefined) {
    if (file.subarray(0, 4).toString('hex') === '0a0d0d0a') yield* blocks(file);
    return;
  }
  if (file.length < 24) return;
  const u32 = (at: number): number => (magic.little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const linkType = u32(20) & 0xffff;
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = u32(at + 8);
    if (at + 16 + captured > file.length) return;
    const timeUs = u32(at) * 1e6 + u32(at + 4) / (magic.perSecond / 1e6);
    yield { data: file.subarray(at + 16, at + 16 + captured), linkType, timeUs };
    at += 16 + captured;
  }
}

/** Time stamps are only roughly read (microseconds assumed): no test here depends on them. */
function* blocks(file: Buffer): Generator<Frame> {
  const linkTypes: number[] = [];
  for (let at = 0; at + 12 <= file.length; ) {
    const type = file.readUInt32LE(at);
    const length = file.readUInt32LE(at + 4);
    if (length < 12 || at + length > file.length) return;
    if (type === 1) linkTypes.push(file.readUInt16LE(at + 8));
    if (type === 6) {
      const timeUs = file.readUInt32LE(at + 12) * 2 ** 32 + file.readUInt32LE(at + 16);
      const data = file.subarray(at + 28, at + 28 + file.readUInt32LE(at + 20));
      yield { data, linkType: linkTypes[file.readUInt32LE(at + 8)] ?? -1, timeUs };
    }
    at += length;
  }
}

/** The link type of a file's first packet, or null when it is no capture. */
export function linkTypeOf(path: string): number | null {
  const first = frames(readFileSync(path)).next();
  return first.done === true ? null : first.value.linkType;
}

/** All whole (not fragmented) IPv4 UDP and TCP packets of a file. */
export function* walkPcap(path: string): Generator<Datagram> {
  for (const { data, linkType, timeUs } of frames(readFileSync(path))) {
    const datagram = readFrame(data, linkType, timeUs);
    if (datagram !== null) yield datagram;
  }
}

function readFrame(frame: Buffer, linkType: number, timeUs: number): Datagram | null {
  if (linkType === 101 || linkType === 12) return readIp(frame, timeUs);
  if (linkType !== 1 || frame.length < 14) return null;
  let at = 12;
  while (at + 4 <= frame.length && frame.readUInt16BE(at) === 0x8100) at += 4;
  return at + 2 <= frame.length && frame.readUInt16BE(at) === 0x0800
    ? readIp(frame.subarray(at + 2), timeUs)
    : null;
}

function readIp(packet: Buffer, timeUs: number): Datagram | null {
  if (packet.length < 20 || packet[0]! >> 4 !== 4) return null;
  const header = (packet[0]! & 15) * 4;
  const total = packet.readUInt16BE(2);
  // Fragments are the reassembler's business.
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0 || header < 20 || total < header) return null;
  const data = packet.subarray(header, Math.min(total, packet.length));
  const wire = total - header;
  const common = { source: packet.readInt32BE(12), destination: packet.readInt32BE(16), timeUs };
  if (packet[9] === 17 && data.length >= 8) {
    return {
      ...common,
      protocol: 'udp',
      ...ports(data),
      payload: data.subarray(8),
      truncated: data.length < wire,
      sequence: 0,
      flags: 0,
    };
  }
  if (packet[9] !== 6 || data.length < 20) return null;
  return {
    ...common,
    protocol: 'tcp',
    ...ports(data),
    payload: data.subarray((data[12]! >> 4) * 4),
    truncated: data.length < wire,
    sequence: data.readUInt32BE(4),
    flags: data[13]!,
  };
}

function ports(data: Buffer): { sourcePort: number; destinationPort: number } {
  return { sourcePort: data.readUInt16BE(0), destinationPort: data.readUInt16BE(2) };
}
