import { TcpReassembler, type TcpSink } from '../packet/tcp.ts';
import { isOnSipPort } from '../packet/tcp-contract.ts';
import type { PacketView } from '../packet/view.ts';
import type { Hop } from '../sip/hop.ts';
import { beginsWithRecord, clientHelloRandom } from '../tls/records.ts';
import type { Decryption } from '../tls/session.ts';
import { beginsSignalling, SignallingStream, streamCounters } from './signalling-stream.ts';
import { TlsConnection, tlsCounters } from './tls-connection.ts';

/** Incomplete messages of all connections together, octets of memory. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

/** Gets what was in the connections. Messages are copies of their own. */
export interface TcpMessageSink {
  /** A SIP message. */
  takeSip(message: Uint8Array, timeUs: number, hop: Hop | null): void;
  /** A message of HEP, as capture agents send it. */
  takeHep(message: Uint8Array, timeUs: number): void;
}

export interface TcpSignallingOptions {
  /** Keys and ciphers for encrypted connections. */
  decryption?: Decryption | null;
  /** What incomplete messages of all connections may hold together, octets. Default 32 MiB. */
  waitingBytesMax?: number;
}

/** One direction of a connection. */
interface Flow {
  reader: SignallingStream | TlsConnection;
  /** Of a TLS connection. */
  side: number;
  /** Whether it is settled that it is no TLS. */
  isPlain: boolean;
}

/**
 * SIP over TCP: segments are put in order, decrypted if need be, cut into messages, and those go the way of all
 * messages.
 */
export class TcpSignalling implements TcpSink {
  readonly counters = { ...streamCounters(), waitingDropped: 0 };
  readonly tls = tlsCounters();
  private readonly sink: TcpMessageSink;
  private readonly decryption: Decryption | null;
  private readonly reassembler: TcpReassembler;
  /** Flow directions that carried a message, or may still. */
  private readonly flows = new Map<number, Flow>();
  /** Those that hold memory, the one that got nothing for the longest time first. */
  private readonly waiting = new Set<Flow['reader']>();
  private readonly waitingBytesMax: number;
  private waitingBytes = 0;
  /** The input that the newest segment came from, and its DS field. */
  private input = 0;
  private tos = -1;
  private readonly src = new Int32Array(4);
  private readonly dst = new Int32Array(4);
  private readonly key = new Int32Array(10);
  private timeUs = 0;

  constructor(sink: TcpMessageSink, options: TcpSignallingOptions = {}) {
    this.sink = sink;
    this.decryption = options.decryption ?? null;
    this.waitingBytesMax = options.waitingBytesMax ?? WAITING_BYTES_MAX;
    this.reassembler = new TcpReassembler({
      isStart: (bytes, offset, length) =>
        beginsSignalling(bytes, offset, length) || this.hasKeys(bytes, offset, length),
    });
  }

  /** Octets of memory that incomplete messages hold. */
  get waitingOctets(): number {
    return this.waitingBytes;
  }

  /** What could not be read, under the names that `capture.discarded` has for it. */
  discarded(): [reason: string, count: number][] {
    const { gaps, evicted } = this.reassembler.counters;
    const { webSocket, notSip, waitingDropped } = this.counters;
    return [
      ['tcp_gap', gaps],
      ['tcp_flow_table_full', evicted],
      ['tcp_buffers_full', waitingDropped],
      ['tls_record_undecryptable', this.tls.undecryptable],
      ['websocket_compressed', webSocket.compressed],
      ['websocket_bad_frame', webSocket.bad],
      ['websocket_too_long', webSocket.oversize],
      ['websocket_not_sip', notSip],
    ];
  }

  /**
   * Takes one decoded TCP segment.
   * @returns whether it belongs to a connection that is followed, that is: SIP, or not yet known not to be
   */
  segment(view: PacketView, bytes: Uint8Array, timeUs: number): boolean {
    this.input = view.input;
    this.tos = view.tos;
    this.src[0] = view.src0;
    this.src[1] = view.src1;
    this.src[2] = view.src2;
    this.src[3] = view.src3;
    this.dst[0] = view.dst0;
    this.dst[1] = view.dst1;
    this.dst[2] = view.dst2;
    this.dst[3] = view.dst3;
    this.timeUs = timeUs;
    const before = this.reassembler.counters.segments;
    this.reassembler.segment(
      this.src,
      view.srcPort,
      this.dst,
      view.dstPort,
      view.tcpSequence,
      view.tcpFlags,
      bytes,
      view.payloadOffset,
      view.payloadLength,
      timeUs,
      this,
      view.payloadWireLength,
    );
    if (this.reassembler.counters.segments > before) return true;
    if (clientHelloRandom(bytes, view.payloadOffset, view.payloadLength) >= 0) this.tls.elsewhere++;
    return false;
  }

  /** Capture time moves on: holes that nothing filled are given up. */
  expire(timeUs: number): void {
    this.timeUs = timeUs;
    this.reassembler.expire(timeUs, this);
  }

  /** The capture is over: what waits behind holes is read. */
  flush(): void {
    this.reassembler.flush(this);
  }

  data(flowId: number, bytes: Uint8Array, offset: number, length: number, gapBefore: boolean): void {
    const known = this.flows.get(flowId);
    const isFirst = known === undefined;
    let flow = known ?? this.begin(flowId, { reader: this.newStream(() => flowId), side: 0, isPlain: false });
    if (!flow.isPlain && flow.reader instanceof SignallingStream) {
      if (this.looksEncrypted(flow, bytes, offset, length, isFirst && !gapBefore)) {
        this.waitingBytes -= flow.reader.allocated;
        this.waiting.delete(flow.reader);
        flow = this.beginTls(flowId);
        // What came before was none of it, and a record begins here.
        this.read(flowId, flow, bytes, offset, length, false);
        return;
      }
    }
    this.read(flowId, flow, bytes, offset, length, gapBefore);
  }

  /** Between which sockets a flow runs. */
  private hopOf(flowId: number): Hop | null {
    const words = this.key;
    if (!this.reassembler.endpoints(flowId, words)) return null;
    return {
      src0: words[0]!,
      src1: words[1]!,
      src2: words[2]!,
      src3: words[3]!,
      dst0: words[4]!,
      dst1: words[5]!,
      dst2: words[6]!,
      dst3: words[7]!,
      srcPort: words[8]!,
      dstPort: words[9]!,
      input: this.input,
      tos: this.tos,
    };
  }

  closed(flowId: number): void {
    const flow = this.flows.get(flowId);
    if (flow === undefined) return;
    this.flows.delete(flowId);
    const { reader } = flow;
    if (reader instanceof TlsConnection) {
      const before = reader.allocated;
      if (!reader.close()) return;
      this.waitingBytes -= before;
    } else {
      this.waitingBytes -= reader.allocated;
    }
    this.waiting.delete(reader);
  }

  private read(
    flowId: number,
    { reader, side }: Flow,
    bytes: Uint8Array,
    offset: number,
    length: number,
    gapBefore: boolean,
  ): void {
    const before = reader.allocated;
    if (reader instanceof TlsConnection) {
      reader.push(side, bytes, offset, length, gapBefore);
      this.account(reader, before);
      if (reader.isUseless) this.reject(reader);
      return;
    }
    if (gapBefore) reader.gap();
    reader.push(bytes, offset, length);
    if (reader.recognised) this.reassembler.accept(flowId);
    this.account(reader, before);
  }

  private begin(flowId: number, flow: Flow): Flow {
    this.flows.set(flowId, flow);
    return flow;
  }

  /** A reader for what is in a flow. Encrypted messages may come to light while the other flow is read. */
  private newStream(flowId: () => number): SignallingStream {
    const messages = {
      sip: (message: Uint8Array): void => this.sink.takeSip(message, this.timeUs, this.hopOf(flowId())),
      hep: (message: Uint8Array): void => this.sink.takeHep(message, this.timeUs),
    };
    return new SignallingStream(messages, this.counters);
  }

  /** Whether a segment begins a TLS handshake whose secrets are known. */
  private hasKeys(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.decryption === null) return false;
    const random = clientHelloRandom(bytes, offset, length);
    return random >= 0 && this.decryption.keys.find(bytes, random) !== null;
  }

  /**
   * Whether a flow carries TLS. At the beginning of a connection its first octet says so; one that was joined in the
   * middle shows it when a segment begins with a record.
   */
  private looksEncrypted(
    flow: Flow,
    bytes: Uint8Array,
    offset: number,
    length: number,
    isBeginning: boolean,
  ): boolean {
    const first = bytes[offset]!;
    if (isBeginning) {
      flow.isPlain = first < 20 || first > 23;
      return !flow.isPlain;
    }
    flow.isPlain = (flow.reader as SignallingStream).recognised;
    return !flow.isPlain && beginsWithRecord(bytes, offset, length);
  }

  /** The flow carries TLS: joins the connection of the other direction, or begins one. */
  private beginTls(flowId: number): Flow {
    // A handshake with its certificates may be longer than what is read of a flow that nobody wants.
    this.reassembler.accept(flowId);
    const peer = this.flows.get(this.reassembler.peerOf(flowId))?.reader;
    if (peer instanceof TlsConnection && peer.flows[1] === -1) {
      peer.flows[1] = flowId;
      return this.begin(flowId, { reader: peer, side: 1, isPlain: false });
    }
    this.reassembler.endpoints(flowId, this.key);
    const onSipPort = isOnSipPort(this.key[8]!, this.key[9]!);
    const streams = [this.newStream(() => reader.flows[0]), this.newStream(() => reader.flows[1])] as const;
    const hasKeys = this.decryption !== null && this.decryption.keys.size > 0;
    const reader: TlsConnection = new TlsConnection(
      hasKeys ? this.decryption : null,
      streams,
      this.tls,
      onSipPort,
    );
    reader.flows[0] = flowId;
    return this.begin(flowId, { reader, side: 0, isPlain: false });
  }

  /** Nothing more of a connection is wanted. */
  private reject(connection: TlsConnection): void {
    for (const flowId of connection.flows) {
      if (!this.flows.has(flowId)) continue;
      this.reassembler.reject(flowId);
      this.closed(flowId);
    }
  }

  /** Keeps the sum of what all readers hold within its bound: whoever got nothing for the longest time loses it. */
  private account(reader: Flow['reader'], before: number): void {
    const { allocated } = reader;
    this.waitingBytes += allocated - before;
    this.waiting.delete(reader);
    if (allocated > 0) this.waiting.add(reader);
    for (const oldest of this.waiting) {
      if (this.waitingBytes <= this.waitingBytesMax) break;
      this.waitingBytes -= oldest.allocated;
      oldest.release();
      this.waitingBytes += oldest.allocated;
      this.waiting.delete(oldest);
      this.counters.waitingDropped++;
    }
  }
}
