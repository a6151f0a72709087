/** A TCP connection as the engine gets it: decoded segments, one by one, with everything in the hands of the test. */
import type { TcpMessageSink, TcpSignalling } from '../../src/engine/tcp-signalling.ts';
import { PROTOCOL_TCP } from '../../src/packet/ip.ts';
import { TCP_FIN, TCP_SYN } from '../../src/packet/tcp.ts';
import { MAPPED_PREFIX_WORD, PacketView } from '../../src/packet/view.ts';
import type { Hop } from '../../src/sip/hop.ts';
import { bytesOf } from '../sip/examples.ts';

/** Keeps the messages that the engine would read. */
export class Messages implements TcpMessageSink {
  readonly texts: string[] = [];
  readonly hep: Uint8Array[] = [];
  /** Port that sent each message. */
  readonly ports: (number | null)[] = [];

  takeSip(message: Uint8Array, _: number, hop: Hop | null): void {
    this.texts.push(Buffer.from(message).toString('utf8'));
    this.ports.push(hop?.srcPort ?? null);
  }

  takeHep(message: Uint8Array): void {
    this.hep.push(message);
  }
}

export class Connection {
  timeUs = 1_000_000;
  readonly #tcp: TcpSignalling;
  readonly #clientPort: number;
  readonly #serverPort: number;
  #clientSeq: number;
  #serverSeq: number;

  constructor(tcp: TcpSignalling, clientPort = 40_000, serverPort = 5060, seq = 0xffff_ff00) {
    this.#tcp = tcp;
    this.#clientPort = clientPort;
    this.#serverPort = serverPort;
    this.#clientSeq = seq;
    this.#serverSeq = seq ^ 0x5555;
  }

  /** The handshake. Without it, the connection is joined in the middle. */
  open(): this {
    this.#segment(true, new Uint8Array(0), TCP_SYN);
    this.#segment(false, new Uint8Array(0), TCP_SYN);
    return this;
  }

  /** Sends bytes in segments of the sizes given, over and over; by default in one. */
  send(fromClient: boolean, data: Uint8Array | string, sizes: readonly number[] = [60_000]): this {
    const bytes = typeof data === 'string' ? bytesOf(data) : data;
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = Math.min(sizes[i % sizes.length]!, bytes.length - at);
      this.#segment(fromClient, bytes.subarray(at, at + size), 16);
      at += size;
    }
    return this;
  }

  /** Bytes that were sent, but not captured. */
  lose(fromClient: boolean, length: number): this {
    this.#advance(fromClient, length);
    return this;
  }

  close(): this {
    this.#segment(true, new Uint8Array(0), TCP_FIN);
    this.#segment(false, new Uint8Array(0), TCP_FIN);
    return this;
  }

  #segment(fromClient: boolean, payload: Uint8Array, flags: number): void {
    const view = new PacketView();
    view.protocol = PROTOCOL_TCP;
    view.src2 = view.dst2 = MAPPED_PREFIX_WORD;
    view.src3 = fromClient ? 0x0a000001 : 0x0a000002;
    view.dst3 = fromClient ? 0x0a000002 : 0x0a000001;
    view.srcPort = fromClient ? this.#clientPort : this.#serverPort;
    view.dstPort = fromClient ? this.#serverPort : this.#clientPort;
    view.tcpSequence = (fromClient ? this.#clientSeq : this.#serverSeq) | 0;
    view.tcpFlags = flags;
    view.timeUs = this.timeUs;
    // In a larger buffer that is overwritten afterwards, as a source's buffer is.
    const bytes = new Uint8Array(payload.length + 8);
    bytes.set(payload, 4);
    view.payloadOffset = 4;
    view.payloadLength = view.payloadWireLength = payload.length;
    this.#tcp.segment(view, bytes, this.timeUs);
    bytes.fill(0);
    this.#advance(fromClient, payload.length + ((flags & (TCP_SYN | TCP_FIN)) === 0 ? 0 : 1));
  }

  #advance(fromClient: boolean, length: number): void {
    if (fromClient) this.#clientSeq = (this.#clientSeq + length) >>> 0;
    else this.#serverSeq = (this.#serverSeq + length) >>> 0;
  }
}
