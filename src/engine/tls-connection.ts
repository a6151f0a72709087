import type { EncryptedRecord } from '../records/types.ts';
import { type Decryption, type TlsOutcome, TlsSession } from '../tls/session.ts';
import type { SignallingStream } from './signalling-stream.ts';

/** Plaintext without any SIP in it after which a connection is taken for one that carries something else, octets. */
const UNRECOGNISED_MAX = 8192;

/** TLS connections that were followed. */
export interface TlsCounters {
  connections: number;
  decrypted: number;
  /** On ports of SIP, and not read, by why not. */
  noKeys: number;
  noHandshake: number;
  unsupported: number;
  failed: number;
  /** Records of connections that were read which did not open. */
  undecryptable: number;
  /** Handshakes on ports that nobody looks at. */
  elsewhere: number;
}

export function tlsCounters(): TlsCounters {
  return {
    connections: 0,
    decrypted: 0,
    noKeys: 0,
    noHandshake: 0,
    unsupported: 0,
    failed: 0,
    undecryptable: 0,
    elsewhere: 0,
  };
}

/** The counters as the capture's account has them. */
export function encryptedRecord(counters: TlsCounters): EncryptedRecord {
  const { connections, decrypted, noKeys, noHandshake, unsupported, failed, elsewhere } = counters;
  return {
    tlsConnections: connections,
    tlsDecrypted: decrypted,
    sipTlsSuspected: noKeys + noHandshake + unsupported + failed,
    unread: { noKeys, noHandshake, unsupported, failed },
    tlsElsewhere: elsewhere,
  };
}

/** One TLS connection: its two flows, and what each of them carries once it is decrypted. */
export class TlsConnection {
  /** Flow of each side; -1 while it is not known. */
  readonly flows: [number, number] = [-1, -1];
  readonly #streams: readonly [SignallingStream, SignallingStream];
  readonly #session: TlsSession;
  readonly #counters: TlsCounters;
  readonly #onSipPort: boolean;
  #isCounted = false;
  #closed = 0;
  #plainBytes = 0;
  /** As it was counted. */
  #outcome: TlsOutcome = 'open';

  /** @param decryption null when there are no keys at all */
  constructor(
    decryption: Decryption | null,
    streams: readonly [SignallingStream, SignallingStream],
    counters: TlsCounters,
    onSipPort: boolean,
  ) {
    this.#streams = streams;
    this.#counters = counters;
    this.#onSipPort = onSipPort;
    this.#session = new TlsSession(decryption, (side, bytes, gap) => this.#plain(side, bytes, gap));
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#session.allocated + this.#streams[0].allocated + this.#streams[1].allocated;
  }

  /** Whether it is no TLS, or carries something else: nothing more of it is wanted. */
  get isUseless(): boolean {
    if (this.#outcome === 'foreign') return true;
    return this.#plainBytes > UNRECOGNISED_MAX && !this.#streams.some((stream) => stream.recognised);
  }

  push(side: number, bytes: Uint8Array, offset: number, length: number, gapBefore: boolean): void {
    const session = this.#session;
    if (session.isOver) return;
    if (gapBefore) session.gap(side);
    session.push(side, bytes, offset, length);
    if (!this.#isCounted && session.hasBegun) {
      this.#isCounted = true;
      this.#counters.connections++;
    }
    this.#count(session.outcome);
  }

  /** Gives all memory back: both sides go on as after a gap. */
  release(): void {
    this.#session.release();
    for (const stream of this.#streams) stream.release();
  }

  /** One of the flows is over. Returns whether the connection is. */
  close(): boolean {
    this.#closed++;
    if (this.flows[1] !== -1 && this.#closed < 2) return false;
    this.#session.settle();
    this.#count(this.#session.outcome);
    if (this.#outcome === 'decrypted') this.#counters.undecryptable += this.#session.undecryptable;
    return true;
  }

  #plain(side: number, bytes: Uint8Array, gapBefore: boolean): void {
    const stream = this.#streams[side]!;
    this.#plainBytes += bytes.length;
    if (gapBefore) stream.gap();
    stream.push(bytes, 0, bytes.length);
  }

  #count(outcome: TlsOutcome): void {
    if (outcome === this.#outcome) return;
    this.#outcome = outcome;
    if (outcome === 'open' || outcome === 'foreign') return;
    if (outcome === 'decrypted' || this.#onSipPort) this.#counters[outcome]++;
  }
}
