/**
 * Cutting a byte stream into SIP messages by Content-Length (RFC 3261 18.3), from the middle of a connection
 * and across lost bytes if need be.
 */
import { hasKnownStart, looksLikeSip } from './detect.ts';
import { parseContentLength } from './header-lines.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import { bufferOver } from './text.ts';

const LF = 0x0a;
const CR = 0x0d;
/** The longest start line looked for; matches `looksLikeSip`. */
const START_LINE_MAX = 2048;
/** One incomplete message and the largest TCP segment that may complete it, with room for more. */
const BUFFER_MAX = 4 * MESSAGE_BYTES_MAX;
const BUFFER_MIN = 4096;
const CONTENT_LENGTH = /\n(?:content-length|l)[ \t]*:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]*)/i;

/** What happened on one direction of one connection, or on all that share the counters. */
export interface SipFramerCounters {
  messages: number;
  /** CRLF pairs between messages (RFC 5626 4.4.1), and single line ends. */
  keepAlives: number;
  /** How often the start of a message had to be searched for, other than after a gap. */
  resyncs: number;
  /** Bytes passed over while searching. */
  skippedBytes: number;
  /** Losses reported by `gap`. */
  gaps: number;
  /** Content-Length values that are no number or make the message exceed 64 KiB. */
  badLengths: number;
  /** How often unread bytes were dropped to stay within the buffer. */
  overflows: number;
}

export function sipFramerCounters(): SipFramerCounters {
  return { messages: 0, keepAlives: 0, resyncs: 0, skippedBytes: 0, gaps: 0, badLengths: 0, overflows: 0 };
}

/**
 * The messages of one direction of one connection: `push` what arrives, then call `next` until null.
 *
 * Bytes are copied in; a message handed out is a copy of its own. At most 256 KiB are buffered, and after
 * `next` has returned null never more than one incomplete message. Work is linear in the bytes pushed.
 */
export class SipFramer {
  readonly counters: SipFramerCounters;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Up to where the current line was searched for its end. */
  #scanned = 0;
  /** The end of the last whole header line of the message at `#start`. */
  #lineEnd = 0;
  /** Whether the start line of the message at `#start` was found good. */
  #inMessage = false;
  /** Length of the whole message at `#start`, once its headers are complete; else 0. */
  #messageLength = 0;
  /** Whether the start of a message is being searched for. */
  #searching = false;
  /** Whether `#start` may lie within a line, because what was before it is missing. */
  #insideLine = false;

  constructor(counters: SipFramerCounters = sipFramerCounters()) {
    this.counters = counters;
  }

  /** Bytes waiting for the rest of their message. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#buffer.length;
  }

  /** Whether the rest of a message is waited for whose start line was read. */
  get inMessage(): boolean {
    return this.#inMessage;
  }

  /** Adds bytes that follow directly on those pushed before. */
  push(bytes: Uint8Array, offset: number, length: number): void {
    let source = bufferOver(bytes, offset, length);
    if (source.length > BUFFER_MAX) {
      this.#lose();
      this.counters.overflows++;
      this.counters.skippedBytes += source.length - BUFFER_MAX;
      source = source.subarray(source.length - BUFFER_MAX);
    } else if (this.buffered + source.length > BUFFER_MAX) {
      this.#lose();
      this.counters.overflows++;
    }
    this.#makeRoom(source.length);
    source.copy(this.#buffer, this.#end);
    this.#end += source.length;
  }

  /**
   * Bytes were lost here: forgets the partial message and searches for the next start line. Read all
   * complete messages first, they are dropped as well.
   */
  gap(): void {
    this.counters.gaps++;
    this.#lose();
  }

  /** Gives all memory back, and with it the partial message: goes on as after a gap. */
  release(): void {
    this.#lose();
    this.#free();
  }

  /**
   * The next complete message, or null until more bytes come. When its Content-Length cannot be believed
   * the headers alone are handed out, and the stream is searched for the message after.
   */
  next(): Uint8Array | null {
    while (this.#start < this.#end) {
      if (!this.#inMessage && !this.#findStart()) break;
      if (this.#messageLength === 0 && !this.#findHeaderEnd()) {
        if (this.#inMessage) break;
        continue;
      }
      if (this.#messageLength > this.buffered) break;
      return this.#take(this.#messageLength);
    }
    // What waits for more keeps no more room than it needs, and an idle connection none: there may be thousands.
    if (this.buffered === 0) this.#free();
    else if (this.#buffer.length > Math.max(2 * BUFFER_MIN, 4 * this.buffered)) {
      this.#moveTo(this.#allocate(this.buffered));
    }
    return null;
  }

  #free(): void {
    this.#buffer = Buffer.alloc(0);
    this.#start = this.#end = this.#scanned = this.#lineEnd = 0;
  }

  #take(length: number): Uint8Array {
    const message = new Uint8Array(this.#buffer.subarray(this.#start, this.#start + length));
    this.#advance(length);
    this.counters.messages++;
    return message;
  }

  #advance(length: number): void {
    this.#start += length;
    this.#scanned = this.#start;
    this.#insideLine = false;
    this.#inMessage = false;
    this.#messageLength = 0;
  }

  #lose(): void {
    this.counters.skippedBytes += this.buffered;
    this.#advance(this.buffered);
    this.#searching = true;
    this.#insideLine = true;
  }

  /** Passes over `length` bytes that are no message. */
  #skip(length: number): void {
    if (!this.#searching) {
      this.#searching = true;
      this.counters.resyncs++;
    }
    this.counters.skippedBytes += length;
    this.#advance(length);
  }

  #skipLineEnds(): void {
    let at = this.#start;
    while (at < this.#end && (this.#buffer[at] === CR || this.#buffer[at] === LF)) {
      if (this.#buffer[at] === LF) this.counters.keepAlives++;
      at++;
    }
    if (at > this.#start) this.#advance(at - this.#start);
  }

  /** Moves to the next start line; false when it is not there yet. */
  #findStart(): boolean {
    for (;;) {
      if (!this.#searching) this.#skipLineEnds();
      if (this.#start === this.#end) return false;
      const from = Math.max(this.#scanned, this.#start);
      const lf = this.#buffer.subarray(0, this.#end).indexOf(LF, from);
      const lineLength = (lf < 0 ? this.#end : lf) - this.#start;
      if (lineLength > START_LINE_MAX) {
        this.#skip(lf < 0 ? this.buffered : lineLength + 1);
        this.#insideLine = lf < 0;
        continue;
      }
      if (lf < 0) {
        this.#scanned = this.#end;
        return false;
      }
      if (this.#isStartLine(lineLength + 1)) {
        this.#inMessage = true;
        this.#searching = false;
        this.#lineEnd = lf;
        this.#scanned = lf + 1;
        return true;
      }
      this.#skip(lineLength + 1);
    }
  }

  #isStartLine(length: number): boolean {
    if (!looksLikeSip(this.#buffer, this.#start, length)) return false;
    return !this.#insideLine || hasKnownStart(this.#buffer, this.#start, length);
  }

  /** Finds the blank line and sets the message's length; false when it is not there (yet). */
  #findHeaderEnd(): boolean {
    const data = this.#buffer.subarray(0, this.#end);
    for (;;) {
      // The section ends when the line after `#lineEnd` is empty.
      const at = this.#lineEnd + 1;
      const blank = data[at] === LF ? at : data[at] === CR && data[at + 1] === LF ? at + 1 : -1;
      if (blank >= 0) {
        this.#measure(blank + 1 - this.#start);
        return true;
      }
      const following = data.indexOf(LF, Math.max(at, this.#scanned));
      if (following < 0) break;
      this.#lineEnd = following;
    }
    this.#scanned = this.#end;
    // Too much to be headers, and no message can be complete within: there is no blank line.
    if (this.buffered > MESSAGE_BYTES_MAX) this.#skip(this.buffered);
    return false;
  }

  #measure(headerLength: number): void {
    const headers = this.#buffer.toString('latin1', this.#start, this.#start + headerLength);
    const value = CONTENT_LENGTH.exec(headers)?.[1];
    // RFC 3261 18.3 demands a Content-Length on streams. Without one there can be no body to find the end of.
    const bodyLength = value === undefined ? 0 : parseContentLength(value);
    if (bodyLength === null || headerLength + bodyLength > MESSAGE_BYTES_MAX) {
      this.counters.badLengths++;
      this.counters.resyncs++;
      this.#searching = true;
      this.#messageLength = headerLength;
      return;
    }
    this.#messageLength = headerLength + bodyLength;
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#buffer.length) return;
    const needed = this.buffered + length;
    this.#moveTo(needed <= this.#buffer.length ? this.#buffer : this.#allocate(needed));
  }

  #allocate(needed: number): Buffer {
    return Buffer.alloc(Math.min(BUFFER_MAX, Math.max(BUFFER_MIN, 2 * needed)));
  }

  #moveTo(target: Buffer): void {
    const kept = this.buffered;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#scanned -= this.#start;
    this.#lineEnd -= this.#start;
    this.#start = 0;
    this.#end = kept;
  }
}
