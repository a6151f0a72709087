import { HandshakeReader } from './handshake.ts';
import type { RecordCipher } from './record-cipher.ts';
import { RecordReader } from './records.ts';

/** One direction of a connection. */
export class TlsSide {
  readonly reader = new RecordReader();
  readonly handshake: HandshakeReader;
  helloSeen = false;
  cipher: RecordCipher | null = null;
  /** TLS 1.3: the cipher after Finished, and the secret it comes from. */
  later: RecordCipher | null = null;
  secret: Uint8Array | null = null;
  /** Whether a record was opened. */
  opened = false;
  /** TLS 1.2: records are protected from here on. */
  isProtected = false;
  /** Records were lost: the number of the next one is not known. */
  lost = false;
  /** Plaintext was lost before what comes next. */
  gapPending = false;
  /** Copies of records that cannot be read yet; null stands for lost ones. */
  waiting: (Uint8Array | null)[] = [];
  waitingLength = 0;

  /** Numbers from here on were not tried yet since records were lost. */
  sweep = 0;

  constructor(onHandshake: (type: number, body: Uint8Array) => void) {
    this.handshake = new HandshakeReader(onHandshake);
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.reader.allocated + this.handshake.allocated + this.waitingLength;
  }

  /** Records were lost here. */
  lose(): void {
    this.handshake.gap();
    if (this.waiting.length === 0) this.#lost();
    else if (this.waiting.at(-1) !== null) this.waiting.push(null);
  }

  /** Keeps a copy of a record for later. */
  wait(record: Uint8Array): void {
    this.waiting.push(record.slice());
    this.waitingLength += record.length;
  }

  /** The first of what waits is done with. */
  shift(): void {
    const record = this.waiting.shift();
    if (record === null) this.#lost();
    else if (record !== undefined) this.waitingLength -= record.length;
  }

  /** Drops what waits: it is lost. */
  forget(): void {
    if (this.waiting.length === 0) return;
    this.waiting = [];
    this.waitingLength = 0;
    this.#lost();
  }

  /** Goes over to the cipher that follows Finished. */
  useLater(): void {
    if (this.later === null) return;
    this.cipher = this.later;
    this.later = null;
  }

  #lost(): void {
    this.lost = true;
    this.gapPending = true;
    this.sweep = 0;
  }
}
