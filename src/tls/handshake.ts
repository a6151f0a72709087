/** Handshake messages out of records (RFC 8446 4, RFC 5246 7.4): what a passive reader needs of them. */
import { ByteQueue } from '../packet/byte-queue.ts';

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const FINISHED = 20;
export const KEY_UPDATE = 24;

const HEADER = 4;
/** Hellos are kept up to here; key shares that withstand quantum computers take about 1.2 KiB. */
const KEPT_MAX = 8192;
const EXTENSION_SUPPORTED_VERSIONS = 43;

/** SHA-256 of "HelloRetryRequest": a ServerHello with this random is one (RFC 8446 4.1.3). */
const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** Gets each message once it is complete; `body` is empty for all but hellos. */
export type HandshakeSink = (type: number, body: Uint8Array) => void;

/** Puts handshake messages together that may lie across records, or several in one. */
export class HandshakeReader {
  readonly #queue = new ByteQueue();
  readonly #sink: HandshakeSink;
  /** Octets of a message's body still to pass over. */
  #skipLeft = 0;
  #skipped = 0;

  constructor(sink: HandshakeSink) {
    this.#sink = sink;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#queue.allocated;
  }

  /** Records were lost: what is incomplete is forgotten. */
  gap(): void {
    this.#queue.free();
    this.#skipLeft = 0;
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    const queue = this.#queue;
    queue.append(bytes, offset, length);
    for (;;) {
      if (this.#skipLeft > 0) {
        const passed = Math.min(this.#skipLeft, queue.length);
        queue.take(passed);
        this.#skipLeft -= passed;
        if (this.#skipLeft > 0) break;
        this.#sink(this.#skipped, new Uint8Array(0));
      }
      if (queue.length < HEADER) break;
      const { bytes: held, start } = queue;
      const type = held[start]!;
      const bodyLength = (held[start + 1]! << 16) | (held[start + 2]! << 8) | held[start + 3]!;
      const isKept = (type === CLIENT_HELLO || type === SERVER_HELLO) && bodyLength <= KEPT_MAX;
      if (isKept && queue.length < HEADER + bodyLength) break;
      queue.take(HEADER);
      if (isKept) {
        const body = held.slice(start + HEADER, start + HEADER + bodyLength);
        queue.take(bodyLength);
        this.#sink(type, body);
      } else if (bodyLength === 0) {
        this.#sink(type, new Uint8Array(0));
      } else {
        this.#skipped = type;
        this.#skipLeft = bodyLength;
      }
    }
    queue.trim();
  }
}

/** What a ServerHello settles. */
export interface ServerHello {
  /** 0x0303 is TLS 1.2, 0x0304 is TLS 1.3. */
  version: number;
  random: Uint8Array;
  suite: number;
  /** A HelloRetryRequest: the real one follows. */
  retry: boolean;
}

/** The random of a ClientHello's body; null when it is too short. */
export function parseClientHello(body: Uint8Array): Uint8Array | null {
  return body.length < 34 ? null : body.slice(2, 34);
}

/** A ServerHello's body; null when it contradicts itself. */
export function parseServerHello(body: Uint8Array): ServerHello | null {
  if (body.length < 38) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const random = body.slice(2, 34);
  const at = 35 + view.getUint8(34);
  // Suite 2, compression 1.
  if (at + 3 > body.length) return null;
  const hello = {
    version: view.getUint16(0),
    random,
    suite: view.getUint16(at),
    retry: Buffer.from(random).toString('hex') === RETRY_RANDOM,
  };
  let next = at + 5;
  while (next + 4 <= body.length) {
    const type = view.getUint16(next);
    const length = view.getUint16(next + 2);
    if (next + 4 + length > body.length) return null;
    if (type === EXTENSION_SUPPORTED_VERSIONS && length === 2) hello.version = view.getUint16(next + 4);
    next += 4 + length;
  }
  return hello;
}
