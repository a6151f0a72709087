/** Writes WebSocket frames (RFC 6455 5.2) for tests. */
import { bytesOf } from '../sip/examples.ts';

export interface FrameShape {
  /** Default 1, text. */
  opcode?: number;
  /** Default true. */
  fin?: boolean;
  /** RSV bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  rsv?: number;
  /** Masking key; none when absent. */
  mask?: readonly number[];
  /** Bytes of the extended length, 0, 2 or 8; default the fewest. */
  extended?: 0 | 2 | 8;
  /** What the length field says; default the truth. */
  claimed?: number;
}

/** One frame. */
export function frame(payload: Uint8Array | string, shape: FrameShape = {}): Uint8Array {
  const data = typeof payload === 'string' ? bytesOf(payload) : payload;
  const { opcode = 1, fin = true, rsv = 0, mask } = shape;
  const length = shape.claimed ?? data.length;
  const extended = shape.extended ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const header = [(fin ? 0x80 : 0) | rsv | opcode];
  header.push((mask === undefined ? 0 : 0x80) | (extended === 0 ? length : extended === 2 ? 126 : 127));
  for (let i = extended - 1; i >= 0; i--) header.push(Math.floor(length / 256 ** i) % 256);
  if (mask === undefined) return Uint8Array.from([...header, ...data]);
  return Uint8Array.from([...header, ...mask, ...data.map((byte, i) => byte ^ mask[i & 3]!)]);
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
