/** A seeded source of numbers. Only integer and basic IEEE operations, so every platform gets the same bytes. */
export interface Random {
  /** Uniform integer in 0..2^32-1. */
  uint32(): number;
  /** Uniform in [0, 1), 32 bits fine. */
  float(): number;
  /** Uniform integer in 0..n-1. */
  int(n: number): number;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** Mean 0, deviation 1: the sum of 12 uniforms less 6, so never beyond +-6 and free of Math.log. */
  gauss(): number;
}

/**
 * A generator for one purpose: the same seed and labels give the same sequence, and other labels an unrelated
 * one, so that a change in one stream does not move the numbers of another.
 * Algorithm: xoshiro128** (Blackman, Vigna 2018), its state filled from a hash of seed and labels (FNV-1a,
 * then the murmur3 finaliser).
 */
export function randomFor(seed: number, ...labels: (string | number)[]): Random {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${labels.join('/')}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    hash = (hash + 0x9e3779b9) | 0;
    state[i] = mix(hash);
  }
  return fromState(state);
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function fromState(s: Uint32Array): Random {
  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  };
  const float = (): number => uint32() / 4294967296;
  return {
    uint32,
    float,
    int: (n) => Math.floor(float() * n),
    hex: (digits) => {
      let text = '';
      while (text.length < digits) text += uint32().toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
    gauss: () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += float();
      return sum;
    },
  };
}
