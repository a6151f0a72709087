import { HttpHead, isSipUpgrade } from '../packet/http-upgrade.ts';
import {
  beginsWithFrame,
  OPCODE_BINARY,
  OPCODE_TEXT,
  type WebSocketCounters,
  WebSocketFramer,
  webSocketCounters,
} from '../packet/websocket.ts';
import { isSipKeepAlive, looksLikeSip } from '../sip/detect.ts';
import { SipFramer, type SipFramerCounters, sipFramerCounters } from '../sip/framing.ts';

/** What became of the streams, all together. */
export interface StreamCounters {
  sip: SipFramerCounters;
  webSocket: WebSocketCounters;
  /** WebSocket messages that are neither SIP nor a keep-alive. */
  notSip: number;
}

export function streamCounters(): StreamCounters {
  return { sip: sipFramerCounters(), webSocket: webSocketCounters(), notSip: 0 };
}

/** Gets whole SIP messages. */
export type MessageSink = (message: Uint8Array) => void;

/** Whether a segment begins what a `SignallingStream` reads: followed on any port. */
export function beginsSignalling(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    looksLikeSip(bytes, offset, length) ||
    isSipUpgrade(bytes, offset, length) ||
    beginsWithFrame(bytes, offset, length, looksLikeSip)
  );
}

const LETTER_G = 0x47;
const LETTER_H = 0x48;

/**
 * Reads SIP messages out of one direction of a connection, plain or over WebSocket (RFC 7118).
 *
 * What it is shows in the first octets. Of a stream joined in the middle, or that lost octets before it was known,
 * both readings are tried until one of them yields a message: neither finds the start of one in the other's octets.
 */
export class SignallingStream {
  /** Whether SIP was found: a message, or the start line of one. */
  recognised = false;
  readonly #sink: MessageSink;
  readonly #counters: StreamCounters;
  #begun = false;
  #head: HttpHead | null = null;
  #sip: SipFramer | null = null;
  #webSocket: WebSocketFramer | null = null;

  constructor(sink: MessageSink, counters: StreamCounters) {
    this.#sink = sink;
    this.#counters = counters;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return (this.#head?.allocated ?? 0) + (this.#sip?.allocated ?? 0) + (this.#webSocket?.allocated ?? 0);
  }

  /** Octets were lost here, or what comes next is not the beginning of the connection. */
  gap(): void {
    if (!this.#begun || this.#head !== null) this.#tryBoth();
    this.#sip?.gap();
    this.#webSocket?.gap();
  }

  /** Gives all memory back, and with it what is incomplete: goes on as after a gap. */
  release(): void {
    this.gap();
    this.#sip?.release();
    this.#webSocket?.release();
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    if (length <= 0) return;
    if (!this.#begun) this.#begin(bytes[offset]!);
    const taken = this.#head === null ? 0 : this.#readHead(this.#head, bytes, offset, length);
    if (taken < length) this.#read(bytes, offset + taken, length - taken);
  }

  /**
   * SIP is text, a WebSocket connection begins with HTTP, and its frames with a text or binary opcode: one octet
   * tells them apart, but for SIP methods in G or H.
   */
  #begin(first: number): void {
    this.#begun = true;
    const opcode = first & 0x7f;
    if (first === LETTER_G || first === LETTER_H) this.#head = new HttpHead();
    else if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) {
      this.#webSocket = this.#newWebSocket();
      // It may be anything: a frame has to show itself.
      this.#webSocket.gap();
    } else this.#sip = new SipFramer(this.#counters.sip);
  }

  #newWebSocket(): WebSocketFramer {
    return new WebSocketFramer(looksLikeSip, this.#counters.webSocket);
  }

  #tryBoth(): void {
    this.#begun = true;
    this.#head = null;
    this.#sip = new SipFramer(this.#counters.sip);
    this.#webSocket = this.#newWebSocket();
  }

  #readHead(head: HttpHead, bytes: Uint8Array, offset: number, length: number): number {
    const taken = head.push(bytes, offset, length);
    if (head.state === 'more') return taken;
    this.#head = null;
    if (head.state === 'upgrade') {
      this.recognised = head.namesSip;
      this.#webSocket = this.#newWebSocket();
      return taken;
    }
    // No upgrade, or not yet: a server may ask for a password first.
    this.#tryBoth();
    const { collected } = head;
    this.#webSocket?.gap();
    this.#read(collected, 0, collected.length);
    return taken;
  }

  #read(bytes: Uint8Array, offset: number, length: number): void {
    if (this.#sip !== null) {
      this.#sip.push(bytes, offset, length);
      for (let message = this.#sip.next(); message !== null; message = this.#sip?.next() ?? null) {
        this.#webSocket = null;
        this.#take(message);
      }
      if (this.#sip.inMessage) this.recognised = true;
    }
    if (this.#webSocket === null) return;
    this.#webSocket.push(bytes, offset, length);
    for (let message = this.#webSocket.next(); message !== null; message = this.#webSocket.next()) {
      if (looksLikeSip(message, 0, message.length)) {
        this.#sip = null;
        this.#take(message);
      } else if (!isSipKeepAlive(message, 0, message.length)) {
        this.#counters.notSip++;
      }
    }
  }

  #take(message: Uint8Array): void {
    this.recognised = true;
    this.#sink(message);
  }
}
