/** HEP messages, written from the specification ("HEP3 Network Protocol Specification", rev. 36), not from the parser. */
import { join, type Octets, u16, u32 } from './headers.ts';

/** One chunk: vendor 2, type 2, length 2 (with these six octets), value. */
export function chunk(type: number, value: Octets, vendor = 0): Uint8Array {
  return join(u16(vendor), u16(type), u16(6 + value.length), value);
}

/** Magic, length of everything, chunks. */
export function hep3(...chunks: Octets[]): Uint8Array {
  const body = join(...chunks);
  return join([0x48, 0x45, 0x50, 0x33], u16(6 + body.length), body);
}

export interface HepShape {
  src?: readonly number[];
  dst?: readonly number[];
  srcPort?: number;
  dstPort?: number;
  timeUs?: number;
  type?: number;
  agent?: number;
  key?: string;
  /** Chunks before the payload. */
  more?: readonly Octets[];
  /** 15, or 16 for a compressed payload. */
  payloadType?: number;
}

export const SRC = [192, 0, 2, 1];
export const DST = [203, 0, 113, 9];

/** A whole message as agents write them. Addresses of 4 or 16 octets. */
export function hepOf(payload: Octets, shape: HepShape = {}): Uint8Array {
  const { src = SRC, dst = DST, timeUs = 1_700_000_000_123_456 } = shape;
  const isIpv4 = src.length === 4;
  const chunks = [
    chunk(1, [isIpv4 ? 2 : 10]),
    chunk(2, [17]),
    chunk(isIpv4 ? 3 : 5, src),
    chunk(isIpv4 ? 4 : 6, dst),
    chunk(7, u16(shape.srcPort ?? 5060)),
    chunk(8, u16(shape.dstPort ?? 5062)),
    chunk(9, u32(Math.floor(timeUs / 1e6))),
    chunk(10, u32(timeUs % 1e6)),
    chunk(11, [shape.type ?? 1]),
    chunk(12, u32(shape.agent ?? 2001)),
  ];
  if (shape.key !== undefined) chunks.push(chunk(14, Buffer.from(shape.key)));
  return hep3(...chunks, ...(shape.more ?? []), chunk(shape.payloadType ?? 15, payload));
}

/** Version 1, or 2 with time and agent in the byte order of its sender. */
export function oldHep(version: 1 | 2, payload: Octets, timeUs = 0, littleEndian = true): Uint8Array {
  const head = [version, version === 1 ? 16 : 28, 2, 17, ...u16(5060), ...u16(5062), ...SRC, ...DST];
  if (version === 1) return join(head, payload);
  const word = (value: number): number[] => (littleEndian ? u32(value).reverse() : u32(value));
  const time = [...word(Math.floor(timeUs / 1e6)), ...word(timeUs % 1e6)];
  return join(head, time, littleEndian ? [7, 0, 0, 0] : [0, 7, 0, 0], payload);
}
