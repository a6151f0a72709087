/** A connection that carries octets both ways: TCP, and what is put on top of it. Times in ns of the scenario. */
export interface ByteConnection {
  /** Whatever has to be said first; over at `endNs`. */
  open(endNs: number): void;
  /** Octets from one side. `isSip`: they are part of a SIP message. */
  send(timeNs: number, fromClient: boolean, octets: Uint8Array, isSip: boolean): void;
  close(timeNs: number): void;
}

/** Random octets. */
export function randomOctets(random: { int(n: number): number }, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(256));
}

/** All parts one after the other. */
export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A number in big-endian octets. */
export function octetsOf(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) % 256);
}
