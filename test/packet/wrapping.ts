import * as h from './headers.ts';

/** A packet of the generator, taken apart: an untagged Ethernet frame around IP. */
export interface Inner {
  frame: Uint8Array;
  ip: Uint8Array;
  /** Ethertype of `ip`. */
  type: number;
  version: 4 | 6;
}

/** One way in which a mirror port, a router or a card hands packets over. */
export interface Wrapping {
  name: string;
  linkType: number;
  /** What the report must say. */
  encapsulation: string[];
  vlans: number[];
  /** The outermost tunnel's number, and whether it has addresses; null without tunnel. */
  tunnel: { id: number | null; addressed: boolean } | null;
  wrap(inner: Inner): Uint8Array;
}

export function innerOf(frame: Uint8Array): Inner {
  const type = (frame[12]! << 8) | frame[13]!;
  return { frame, ip: frame.subarray(14), type, version: type === 0x0800 ? 4 : 6 };
}

export const pppOf = (inner: Inner): number[] => (inner.version === 4 ? [0x00, 0x21] : [0x00, 0x57]);
export const ipIn = (inner: Inner): number => (inner.version === 4 ? 4 : 41);

/** The inner frame with tags of its own. */
export function tagged(inner: Inner, tags: readonly number[]): Uint8Array {
  return h.join(
    inner.frame.subarray(0, 12),
    tags.flatMap((id) => [0x81, 0x00, ...h.u16(0xa000 | id)]),
    inner.frame.subarray(12),
  );
}

/** A wrapping in short. */
export type Listed = readonly [
  name: string,
  encapsulation: string,
  id: number | null,
  addressed: boolean,
  wrap: (inner: Inner) => Uint8Array,
  vlans?: number[],
];
