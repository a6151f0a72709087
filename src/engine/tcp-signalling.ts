import { TcpReassembler, type TcpSink } from '../packet/tcp.ts';
import type { PacketView } from '../packet/view.ts';
import type { Signalling } from './signalling.ts';
import { beginsSignalling, SignallingStream, streamCounters } from './signalling-stream.ts';

/** Incomplete messages of all connections together, octets of memory. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

/** SIP over TCP: segments are put in order, cut into messages, and those go the way of all messages. */
export class TcpSignalling implements TcpSink {
  readonly counters = { ...streamCounters(), waitingDropped: 0 };
  private readonly signalling: Pick<Signalling, 'take'>;
  private readonly reassembler = new TcpReassembler({ isStart: beginsSignalling });
  /** One reader per flow direction that carried a message, or may still. */
  private readonly streams = new Map<number, SignallingStream>();
  /** Those that hold memory, the one that got nothing for the longest time first. */
  private readonly waiting = new Map<number, SignallingStream>();
  private readonly waitingBytesMax: number;
  private waitingBytes = 0;
  private readonly src = new Int32Array(4);
  private readonly dst = new Int32Array(4);
  private timeUs = 0;

  constructor(signalling: Pick<Signalling, 'take'>, waitingBytesMax: number = WAITING_BYTES_MAX) {
    this.signalling = signalling;
    this.waitingBytesMax = waitingBytesMax;
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
    return this.reassembler.counters.segments > before;
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
    let stream = this.streams.get(flowId);
    if (stream === undefined) {
      stream = new SignallingStream(this.take, this.counters);
      this.streams.set(flowId, stream);
    }
    const before = stream.allocated;
    if (gapBefore) stream.gap();
    stream.push(bytes, offset, length);
    if (stream.recognised) this.reassembler.accept(flowId);
    this.account(flowId, stream, before);
  }

  closed(flowId: number): void {
    const stream = this.streams.get(flowId);
    if (stream === undefined) return;
    this.waitingBytes -= stream.allocated;
    this.streams.delete(flowId);
    this.waiting.delete(flowId);
  }

  private readonly take = (message: Uint8Array): void => {
    this.signalling.take(message, 0, message.length, false, this.timeUs);
  };

  /** Keeps the sum of what all streams hold within its bound: whoever got nothing for the longest time loses it. */
  private account(flowId: number, stream: SignallingStream, before: number): void {
    const { allocated } = stream;
    this.waitingBytes += allocated - before;
    this.waiting.delete(flowId);
    if (allocated > 0) this.waiting.set(flowId, stream);
    for (const [id, oldest] of this.waiting) {
      if (this.waitingBytes <= this.waitingBytesMax) break;
      this.waitingBytes -= oldest.allocated;
      oldest.release();
      this.waitingBytes += oldest.allocated;
      this.waiting.delete(id);
      this.counters.waitingDropped++;
    }
  }
}
