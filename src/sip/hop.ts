/** Two sockets: address words as in the packet view (IPv4 in mapped form), and ports. */
export interface Sockets {
  readonly src0: number;
  readonly src1: number;
  readonly src2: number;
  readonly src3: number;
  readonly srcPort: number;
  readonly dst0: number;
  readonly dst1: number;
  readonly dst2: number;
  readonly dst3: number;
  readonly dstPort: number;
}

/**
 * Between which two sockets a message passed the tap, and where. Read it before returning: whoever decodes packets reuses
 * the object.
 */
export interface Hop extends Sockets {
  /** Which input it came from. */
  readonly input: number;
  /** DS field (TOS octet) of the packet that brought it, or its last part; -1 when that is not known. */
  readonly tos: number;
}

function mixed(hash: number, word: number): number {
  return Math.imul((hash ^ word) + (hash >>> 15), 0x85eb_ca6b);
}

/** 32-bit digest of the sending host. */
export function senderHost(hop: Sockets): number {
  return mixed(mixed(mixed(mixed(1, hop.src0), hop.src1), hop.src2), hop.src3);
}

/** The same of a host by its address words. */
export function hostDigest(words: Int32Array): number {
  return words.reduce(mixed, 1);
}

/** 32-bit digest of the receiving host, equal to `senderHost` of what that host sends. */
export function receiverHost(hop: Sockets): number {
  return mixed(mixed(mixed(mixed(1, hop.dst0), hop.dst1), hop.dst2), hop.dst3);
}

/** 32-bit digest of both hosts, in this direction. */
export function hostPair(hop: Sockets): number {
  return mixed(senderHost(hop), receiverHost(hop));
}
