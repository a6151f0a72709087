/**
 * Cutting a byte stream into WebSocket messages (RFC 6455 5), from the middle of a connection and across lost bytes if
 * need be. For SIP (RFC 7118) each message is one SIP message, text or binary.
 */
import { ByteQueue } from './byte-queue.ts';

/** Largest message handed out: what a SIP message may have. */
const MESSAGE_MAX = 65_536;
/** A frame that claims more is no frame: the stream is not where it was thought to be. Shorter ones are passed over. */
const FRAME_MAX = 1 << 20;
/** Bytes of a payload that must show the start of a message before a frame is believed to begin there. */
const EVIDENCE = 16;
const MASK_BYTES = 4;

const OPCODE_CONTINUATION = 0;
export const OPCODE_TEXT = 1;
export const OPCODE_BINARY = 2;
const OPCODE_PONG = 10;
const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_AND_3 = 0x30;
const MASKED = 0x80;

/** What `#header` found out. */
const WANTS_MORE = 0;
const GOOD = 1;
const BAD = 2;

/** Whether bytes begin a message of the application. Asked with 16 of them. */
export type IsStart = (bytes: Uint8Array, offset: number, length: number) => boolean;

/** What happened, on all connections that share the counters. */
export interface WebSocketCounters {
  /** Text and binary messages handed out. */
  messages: number;
  /** Ping, pong and close. */
  controls: number;
  /** Messages longer than 64 KiB, dropped. */
  oversize: number;
  /** Messages compressed by permessage-deflate (RFC 7692), which cannot be read. */
  compressed: number;
  /** Frames against the rules. After some of them the next message is searched for. */
  bad: number;
  /** How often a frame had to be searched for, other than after a gap. */
  resyncs: number;
}

export function webSocketCounters(): WebSocketCounters {
  return { messages: 0, controls: 0, oversize: 0, compressed: 0, bad: 0, resyncs: 0 };
}

/** The header of the frame that was read last. */
class FrameHeader {
  headerLength = 0;
  payloadLength = 0;

  /** Reads the header at `at`, RFC 6455 5.2: lengths must be written in the fewest bytes. */
  read(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return WANTS_MORE;
    const first = bytes[at]!;
    const opcode = first & 0x0f;
    if ((first & RSV2_AND_3) !== 0 || opcode > OPCODE_PONG || (opcode > OPCODE_BINARY && opcode < 8))
      return BAD;
    const mask = (bytes[at + 1]! & MASKED) === 0 ? 0 : MASK_BYTES;
    let length = bytes[at + 1]! & 0x7f;
    let extended = 0;
    if (opcode >= 8) {
      if (length > 125 || (first & FIN) === 0 || (first & RSV1) !== 0) return BAD;
    } else if (length >= 126) {
      extended = length === 126 ? 2 : 8;
      if (end - at < 2 + extended) return WANTS_MORE;
      length = 0;
      for (let i = 0; i < extended; i++) length = length * 256 + bytes[at + 2 + i]!;
      if (length < (extended === 2 ? 126 : 65_536)) return BAD;
    }
    if (length > FRAME_MAX) return BAD;
    if (end - at < 2 + extended + mask) return WANTS_MORE;
    this.headerLength = 2 + extended + mask;
    this.payloadLength = length;
    return GOOD;
  }

  /** Copies the first `length` payload bytes of the frame at `at` (RFC 6455 5.3). */
  unmask(bytes: Uint8Array, at: number, length: number, target: Uint8Array, offset: number): void {
    const payload = at + this.headerLength;
    if ((bytes[at + 1]! & MASKED) === 0) {
      target.set(bytes.subarray(payload, payload + length), offset);
      return;
    }
    const key = payload - MASK_BYTES;
    for (let i = 0; i < length; i++) target[offset + i] = bytes[payload + i]! ^ bytes[key + (i & 3)]!;
  }
}

const shown = new FrameHeader();
const evidence = new Uint8Array(EVIDENCE);

/** Whether `length` bytes at `offset` begin with the first frame of a message that `isStart` accepts. */
export function beginsWithFrame(
  bytes: Uint8Array,
  offset: number,
  length: number,
  isStart: IsStart,
): boolean {
  const opcode = bytes[offset]! & ~FIN;
  if (opcode !== OPCODE_TEXT && opcode !== OPCODE_BINARY) return false;
  const end = offset + length;
  if (shown.read(bytes, offset, end) !== GOOD) return false;
  if (shown.payloadLength < EVIDENCE || length < shown.headerLength + EVIDENCE) return false;
  shown.unmask(bytes, offset, EVIDENCE, evidence, 0);
  return isStart(evidence, 0, EVIDENCE);
}

/**
 * The messages of one direction of one connection: `push` what arrives, then call `next` until null. Masked and
 * unmasked frames are read alike, whoever sends them.
 */
export class WebSocketFramer {
  readonly counters: WebSocketCounters;
  readonly #isStart: IsStart;
  readonly #queue = new ByteQueue();
  #searching = false;
  /** Payload bytes still to pass over. */
  #skipLeft = 0;
  /** Fragments of the message that is not complete yet. */
  #partial = new Uint8Array(0);
  #partialLength = 0;
  #inFragments = false;
  /** Whether the rest of the current message is dropped. */
  #dropping = false;
  readonly #header = new FrameHeader();

  constructor(isStart: IsStart, counters: WebSocketCounters = webSocketCounters()) {
    this.#isStart = isStart;
    this.counters = counters;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#queue.allocated + this.#partial.length;
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    this.#queue.append(bytes, offset, length);
  }

  /** Bytes were lost here, or the stream was joined in the middle: the next start of a message is searched for. */
  gap(): void {
    this.#queue.free();
    this.#forgetMessage();
    this.#skipLeft = 0;
    this.#searching = true;
  }

  /** Gives all memory back: goes on as after a gap. */
  release(): void {
    this.gap();
  }

  /** The next complete message, a copy of its own; null until more bytes come. */
  next(): Uint8Array | null {
    const queue = this.#queue;
    for (;;) {
      if (this.#skipLeft > 0) {
        const passed = Math.min(this.#skipLeft, queue.length);
        queue.take(passed);
        this.#skipLeft -= passed;
        if (this.#skipLeft > 0) break;
      }
      if (this.#searching && !this.#findFrame()) break;
      const header = this.#header.read(queue.bytes, queue.start, queue.end);
      if (header === WANTS_MORE) break;
      if (header === BAD) {
        this.#desynchronise();
        continue;
      }
      const first = queue.bytes[queue.start]!;
      if (this.#isKept(first)) {
        if (queue.length < this.#header.headerLength + this.#header.payloadLength) break;
        const message = this.#takeFrame(first);
        if (message !== null) return message;
      } else {
        queue.take(this.#header.headerLength);
        this.#skipLeft = this.#header.payloadLength;
      }
    }
    queue.trim();
    return null;
  }

  #desynchronise(): void {
    this.counters.bad++;
    this.counters.resyncs++;
    this.#queue.take(1);
    this.#forgetMessage();
    this.#searching = true;
  }

  #forgetMessage(): void {
    this.#partial = new Uint8Array(0);
    this.#partialLength = 0;
    this.#inFragments = false;
    this.#dropping = false;
  }

  /** Moves to the next frame that begins a message; false when it is not there yet. */
  #findFrame(): boolean {
    const queue = this.#queue;
    for (let at = queue.start; at < queue.end; at++) {
      const opcode = queue.bytes[at]! & ~FIN;
      if (opcode !== OPCODE_TEXT && opcode !== OPCODE_BINARY) continue;
      const header = this.#header.read(queue.bytes, at, queue.end);
      if (header === BAD || (header === GOOD && this.#header.payloadLength < EVIDENCE)) continue;
      if (header === WANTS_MORE || queue.end - at < this.#header.headerLength + EVIDENCE) {
        queue.start = at;
        return false;
      }
      this.#header.unmask(queue.bytes, at, EVIDENCE, evidence, 0);
      if (!this.#isStart(evidence, 0, EVIDENCE)) continue;
      queue.start = at;
      this.#searching = false;
      return true;
    }
    queue.start = queue.end;
    return false;
  }

  /** Whether the payload of the frame is wanted; notes which message it belongs to. May be asked twice. */
  #isKept(first: number): boolean {
    const opcode = first & 0x0f;
    if (opcode > OPCODE_BINARY) return true;
    const last = (first & FIN) !== 0;
    if (opcode === OPCODE_CONTINUATION) {
      if (this.#dropping) {
        if (last) this.#dropping = false;
        return false;
      }
      if (!this.#inFragments) {
        this.counters.bad++;
        return false;
      }
    } else {
      // The message before was never finished.
      if (this.#inFragments) {
        this.counters.bad++;
        this.#forgetMessage();
      }
      this.#dropping = false;
      if ((first & RSV1) !== 0) {
        this.counters.compressed++;
        this.#dropping = !last;
        return false;
      }
    }
    if (this.#partialLength + this.#header.payloadLength > MESSAGE_MAX) {
      this.counters.oversize++;
      this.#forgetMessage();
      this.#dropping = !last;
      return false;
    }
    return true;
  }

  /** Takes the whole frame at the start of the queue. Returns the message that it completes, or null. */
  #takeFrame(first: number): Uint8Array | null {
    const length = this.#header.payloadLength;
    const frameLength = this.#header.headerLength + length;
    const opcode = first & 0x0f;
    const at = this.#queue.start;
    if (opcode > OPCODE_BINARY) {
      this.counters.controls++;
      this.#queue.take(frameLength);
      return null;
    }
    if ((first & FIN) !== 0 && !this.#inFragments) {
      const message = new Uint8Array(length);
      this.#header.unmask(this.#queue.bytes, at, length, message, 0);
      this.#queue.take(frameLength);
      return this.#handOut(message);
    }
    this.#makeRoom(length);
    this.#header.unmask(this.#queue.bytes, at, length, this.#partial, this.#partialLength);
    this.#partialLength += length;
    this.#inFragments = true;
    this.#queue.take(frameLength);
    if ((first & FIN) === 0) return null;
    const message = this.#partial.slice(0, this.#partialLength);
    this.#forgetMessage();
    return this.#handOut(message);
  }

  #handOut(message: Uint8Array): Uint8Array | null {
    if (message.length === 0) return null;
    this.counters.messages++;
    return message;
  }

  #makeRoom(length: number): void {
    const needed = this.#partialLength + length;
    if (needed <= this.#partial.length) return;
    const grown = new Uint8Array(Math.min(MESSAGE_MAX, Math.max(1024, 2 * needed)));
    grown.set(this.#partial.subarray(0, this.#partialLength));
    this.#partial = grown;
  }
}
