import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parseAddress } from '../../packet/address.ts';
import type { PacketBatch } from '../../packet/batch.ts';
import { HepMessage, looksLikeHep } from '../../packet/hep.ts';
import { HepStreamFramer } from '../../packet/hep-stream.ts';
import { CaptureError, systemCode } from '../errors.ts';
import { PacketQueue } from './packet-queue.ts';
import { UDP_PAYLOAD_MAX, type UdpEnd } from './raw-packet.ts';

export interface HepReceiverOptions {
  /** Address to listen at. Default 127.0.0.1: HEP says who sent it only by a key in the clear, if at all. */
  host?: string;
  /** Default 9060; 0 takes any free one. */
  port?: number;
  /** Default both. */
  transports?: readonly ('udp' | 'tcp')[];
  /** What chunk 14 of every message must hold; others are dropped. Default: not looked at. */
  authenticationKey?: Uint8Array;
  /** Packets and octets that wait to be read. Default 8192 and 8 MiB. */
  queuePacketsMax?: number;
  queueBytesMax?: number;
  /** TCP connections at one time; the one that was silent longest makes room. Default 256. */
  connectionsMax?: number;
  /** Number of this input, written to the batches' `input` column. Default 0. */
  input?: number;
  /** Time of arrival, us since the epoch. Default: the system's clock. */
  nowUs?: () => number;
}

/** What happened since the beginning. */
export interface HepReceiverCounters {
  /** Messages that were queued, and their octets as raw IP packets. */
  messages: number;
  bytes: number;
  /** Messages dropped because nobody read in time. */
  queueFull: number;
  /** Datagrams and messages that are no HEP, or contradict themselves. */
  malformed: number;
  /** Messages without the right key. */
  unauthenticated: number;
  /** Messages over TCP that fit no datagram. */
  tooLong: number;
  /** Messages over TCP of which the end had not come when their connection was closed. */
  cutOff: number;
  /** TCP connections accepted, closed to make room for others, and closed because they carried something else. */
  connections: number;
  connectionsEvicted: number;
  connectionsForeign: number;
}

const DEFAULT_HOST = '127.0.0.1';
/** How often the system is asked for a port that is free for both transports. */
const CHOICES_MAX = 8;
const DEFAULT_PORT = 9060;
const RECEIVE_BUFFER = 4 << 20;
const QUEUE_PACKETS_MAX = 8192;
const QUEUE_BYTES_MAX = 8 << 20;
const CONNECTIONS_MAX = 256;

/**
 * Receives HEP from capture agents over UDP and TCP. What it delivers is what a capture of their datagrams would have
 * held: raw IP packets with HEP inside, whatever way they came, so that everything behind it is as for any source.
 */
export class HepReceiver {
  readonly counters: HepReceiverCounters = {
    messages: 0,
    bytes: 0,
    queueFull: 0,
    malformed: 0,
    unauthenticated: 0,
    tooLong: 0,
    cutOff: 0,
    connections: 0,
    connectionsEvicted: 0,
    connectionsForeign: 0,
  };
  /** The error that ended receiving, if any. */
  failure: unknown = null;
  readonly #options: HepReceiverOptions;
  readonly #queue: PacketQueue;
  readonly #nowUs: () => number;
  readonly #message = new HepMessage();
  /** In the order of what they last sent, the most silent first. */
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | null = null;
  #tcp: Server | null = null;
  #local: UdpEnd = { words: new Int32Array(4), port: 0 };
  #isClosed = false;
  #wake: (() => void) | null = null;

  private constructor(options: HepReceiverOptions) {
    this.#options = options;
    this.#nowUs = options.nowUs ?? (() => Date.now() * 1000);
    const { queuePacketsMax = QUEUE_PACKETS_MAX, queueBytesMax = QUEUE_BYTES_MAX, input = 0 } = options;
    this.#queue = new PacketQueue(queuePacketsMax, queueBytesMax, input);
  }

  /**
   * Starts to listen.
   *
   * @throws {CaptureError} when the address or port cannot be had
   */
  static async open(options: HepReceiverOptions = {}): Promise<HepReceiver> {
    const { host = DEFAULT_HOST, port = DEFAULT_PORT } = options;
    for (let tries = 1; ; tries++) {
      const receiver = new HepReceiver(options);
      try {
        await receiver.#listen();
        return receiver;
      } catch (cause) {
        await receiver.close();
        const code = systemCode(cause);
        // A port that the system chose for UDP may be taken for TCP.
        if (port === 0 && code === 'EADDRINUSE' && tries < CHOICES_MAX) continue;
        const text = `cannot listen for HEP at ${host} port ${port}: ${reasonOf(code)}`;
        throw new CaptureError(code, text, cause);
      }
    }
  }

  /** Port listened at, the same for UDP and TCP. */
  get port(): number {
    return this.#local.port;
  }

  /** TCP connections open now. */
  get openConnections(): number {
    return this.#connections.size;
  }

  /** What has come since the last call, or null. The batch is valid until the next call. Never waits. */
  read(): PacketBatch | null {
    return this.#queue.take();
  }

  /** Waits until there is something to read. False when nothing will come any more. */
  async ready(): Promise<boolean> {
    while (this.#queue.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#queue.length > 0;
  }

  /** Stops listening; what has come can still be read. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const socket of this.#connections) socket.destroy();
    this.#connections.clear();
    const [udp, tcp] = [this.#udp, this.#tcp];
    await Promise.all([
      udp === null ? null : new Promise<void>((resolve) => udp.close(() => resolve())),
      tcp === null ? null : new Promise<void>((resolve) => tcp.close(() => resolve())),
    ]);
    this.#notify();
  }

  async #listen(): Promise<void> {
    const { host = DEFAULT_HOST, port = DEFAULT_PORT, transports = ['udp', 'tcp'] } = this.#options;
    const words = parseAddress(host);
    if (words === null) throw Object.assign(new Error(host), { code: 'EADDRNOTAVAIL' });
    this.#local = { words, port };
    if (transports.includes('udp')) await this.#listenUdp(host, port);
    if (transports.includes('tcp')) await this.#listenTcp(host, this.#local.port);
  }

  async #listenUdp(host: string, port: number): Promise<void> {
    const type = host.includes(':') ? 'udp6' : 'udp4';
    const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER });
    this.#udp = socket;
    socket.on('message', (datagram, from) => this.#datagram(datagram, from));
    socket.bind(port, host);
    // Rejects when the socket fails before.
    await once(socket, 'listening');
    socket.on('error', (error) => this.#fail(error));
    this.#local.port = socket.address().port;
  }

  async #listenTcp(host: string, port: number): Promise<void> {
    const server = createServer((socket) => this.#connection(socket));
    this.#tcp = server;
    server.listen(port, host);
    await once(server, 'listening');
    server.on('error', (error) => this.#fail(error));
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#local.port = address.port;
  }

  #fail(error: unknown): void {
    this.failure ??= error;
    void this.close();
  }

  #datagram(datagram: Buffer, from: RemoteInfo): void {
    const words = parseAddress(from.address);
    if (words !== null) this.#take(datagram, { words, port: from.port });
  }

  #connection(socket: Socket): void {
    const words = parseAddress(socket.remoteAddress ?? '');
    if (this.#isClosed || words === null) {
      socket.destroy();
      return;
    }
    this.counters.connections++;
    this.#makeRoom();
    this.#connections.add(socket);
    const from = { words, port: socket.remotePort ?? 0 };
    const framer = new HepStreamFramer();
    socket.setKeepAlive(true);
    socket.on('data', (chunk: Buffer) => {
      this.#connections.delete(socket);
      this.#connections.add(socket);
      framer.push(chunk, 0, chunk.length);
      for (let message = framer.next(); message !== null; message = framer.next()) this.#take(message, from);
      if (framer.counters.resyncs === 0) return;
      this.counters.connectionsForeign++;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#connections.delete(socket);
      if (framer.isWaiting && framer.counters.resyncs === 0) this.counters.cutOff++;
    });
  }

  #makeRoom(): void {
    const { connectionsMax = CONNECTIONS_MAX } = this.#options;
    for (const silent of this.#connections) {
      if (this.#connections.size < connectionsMax) break;
      this.counters.connectionsEvicted++;
      this.#connections.delete(silent);
      silent.destroy();
    }
  }

  #take(message: Uint8Array, from: UdpEnd): void {
    const { counters } = this;
    if (message.length > UDP_PAYLOAD_MAX) {
      counters.tooLong++;
      return;
    }
    if (!this.#isSound(message)) {
      counters.malformed++;
      return;
    }
    if (!this.#isAuthentic(message)) {
      counters.unauthenticated++;
      return;
    }
    const before = this.#queue.bytes;
    if (!this.#queue.push(this.#nowUs(), from, this.#local, message)) {
      counters.queueFull++;
      return;
    }
    counters.messages++;
    counters.bytes += this.#queue.bytes - before;
    this.#notify();
  }

  #isSound(message: Uint8Array): boolean {
    if (message.length === 0 || !looksLikeHep(message, 0, message.length)) return false;
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    return this.#message.parse(view, 0, message.length, message.length);
  }

  #isAuthentic(message: Uint8Array): boolean {
    const key = this.#options.authenticationKey;
    if (key === undefined) return true;
    const { keyOffset, keyLength } = this.#message;
    if (keyLength !== key.length) return false;
    return key.every((octet, i) => message[keyOffset + i] === octet);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied; ports below 1024 need privileges',
};

function reasonOf(code: string): string {
  return REASONS[code] ?? code;
}
