import type { ByteConnection } from './byte-connection.ts';
import { type Route, tcpFrame } from './frame.ts';
import type { Random } from './random.ts';

/** A frame at its time, ns of the scenario. `data`: carries SIP. */
export interface TcpSegment {
  timeNs: number;
  data: boolean;
  fromClient: boolean;
  bytes: Uint8Array;
}

const FIN = 1;
const SYN = 2;
const PSH = 8;
const ACK = 16;
const MSS = 1440;
/** From data to its bare acknowledgement, as the tap sees them. */
const ACK_DELAY_NS = 300_000;

interface Peer {
  route: Route;
  port: number;
  /** Next sequence number to send. */
  seq: number;
  ident: number;
}

/** One TCP connection between two peers, seen at the tap: right numbers, no loss, every segment acknowledged. */
export class TcpConnection implements ByteConnection {
  readonly segments: TcpSegment[] = [];
  readonly #client: Peer;
  readonly #server: Peer;

  /** `toServer` and `toClient` are the two ways; the client's port comes first. */
  constructor(toServer: Route, toClient: Route, clientPort: number, serverPort: number, random: Random) {
    this.#client = { route: toServer, port: clientPort, seq: random.uint32(), ident: random.int(65536) };
    this.#server = { route: toClient, port: serverPort, seq: random.uint32(), ident: random.int(65536) };
  }

  /** Three-way handshake that ends at `endNs`. */
  open(endNs: number): void {
    this.#send(endNs - 2e6, this.#client, SYN, new Uint8Array(0));
    this.#send(endNs - 1e6, this.#server, SYN | ACK, new Uint8Array(0));
    this.#send(endNs, this.#client, ACK, new Uint8Array(0));
  }

  /** Payload from one side, cut at the segment size, and the other side's acknowledgement. */
  send(timeNs: number, fromClient: boolean, payload: Uint8Array, isSip = true): void {
    const sender = fromClient ? this.#client : this.#server;
    for (let at = 0; at < payload.length; at += MSS) {
      this.#send(timeNs + (at / MSS) * 1000, sender, PSH | ACK, payload.subarray(at, at + MSS), isSip);
    }
    this.#send(timeNs + ACK_DELAY_NS, fromClient ? this.#server : this.#client, ACK, new Uint8Array(0));
  }

  /** The client closes, the server follows. */
  close(timeNs: number): void {
    this.#send(timeNs, this.#client, FIN | ACK, new Uint8Array(0));
    this.#send(timeNs + ACK_DELAY_NS, this.#server, FIN | ACK, new Uint8Array(0));
    this.#send(timeNs + 2 * ACK_DELAY_NS, this.#client, ACK, new Uint8Array(0));
  }

  #send(timeNs: number, from: Peer, flags: number, payload: Uint8Array, isSip = false): void {
    const to = from === this.#client ? this.#server : this.#client;
    const ack = (flags & ACK) !== 0 ? to.seq : 0;
    const fields = { srcPort: from.port, dstPort: to.port, seq: from.seq, ack, flags };
    const bytes = tcpFrame(from.route, fields, payload, from.ident);
    this.segments.push({ timeNs, data: isSip, fromClient: from === this.#client, bytes });
    from.ident = (from.ident + 1) & 0xffff;
    // SYN and FIN each take one number (RFC 9293 3.4).
    from.seq = (from.seq + payload.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
  }
}
