const PRIME_1 = 0x9e37_79b1 | 0;
const PRIME_2 = 0x85eb_ca77 | 0;
const PRIME_3 = 0xc2b2_ae3d | 0;
const PRIME_4 = 0x27d4_eb2f;
const PRIME_5 = 0x1656_67b1;

const STRIPE = 16;

/** XXH32 (xxhash_spec.md, "XXH32 Algorithm Description") of octets that come in parts, with seed 0. */
export class XxHash32 {
  readonly #lanes = Int32Array.of(PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1);
  readonly #rest = new Uint8Array(STRIPE);
  #restLength = 0;
  #total = 0;

  /** Adds the octets of `bytes` from `from` to `to`. */
  update(bytes: Uint8Array, from: number, to: number): void {
    this.#total += to - from;
    let at = from;
    if (this.#restLength > 0) {
      const wanted = Math.min(STRIPE - this.#restLength, to - at);
      this.#rest.set(bytes.subarray(at, at + wanted), this.#restLength);
      this.#restLength += wanted;
      at += wanted;
      if (this.#restLength < STRIPE) return;
      this.#stripes(this.#rest, 0, STRIPE);
      this.#restLength = 0;
    }
    const end = at + ((to - at) & ~(STRIPE - 1));
    this.#stripes(bytes, at, end);
    this.#rest.set(bytes.subarray(end, to));
    this.#restLength = to - end;
  }

  /** The hash of all octets added so far, unsigned. */
  digest(): number {
    const [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    const mixed = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    let hash = this.#total >= STRIPE ? mixed | 0 : PRIME_5;
    hash = (hash + this.#total) | 0;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4) {
      hash = Math.imul(rotate(hash + Math.imul(word(this.#rest, at), PRIME_3), 17), PRIME_4);
    }
    for (; at < this.#restLength; at++) {
      hash = Math.imul(rotate(hash + Math.imul(this.#rest[at]!, PRIME_5), 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    let a = this.#lanes[0]!;
    let b = this.#lanes[1]!;
    let c = this.#lanes[2]!;
    let d = this.#lanes[3]!;
    for (let at = from; at < to; at += STRIPE) {
      a = Math.imul(rotate(a + Math.imul(word(bytes, at), PRIME_2), 13), PRIME_1);
      b = Math.imul(rotate(b + Math.imul(word(bytes, at + 4), PRIME_2), 13), PRIME_1);
      c = Math.imul(rotate(c + Math.imul(word(bytes, at + 8), PRIME_2), 13), PRIME_1);
      d = Math.imul(rotate(d + Math.imul(word(bytes, at + 12), PRIME_2), 13), PRIME_1);
    }
    this.#lanes[0] = a;
    this.#lanes[1] = b;
    this.#lanes[2] = c;
    this.#lanes[3] = d;
  }
}

/** The hash of the octets of `bytes` from `from` to `to`. */
export function xxHash32(bytes: Uint8Array, from: number, to: number): number {
  const hash = new XxHash32();
  hash.update(bytes, from, to);
  return hash.digest();
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
