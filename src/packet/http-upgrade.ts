/**
 * The HTTP exchange that opens a WebSocket connection (RFC 6455 4): told from SIP, and passed over.
 */
import { ByteQueue } from './byte-queue.ts';

/** Browsers send cookies of up to 4 KiB each; servers take 8 to 16 KiB in all. */
const HEAD_MAX = 16_384;
/** How far into a segment the subprotocol is looked for. */
const SCANNED_MAX = 2048;

const LF = 0x0a;
const CR = 0x0d;
const REQUEST = 'GET ';
const RESPONSE = 'HTTP/1.';
const SWITCHING = /^HTTP\/1\.[01] 101\b/;
const UPGRADE = /\nupgrade[ \t]*:[^\r\n]*\bwebsocket\b/i;
const SUBPROTOCOLS = /\nsec-websocket-protocol[ \t]*:([^\r\n]*)/i;

function latin1(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}

function namesSip(head: string): boolean | null {
  const value = SUBPROTOCOLS.exec(head)?.[1];
  if (value === undefined) return null;
  return value.split(',').some((name) => name.trim().toLowerCase() === 'sip');
}

/** Whether a segment begins the request or the answer that opens a WebSocket connection for SIP (RFC 7118 4.1). */
export function isSipUpgrade(bytes: Uint8Array, offset: number, length: number): boolean {
  const scanned = Math.min(length, SCANNED_MAX, bytes.length - offset);
  if (scanned < 16) return false;
  const first = bytes[offset];
  if (first !== 0x47 && first !== 0x48) return false;
  if (!startsWith(bytes, offset, REQUEST) && !startsWith(bytes, offset, RESPONSE)) return false;
  const head = latin1(bytes, offset, scanned);
  if (first === 0x48 && !SWITCHING.test(head)) return false;
  return UPGRADE.test(head) && namesSip(head) === true;
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether the head is wanted further, opens a WebSocket connection, or is something else. */
export type HeadState = 'more' | 'upgrade' | 'other';

/** Collects the head of a request or answer, however it is cut. */
export class HttpHead {
  state: HeadState = 'more';
  /** Whether SIP is among the subprotocols; a head without any says nothing either way. */
  namesSip = false;
  readonly #queue = new ByteQueue();
  /** The start of the line that is not complete yet. */
  #line = 0;

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#queue.allocated;
  }

  /** What was collected: for whoever reads it instead when the state is `other`. */
  get collected(): Uint8Array {
    return this.#queue.bytes.subarray(this.#queue.start, this.#queue.end);
  }

  /** Takes bytes until the state is known. Returns how many of them belong to the head. */
  push(bytes: Uint8Array, offset: number, length: number): number {
    const queue = this.#queue;
    const before = queue.length;
    queue.append(bytes, offset, length);
    for (let at = before; at < queue.end; at++) {
      if (queue.bytes[at] !== LF) continue;
      const isBlank = at === this.#line || (at === this.#line + 1 && queue.bytes[this.#line] === CR);
      if (isBlank) {
        queue.end = at + 1;
        this.#judge();
        return at + 1 - before;
      }
      this.#line = at + 1;
    }
    if (!this.#mayBeHttp() || queue.length > HEAD_MAX) this.state = 'other';
    return length;
  }

  #mayBeHttp(): boolean {
    const seen = latin1(this.#queue.bytes, 0, Math.min(this.#queue.length, RESPONSE.length));
    return [REQUEST, RESPONSE].some((start) => seen.startsWith(start.slice(0, seen.length)));
  }

  #judge(): void {
    const head = latin1(this.#queue.bytes, 0, this.#queue.length);
    const opens =
      this.#mayBeHttp() && (head.startsWith(REQUEST) || SWITCHING.test(head)) && UPGRADE.test(head);
    const sip = namesSip(head);
    this.namesSip = opens && sip === true;
    this.state = opens && sip !== false ? 'upgrade' : 'other';
  }
}
