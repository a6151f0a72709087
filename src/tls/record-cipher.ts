import { expandLabel, prf, type TlsCrypto } from './crypto.ts';
import { RECORD_HEADER } from './records.ts';
import type { CipherSuite } from './suites.ts';

const TAG = 16;
const NONCE = 12;
const EXPLICIT_NONCE = 8;
const SALT = 4;

/** How the nonce of a record is made, and what its tag covers. */
type NonceRule =
  /** RFC 5288: four secret octets, then eight that stand in the record. */
  | 'explicit'
  /** RFC 7905: the sequence number over the secret octets; TLS 1.2 header. */
  | 'masked'
  /** RFC 8446 5.3: the same; TLS 1.3 header. */
  | 'tls13';

/** Opens the records that one side of a connection sends under one key. */
export class RecordCipher {
  /** Number of the next record. */
  sequence = 0;
  readonly #crypto: TlsCrypto;
  readonly #suite: CipherSuite;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #rule: NonceRule;
  readonly #nonce = new Uint8Array(NONCE);
  readonly #header12 = new Uint8Array(13);

  constructor(crypto: TlsCrypto, suite: CipherSuite, key: Uint8Array, iv: Uint8Array, rule: NonceRule) {
    this.#crypto = crypto;
    this.#suite = suite;
    this.#key = key;
    this.#iv = iv;
    this.#rule = rule;
  }

  /**
   * Opens a record as the one with number `sequence`. The number goes on by one when that succeeds.
   *
   * @param record with its header
   * @returns the plaintext, in TLS 1.3 with its inner type and padding; null when the tag is not right
   */
  open(record: Uint8Array): Uint8Array | null {
    const from = RECORD_HEADER + (this.#rule === 'explicit' ? EXPLICIT_NONCE : 0);
    if (record.length < from + TAG) return null;
    const associated =
      this.#rule === 'tls13' ? record.subarray(0, RECORD_HEADER) : this.#associated12(record, from);
    this.#makeNonce(record);
    const sealed = record.subarray(from);
    const plain = this.#crypto.open(this.#suite.cipher, this.#key, this.#nonce, associated, sealed);
    if (plain !== null) this.sequence++;
    return plain;
  }

  #makeNonce(record: Uint8Array): void {
    const nonce = this.#nonce;
    nonce.set(this.#iv);
    if (this.#rule === 'explicit') {
      nonce.set(record.subarray(RECORD_HEADER, RECORD_HEADER + EXPLICIT_NONCE), SALT);
      return;
    }
    let rest = this.sequence;
    for (let at = NONCE - 1; rest > 0; at--) {
      nonce[at] = nonce[at]! ^ (rest % 256);
      rest = Math.floor(rest / 256);
    }
  }

  /** RFC 5246 6.2.3.3: number, type, version, length of the plaintext. */
  #associated12(record: Uint8Array, from: number): Uint8Array {
    const header = this.#header12;
    let rest = this.sequence;
    for (let at = 7; at >= 0; at--) {
      header[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    header.set(record.subarray(0, 3), 8);
    const length = record.length - from - TAG;
    header[11] = length >> 8;
    header[12] = length & 0xff;
    return header;
  }
}

/** The cipher of one side of TLS 1.2 from the master secret (RFC 5246 6.3): authenticated ciphers have no MAC keys. */
export function cipher12(
  crypto: TlsCrypto,
  suite: CipherSuite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  isClient: boolean,
): RecordCipher {
  const isGcm = suite.cipher !== 'chacha20-poly1305';
  const ivLength = isGcm ? SALT : NONCE;
  const seed = new Uint8Array(64);
  seed.set(serverRandom);
  seed.set(clientRandom, 32);
  const block = prf(crypto, suite.hash, master, 'key expansion', seed, 2 * (suite.keyLength + ivLength));
  const place = isClient ? 0 : 1;
  const key = block.slice(place * suite.keyLength, (place + 1) * suite.keyLength);
  const ivs = 2 * suite.keyLength;
  const iv = block.slice(ivs + place * ivLength, ivs + (place + 1) * ivLength);
  return new RecordCipher(crypto, suite, key, iv, isGcm ? 'explicit' : 'masked');
}

/** The cipher of one side of TLS 1.3 from a traffic secret (RFC 8446 7.3). */
export function cipher13(crypto: TlsCrypto, suite: CipherSuite, secret: Uint8Array): RecordCipher {
  const key = expandLabel(crypto, suite.hash, secret, 'key', suite.keyLength);
  const iv = expandLabel(crypto, suite.hash, secret, 'iv', NONCE);
  return new RecordCipher(crypto, suite, key, iv, 'tls13');
}

/** The traffic secret after a KeyUpdate (RFC 8446 7.2). */
export function nextSecret(crypto: TlsCrypto, suite: CipherSuite, secret: Uint8Array): Uint8Array {
  return expandLabel(crypto, suite.hash, secret, 'traffic upd', secret.length);
}
