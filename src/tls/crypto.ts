/**
 * The arithmetic that reading TLS needs, and what is computed from it. The core brings no cipher of its own: whoever
 * composes it hands one in.
 */

/** Hash functions of the cipher suites that are read. */
export type HashName = 'sha256' | 'sha384';

/** Authenticated ciphers (RFC 5116, RFC 8439). */
export type AeadName = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

export interface TlsCrypto {
  /** HMAC of the data under the key. */
  hmac(hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * Opens what an authenticated cipher sealed.
   *
   * @param nonce 12 octets
   * @param sealed ciphertext, then the tag of 16 octets
   * @returns the plaintext; null when the tag is not right
   */
  open(
    cipher: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | null;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `P_hash` of RFC 5246 5 with label and seed: `length` octets from a secret. */
export function prf(
  crypto: TlsCrypto,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = concatenated(ascii(label), seed);
  const out = new Uint8Array(length);
  let a = labelled;
  for (let at = 0; at < length; ) {
    a = crypto.hmac(hash, secret, a);
    const block = crypto.hmac(hash, secret, concatenated(a, labelled));
    out.set(block.subarray(0, length - at), at);
    at += block.length;
  }
  return out;
}

/** HKDF-Expand-Label of RFC 8446 7.1 with an empty context. `length` is at most one block of the hash. */
export function expandLabel(
  crypto: TlsCrypto,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const name = ascii(`tls13 ${label}`);
  const info = concatenated(
    Uint8Array.of(length >> 8, length & 0xff, name.length),
    name,
    Uint8Array.of(0, 1),
  );
  return crypto.hmac(hash, secret, info).slice(0, length);
}
