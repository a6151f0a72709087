import { TcpReassembler, type TcpSink } from '../packet/tcp.ts';
import type { PacketView } from '../packet/view.ts';
import { looksLikeSip } from '../sip/detect.ts';
import { SipFramer } from '../sip/framing.ts';
import type { Signalling } from './signalling.ts';

/** SIP over TCP: segments are put in order, cut into messages, and those go the way of all messages. */
export class TcpSignalling implements TcpSink {
  private readonly signalling: Signalling;
  private readonly reassembler = new TcpReassembler({ looksLikeSip });
  /** One framer per flow direction that carried a message, or may still. */
  private readonly framers = new Map<number, SipFramer>();
  private readonly src = new Int32Array(4);
  private readonly dst = new Int32Array(4);
  private timeUs = 0;

  constructor(signalling: Signalling) {
    this.signalling = signalling;
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

  /** Flow directions dropped to make room for newer ones. */
  get evicted(): number {
    return this.reassembler.counters.evicted;
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
    let framer = this.framers.get(flowId);
    if (framer === undefined) {
      framer = new SipFramer();
      this.framers.set(flowId, framer);
    }
    if (gapBefore) framer.gap();
    framer.push(bytes, offset, length);
    for (let message = framer.next(); message !== null; message = framer.next()) {
      this.reassembler.accept(flowId);
      this.signalling.take(message, 0, message.length, false, this.timeUs);
    }
  }

  closed(flowId: number): void {
    this.framers.delete(flowId);
  }
}
