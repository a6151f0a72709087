import type { TlsCrypto } from './crypto.ts';
import {
  CLIENT_HELLO,
  FINISHED,
  KEY_UPDATE,
  parseClientHello,
  parseServerHello,
  SERVER_HELLO,
  type ServerHello,
} from './handshake.ts';
import type { SessionSecrets, TlsKeys } from './key-log.ts';
import { cipher12, cipher13, nextSecret, type RecordCipher } from './record-cipher.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RECORD_HEADER } from './records.ts';
import { TlsSide } from './session-side.ts';
import { type CipherSuite, cipherSuite } from './suites.ts';

/** What is needed to read encrypted connections. */
export interface Decryption {
  keys: TlsKeys;
  crypto: TlsCrypto;
}

/** What became of a connection. */
export type TlsOutcome =
  /** Nothing encrypted was seen yet, or its keys may still come. */
  | 'open'
  | 'decrypted'
  | 'noKeys'
  /** It was joined after its handshake, or one side of it is missing: keys, if any, cannot be found. */
  | 'noHandshake'
  /** A version or cipher suite that is not read. */
  | 'unsupported'
  /** The keys do not open its records. */
  | 'failed'
  /** It only looked like TLS. */
  | 'foreign';

/** Gets what a side sent, decrypted. `gapBefore`: something before it is missing. */
export type PlainSink = (side: number, bytes: Uint8Array, gapBefore: boolean) => void;

const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
/** Records that wait for the other side's part of the handshake, or for keys, octets. */
const WAITING_MAX = 65_536;
/** Numbers that are tried at once behind a gap. */
const MISSING_MAX = 64;
/** Attempts at finding the way back, in the life of a connection: some 60 ms of work. */
const ATTEMPTS_MAX = 8192;
/** Records that do not open before the first one does: early data, or the handshake without its secrets. */
const FAILURES_MAX = 32;

/**
 * Reads one TLS connection with the secrets of a key log: TLS 1.2 and 1.3 with authenticated ciphers, both sides,
 * across lost records. It proves nothing about certificates; it only reads what the two ends read.
 */
export class TlsSession {
  outcome: TlsOutcome = 'open';
  /** Records that did not open although their keys were known. */
  undecryptable = 0;
  readonly #decryption: Decryption | null;
  readonly #sink: PlainSink;
  readonly #sides: readonly [TlsSide, TlsSide];
  #clientSide = -1;
  #clientRandom: Uint8Array | null = null;
  #server: ServerHello | null = null;
  /** What ServerHello or HelloRetryRequest say; 0 before. */
  #version = 0;
  #suite: CipherSuite | null = null;
  #secrets: SessionSecrets | null = null;
  #attempts = 0;
  #failures = 0;

  /** @param decryption null when there are no keys: then the first record decides */
  constructor(decryption: Decryption | null, sink: PlainSink) {
    this.#decryption = decryption;
    this.#sink = sink;
    const side = (which: number): TlsSide => new TlsSide((type, body) => this.#handshake(which, type, body));
    this.#sides = [side(0), side(1)];
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#sides[0].allocated + this.#sides[1].allocated;
  }

  /** Whether there was a record. */
  get hasBegun(): boolean {
    return this.#sides.some((side) => side.reader.seen);
  }

  /** Whether nothing more will ever be read. */
  get isOver(): boolean {
    return this.outcome !== 'open' && this.outcome !== 'decrypted';
  }

  /** Takes octets that `side` (0 or 1) sent. */
  push(side: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.isOver) return;
    const { reader } = this.#sides[side]!;
    reader.push(bytes, offset, length);
    this.#read(side);
    if (reader.foreign) this.#end('foreign');
  }

  /** Octets of `side` were lost. */
  gap(side: number): void {
    if (this.isOver) return;
    this.#sides[side]!.reader.gap();
    this.#sides[side]!.lose();
  }

  /** Gives all memory back: goes on as after a gap. */
  release(): void {
    for (const which of [0, 1]) {
      this.gap(which);
      this.#sides[which]!.forget();
    }
  }

  /** The connection is over: what was still waited for will not come. */
  settle(): void {
    if (this.outcome !== 'open') return;
    const isWaiting = this.#sides.some((side) => side.waiting.length > 0);
    if (isWaiting || this.#failures > 0) this.#end(this.#whyNot());
  }

  #whyNot(): TlsOutcome {
    if (this.#clientRandom === null || this.#server === null) return 'noHandshake';
    return this.#secrets === null ? 'noKeys' : 'failed';
  }

  #end(outcome: TlsOutcome): void {
    if (this.outcome === 'open') this.outcome = outcome;
    if (!this.isOver) return;
    for (const side of this.#sides) {
      side.reader.gap();
      side.handshake.gap();
      side.forget();
    }
  }

  #read(which: number): void {
    const side = this.#sides[which]!;
    for (let record = side.reader.next(); record !== null && !this.isOver; record = side.reader.next()) {
      if (side.reader.searching && !this.#isConfirmed(which, record)) side.reader.refuse();
      else {
        if (!side.reader.searching) this.#take(which, record);
        side.reader.take(record);
      }
      this.#takeWaiting();
    }
  }

  /** Whether what looks like a record behind a gap is one. When it is, and protected, it was read as well. */
  #isConfirmed(which: number, record: Uint8Array): boolean {
    const side = this.#sides[which]!;
    const isReadable = (side.cipher ?? side.later) !== null && side.waiting.length === 0;
    if (isReadable && (record[0] === APPLICATION_DATA || side.isProtected))
      return this.#takeProtected(which, record);
    this.#take(which, record);
    return true;
  }

  /** Takes a record in its place: behind those of its side that wait. */
  #take(which: number, record: Uint8Array): void {
    if (this.#decryption === null) {
      this.#end('noKeys');
      return;
    }
    const side = this.#sides[which]!;
    if (side.waiting.length === 0 && this.#handle(which, record)) return;
    if (this.isOver) return;
    side.wait(record);
    if (side.waitingLength <= WAITING_MAX) return;
    this.#end(this.#whyNot());
    side.forget();
  }

  /** Goes on with what waited, if it can be read now. */
  #takeWaiting(): void {
    for (const which of [0, 1]) {
      const side = this.#sides[which]!;
      while (side.waiting.length > 0 && !this.isOver) {
        const record = side.waiting[0]!;
        if (record !== null && !this.#handle(which, record)) break;
        side.shift();
      }
    }
  }

  /** Reads a record. False when it has to wait. */
  #handle(which: number, record: Uint8Array): boolean {
    const side = this.#sides[which]!;
    const type = record[0]!;
    // In TLS 1.3 all protected records say that they are application data.
    if (!side.isProtected && (type === HANDSHAKE || type === ALERT)) {
      if (type === HANDSHAKE) side.handshake.push(record, RECORD_HEADER, record.length - RECORD_HEADER);
      return true;
    }
    if (!side.helloSeen) {
      this.#end('noHandshake');
      return false;
    }
    const isChange = type === CHANGE_CIPHER_SPEC;
    // RFC 8446 D.4: TLS 1.3 sends it for show.
    if (isChange && this.#version === TLS_1_3) return true;
    if ((isChange || (side.cipher === null && side.later === null)) && !this.#isReady()) return false;
    if (isChange) this.#changeCipher(which);
    else this.#takeProtected(which, record);
    return true;
  }

  /** Whether both hellos and the secrets are known. */
  #isReady(): boolean {
    if (this.#decryption === null || this.#clientRandom === null || this.#server === null) return false;
    if (this.#secrets !== null) return true;
    const version = this.#version;
    this.#suite = cipherSuite(this.#server.suite);
    if (this.#suite === null || (version !== TLS_1_2 && version !== TLS_1_3)) {
      this.#end('unsupported');
      return false;
    }
    const secrets = this.#decryption.keys.find(this.#clientRandom, 0);
    if (secrets === null) return false;
    const isEnough =
      version === TLS_1_2 ? secrets.master !== null : secrets.client !== null && secrets.server !== null;
    if (!isEnough) return false;
    this.#secrets = secrets;
    if (version === TLS_1_3) this.#startTraffic(this.#decryption.crypto, secrets, this.#suite);
    return true;
  }

  #startTraffic(crypto: TlsCrypto, secrets: SessionSecrets, suite: CipherSuite): void {
    for (const which of [0, 1]) {
      const side = this.#sides[which]!;
      const isClient = which === this.#clientSide;
      const early = isClient ? secrets.clientHandshake : secrets.serverHandshake;
      side.secret = isClient ? secrets.client : secrets.server;
      side.cipher = early === null ? null : cipher13(crypto, suite, early);
      side.later = side.secret === null ? null : cipher13(crypto, suite, side.secret);
    }
  }

  /** ChangeCipherSpec of TLS 1.2: from here on the side's records are protected. */
  #changeCipher(which: number): void {
    if (this.#server === null || this.#decryption === null) return;
    const side = this.#sides[which]!;
    side.isProtected = true;
    side.lost = false;
    const master = this.#secrets?.master;
    if (master === null || master === undefined || this.#suite === null || this.#clientRandom === null)
      return;
    const isClient = which === this.#clientSide;
    const { crypto } = this.#decryption;
    side.cipher = cipher12(crypto, this.#suite, master, this.#clientRandom, this.#server.random, isClient);
  }

  /** Opens a protected record and takes what is in it. False when it does not open. */
  #takeProtected(which: number, record: Uint8Array): boolean {
    const side = this.#sides[which]!;
    if (side.cipher === null && side.later === null) {
      // ChangeCipherSpec was lost.
      this.#changeCipher(which);
      side.lost = true;
    }
    const plain = this.#open(side, record);
    if (plain === null) {
      this.#fail(side);
      return false;
    }
    side.opened = true;
    side.lost = false;
    if (this.outcome === 'open') this.outcome = 'decrypted';
    if (this.#version !== TLS_1_3) {
      this.#takeContent(which, record[0]!, plain, plain.length);
      return true;
    }
    // RFC 8446 5.4: the last octet that is not zero is the type.
    let end = plain.length - 1;
    while (end >= 0 && plain[end] === 0) end--;
    if (end >= 0) this.#takeContent(which, plain[end]!, plain, end);
    return true;
  }

  #takeContent(which: number, type: number, plain: Uint8Array, length: number): void {
    const side = this.#sides[which]!;
    if (type === HANDSHAKE) side.handshake.push(plain, 0, length);
    if (type !== APPLICATION_DATA || length === 0) return;
    const gap = side.gapPending;
    side.gapPending = false;
    this.#sink(which, plain.subarray(0, length), gap);
  }

  #open(side: TlsSide, record: Uint8Array): Uint8Array | null {
    const plain = side.cipher?.open(record) ?? null;
    if (plain !== null) return plain;
    const later = side.later?.open(record) ?? null;
    if (later !== null) side.useLater();
    return later === null && side.lost ? this.#openLost(side, record) : later;
  }

  /**
   * Records are missing, nobody knows how many: the number that opens this one is searched for. Where it is far,
   * every further record looks a little further.
   */
  #openLost(side: TlsSide, record: Uint8Array): Uint8Array | null {
    for (const cipher of [side.cipher, side.later]) {
      if (cipher === null) continue;
      const known = cipher.sequence;
      const far = Math.max(side.sweep, known + 1 + MISSING_MAX);
      const plain =
        this.#search(cipher, record, known + 1) ??
        (side.sweep === 0 ? null : this.#search(cipher, record, far));
      if (plain !== null) {
        if (cipher === side.later) side.useLater();
        return plain;
      }
      cipher.sequence = known;
      side.sweep = side.sweep === 0 ? known + 1 + MISSING_MAX : far + MISSING_MAX;
    }
    return null;
  }

  #search(cipher: RecordCipher, record: Uint8Array, first: number): Uint8Array | null {
    for (let sequence = first; sequence < first + MISSING_MAX; sequence++) {
      if (this.#attempts >= ATTEMPTS_MAX) return null;
      this.#attempts++;
      cipher.sequence = sequence;
      const plain = cipher.open(record);
      if (plain !== null) return plain;
    }
    return null;
  }

  #fail(side: TlsSide): void {
    this.undecryptable++;
    this.#failures++;
    // What does not open before the first record that does is the handshake, or early data.
    if (side.opened) {
      side.lost = true;
      side.gapPending = true;
    }
    if (this.outcome === 'open' && this.#failures > FAILURES_MAX) this.#end('failed');
  }

  #handshake(which: number, type: number, body: Uint8Array): void {
    const side = this.#sides[which]!;
    if (type === CLIENT_HELLO) {
      const random = parseClientHello(body);
      if (random === null) return;
      side.helloSeen = true;
      this.#clientSide = which;
      this.#clientRandom = random;
      this.#secrets = null;
    } else if (type === SERVER_HELLO) {
      const hello = parseServerHello(body);
      if (hello === null) return;
      side.helloSeen = true;
      this.#version = hello.version;
      if (hello.retry) return;
      this.#server = hello;
      this.#secrets = null;
    } else if (type === FINISHED) {
      if (this.#version === TLS_1_3) side.useLater();
    } else if (type === KEY_UPDATE && side.later === null) {
      this.#updateKey(side);
    }
  }

  #updateKey(side: TlsSide): void {
    if (side.secret === null || this.#suite === null || this.#decryption === null) return;
    const { crypto } = this.#decryption;
    side.secret = nextSecret(crypto, this.#suite, side.secret);
    side.cipher = cipher13(crypto, this.#suite, side.secret);
  }
}
