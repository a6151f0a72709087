import { beginsWithHep3 } from '../packet/hep.ts';
import { type HepStreamCounters, HepStreamFramer, hepStreamCounters } from '../packet/hep-stream.ts';
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
  hep: HepStreamCounters;
  /** WebSocket messages that are neither SIP nor a keep-alive. */
  notSip: number;
}

export function streamCounters(): StreamCounters {
  return {
    sip: sipFramerCounters(),
    webSocket: webSocketCounters(),
    hep: hepStreamCounters(),
    notSip: 0,
  };
}

/** Gets whole messages, copies of their own. */
export interface MessageSink {
  sip(message: Uint8Array): void;
  hep(message: Uint8Array): void;
}

/** Whether a segment begins what a `SignallingStream` reads: followed on any port. */
export function beginsSignalling(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    looksLikeSip(bytes, offset, length) ||
    isSipUpgrade(bytes, offset, length) ||
    beginsWithFrame(bytes, offset, length, looksLikeSip) ||
    beginsWithHep3(bytes, offset, length)
  );
}

const LETTER_G = 0x47;
const LETTER_H = 0x48;
/** Octets that tell "GET ", "HTTP" and "HEP3" from SIP. */
const TELLING = 4;

/**
 * Reads messages out of one direction of a connection: SIP, plain or over WebSocket (RFC 7118), or HEP.
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
  /** The first octets, while they do not say yet what follows. */
  #first: Uint8Array | null = null;
  #head: HttpHead | null = null;
  #hep: HepStreamFramer | null = null;
  #sip: SipFramer | null = null;
  #webSocket: WebSocketFramer | null = null;

  constructor(sink: MessageSink, counters: StreamCounters) {
    this.#sink = sink;
    this.#counters = counters;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    const framers =
      (this.#sip?.allocated ?? 0) + (this.#webSocket?.allocated ?? 0) + (this.#hep?.allocated ?? 0);
    return framers + (this.#head?.allocated ?? 0);
  }

  /** Octets were lost here, or what comes next is not the beginning of the connection. */
  gap(): void {
    if (!this.#begun || this.#first !== null || this.#head !== null) this.#tryBoth();
    this.#sip?.gap();
    this.#webSocket?.gap();
    this.#hep?.gap();
  }

  /** Gives all memory back, and with it what is incomplete: goes on as after a gap. */
  release(): void {
    this.gap();
    this.#sip?.release();
    this.#webSocket?.release();
    this.#hep?.release();
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    if (length <= 0) return;
    if (!this.#begun) this.#begin(bytes[offset]!);
    if (this.#first === null) {
      this.#pass(bytes, offset, length);
      return;
    }
    const known = this.#first.length;
    const wanted = Math.min(TELLING - known, length);
    const first = new Uint8Array(known + wanted);
    first.set(this.#first);
    first.set(bytes.subarray(offset, offset + wanted), known);
    this.#first = first;
    if (first.length < TELLING) return;
    this.#first = null;
    this.#tell(first);
    this.#pass(first, 0, first.length);
    this.#pass(bytes, offset + wanted, length - wanted);
  }

  #pass(bytes: Uint8Array, offset: number, length: number): void {
    const taken = this.#head === null ? 0 : this.#readHead(this.#head, bytes, offset, length);
    if (taken < length) this.#read(bytes, offset + taken, length - taken);
  }

  /**
   * SIP is text, a WebSocket connection begins with HTTP, and its frames with a text or binary opcode: one octet
   * tells them apart, but for G and H.
   */
  #begin(first: number): void {
    this.#begun = true;
    const opcode = first & 0x7f;
    if (first === LETTER_G || first === LETTER_H) this.#first = new Uint8Array(0);
    else if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) {
      this.#webSocket = this.#newWebSocket();
      // It may be anything: a frame has to show itself.
      this.#webSocket.gap();
    } else this.#sip = new SipFramer(this.#counters.sip);
  }

  #tell(first: Uint8Array): void {
    const text = String.fromCharCode(...first);
    if (text === 'HEP3') this.#hep = new HepStreamFramer(this.#counters.hep);
    else if (text === 'GET ' || text === 'HTTP') this.#head = new HttpHead();
    else this.#sip = new SipFramer(this.#counters.sip);
  }

  #newWebSocket(): WebSocketFramer {
    return new WebSocketFramer(looksLikeSip, this.#counters.webSocket);
  }

  #tryBoth(): void {
    this.#begun = true;
    this.#first = null;
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
    if (this.#hep !== null) this.#readHep(this.#hep, bytes, offset, length);
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

  #readHep(hep: HepStreamFramer, bytes: Uint8Array, offset: number, length: number): void {
    hep.push(bytes, offset, length);
    for (let message = hep.next(); message !== null; message = hep.next()) {
      this.recognised = true;
      this.#sink.hep(message);
    }
  }

  #take(message: Uint8Array): void {
    this.recognised = true;
    this.#sink.sip(message);
  }
}
