/**
 * TCP reassembly for a passive observer (RFC 9293 3.4, 3.10): bytes in order, holes given up in bounded time
 * and memory. Only flows that may carry SIP cost anything.
 *
 * An observer cannot ask for a retransmission, and may itself have missed what the receiver got. So a hole
 * is waited for briefly, then reported as a gap, and reading goes on.
 */
import {
  SIP_PORTS,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  type TcpOptions,
  type TcpSink,
  tcpCounters,
} from './tcp-contract.ts';
import { TcpFlow, type TcpSegment } from './tcp-flow.ts';
import { TcpFlowTable } from './tcp-flow-table.ts';

export * from './tcp-contract.ts';

/** Beyond this distance a sequence number does not belong: no SIP peer has a window that large. */
const WINDOW_MAX = 1 << 20;
/** How many bytes may have come before the SYN that they follow. */
const LATE_SYN_MAX = 65_536;

/** Reassembles flow directions and tells the sink. */
export class TcpReassembler {
  readonly counters = tcpCounters();
  readonly #ports = new Uint8Array(65_536);
  readonly #isStart: (bytes: Uint8Array, offset: number, length: number) => boolean;
  readonly #heldBytesPerFlow: number;
  readonly #heldSegmentsPerFlow: number;
  readonly #heldBytesMax: number;
  readonly #holeTimeoutUs: number;
  readonly #unacceptedBytesMax: number;
  readonly #table: TcpFlowTable;
  readonly #flows: TcpFlow[] = [];
  /** How often each slot was used: makes ids unique for ever. */
  readonly #generation: Float64Array;
  #heldBytes = 0;
  /** Flows with waiting segments, so that `expire` looks at nothing else. */
  readonly #waiting = new Set<TcpFlow>();

  constructor(options: TcpOptions = {}) {
    for (const port of options.ports ?? SIP_PORTS) this.#ports[port & 0xffff] = 1;
    this.#isStart = options.isStart ?? (() => false);
    this.#heldBytesPerFlow = options.heldBytesPerFlow ?? 65_536;
    this.#heldSegmentsPerFlow = options.heldSegmentsPerFlow ?? 32;
    this.#heldBytesMax = options.heldBytesMax ?? 16 * 1024 * 1024;
    this.#holeTimeoutUs = options.holeTimeoutUs ?? 3_000_000;
    this.#unacceptedBytesMax = options.unacceptedBytesMax ?? 8192;
    this.#table = new TcpFlowTable(options.flowsMax ?? 4096, options.hashSeed ?? 0);
    this.#generation = new Float64Array(this.#table.capacity);
  }

  /** Flow directions known now, closed and ignored ones included. */
  get flows(): number {
    return this.#table.size;
  }

  /** Bytes waiting now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The consumer found SIP in this flow: it is followed to its end. */
  accept(flowId: number): void {
    const flow = this.#flowOf(flowId);
    if (flow !== null) flow.accepted = true;
  }

  /** The flow is no SIP: what still comes of it is dropped unseen. Tells no sink. */
  reject(flowId: number): void {
    const flow = this.#flowOf(flowId);
    if (flow === null || !flow.live) return;
    this.counters.ignored++;
    this.#end(flow, 'ignored');
  }

  /** The flow of the other direction of the same connection, or -1 when none is known. */
  peerOf(flowId: number): number {
    if (this.#flowOf(flowId) === null) return -1;
    const slot = this.#table.reverseOf(flowId % this.#table.capacity);
    return slot < 0 ? -1 : this.#flows[slot]!.id;
  }

  /**
   * Writes a flow's addresses: source words 0..3, destination words 4..7, then both ports.
   *
   * @returns false when the flow is no longer known
   */
  endpoints(flowId: number, out: Int32Array): boolean {
    if (this.#flowOf(flowId) === null) return false;
    this.#table.copyKey(flowId % this.#table.capacity, out);
    return true;
  }

  /**
   * Takes in one segment: `length` captured bytes of payload at `offset`, of `wireLength` on the wire (what
   * the snap length cut counts as a gap). Addresses are 4 words each, IPv4 mapped. Never throws; bytes in
   * order reach the sink without a copy.
   */
  segment(
    src: Int32Array,
    srcPort: number,
    dst: Int32Array,
    dstPort: number,
    seq: number,
    flags: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    timeUs: number,
    sink: TcpSink,
    wireLength: number = length,
  ): void {
    if (wireLength <= 0 && (flags & (TCP_SYN | TCP_FIN | TCP_RST)) === 0) return;
    const syn = (flags & TCP_SYN) !== 0;
    const flow = this.#flowFor(src, srcPort, dst, dstPort, flags, bytes, offset, length, sink);
    if (flow === null || (flow.state === 'ignored' && !syn)) return;
    this.counters.segments++;
    if ((flags & TCP_RST) !== 0) {
      const reverse = this.#reset(flow, seq, sink) ? this.#table.find(dst, dstPort, src, srcPort) : -1;
      if (reverse >= 0) this.#close(this.#flows[reverse]!, sink, 'closed');
      return;
    }
    if (syn) this.#synchronise(flow, seq >>> 0, sink);
    const fin = (flags & TCP_FIN) !== 0;
    if (wireLength <= 0 && !fin) return;
    const first = (syn ? seq + 1 : seq) >>> 0;
    const wire = Math.max(length, wireLength);
    this.#take(flow, { seq: first, bytes, offset, length, wireLength: wire, fin, timeUs }, sink);
    if (flow.held.length > 0) this.#giveUpOldHoles(flow, timeUs, sink);
  }

  /** Gives up the holes that are older than the timeout at `timeUs` (capture time). */
  expire(timeUs: number, sink: TcpSink): void {
    for (const flow of this.#waiting) this.#giveUpOldHoles(flow, timeUs, sink);
  }

  /** Ends everything: gives up all holes, then closes all flows. For the end of a capture. */
  flush(sink: TcpSink): void {
    this.expire(Number.POSITIVE_INFINITY, sink);
    for (let slot = this.#table.oldest(); slot >= 0; slot = this.#table.oldest()) this.#drop(slot, sink);
  }

  #flowOf(flowId: number): TcpFlow | null {
    const flow = this.#flows[flowId % this.#table.capacity];
    return flow !== undefined && flow.id === flowId ? flow : null;
  }

  /** The flow of a segment; made when the segment gives reason to follow it. */
  #flowFor(
    src: Int32Array,
    srcPort: number,
    dst: Int32Array,
    dstPort: number,
    flags: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    sink: TcpSink,
  ): TcpFlow | null {
    const known = this.#table.find(src, srcPort, dst, dstPort);
    if (known >= 0) {
      const flow = this.#flows[known]!;
      // Only live flows that carry data are worth keeping: the others are the first to go.
      if (length > 0 && flow.live) this.#table.touch(known);
      return flow;
    }
    if ((flags & TCP_RST) !== 0 || (length <= 0 && (flags & TCP_SYN) === 0)) return null;
    const wanted = this.#ports[srcPort & 0xffff] === 1 || this.#ports[dstPort & 0xffff] === 1;
    if (!wanted && !this.#isStart(bytes, offset, length) && !this.#isAnswer(src, srcPort, dst, dstPort))
      return null;
    if (this.#table.size === this.#table.capacity) {
      this.counters.evicted++;
      this.#drop(this.#table.oldest(), sink);
    }
    const slot = this.#table.insert(src, srcPort, dst, dstPort);
    this.#flows[slot] ??= new TcpFlow();
    const flow = this.#flows[slot];
    flow.reset(this.#nextId(slot));
    // A SYN alone stays the first to be evicted: a flood of them then costs nobody else a flow.
    if (length > 0) this.#table.touch(slot);
    return flow;
  }

  /** Whether the other direction is followed: then this one is, too, whatever it begins with. */
  #isAnswer(src: Int32Array, srcPort: number, dst: Int32Array, dstPort: number): boolean {
    const slot = this.#table.find(dst, dstPort, src, srcPort);
    return slot >= 0 && this.#flows[slot]!.live;
  }

  #nextId(slot: number): number {
    const generation = this.#generation[slot]! + 1;
    this.#generation[slot] = generation;
    return generation * this.#table.capacity + slot;
  }

  /** A SYN: the first of a connection, a copy of it, or a new connection on the same ports. */
  #synchronise(flow: TcpFlow, seq: number, sink: TcpSink): void {
    if (flow.synchronised) {
      // Data may overtake its SYN; then the flow was joined right behind it.
      const overtaken = flow.initialSeq === -1 && flow.ahead(seq) < 0 && flow.ahead(seq) >= -LATE_SYN_MAX;
      if (flow.initialSeq === seq || overtaken) {
        flow.initialSeq = seq;
        this.counters.retransmitted++;
        return;
      }
      this.#close(flow, sink, 'closed');
      flow.reset(this.#nextId(flow.id % this.#table.capacity));
    }
    flow.initialSeq = seq;
    flow.expected = (seq + 1) >>> 0;
    flow.synchronised = true;
  }

  /** Starts in the middle of a connection whose SYN was not seen. */
  #join(flow: TcpFlow, { seq, bytes, offset, length }: TcpSegment): void {
    this.counters.joined++;
    flow.expected = seq;
    flow.synchronised = true;
    // What begins like a start needs no search for one.
    flow.gapPending = !this.#isStart(bytes, offset, length);
  }

  #take(flow: TcpFlow, segment: TcpSegment, sink: TcpSink): void {
    if (flow.state === 'ignored') return;
    if (!flow.synchronised) this.#join(flow, segment);
    const ahead = flow.ahead(segment.seq);
    if (ahead > WINDOW_MAX || ahead < -WINDOW_MAX) {
      if (!this.#followStray(flow, segment, sink)) return;
    } else if (flow.state === 'closed') {
      this.counters.retransmitted++;
      return;
    } else if (ahead > 0) {
      this.counters.outOfOrder++;
      if (flow.covers(segment)) {
        this.counters.retransmitted++;
        return;
      }
      if (this.#hold(flow, segment, sink)) return;
    }
    flow.strayNext = -1;
    this.#deliver(flow, segment, sink);
    this.#drain(flow, sink);
  }

  /**
   * A segment far outside the window: garbage, unless the next one continues it. Then the flow went on, or
   * its ports were used again, while the observer saw nothing.
   */
  #followStray(flow: TcpFlow, segment: TcpSegment, sink: TcpSink): boolean {
    this.counters.stray++;
    const continues = flow.strayNext === segment.seq;
    flow.strayNext = (segment.seq + segment.wireLength) >>> 0;
    if (!continues) return false;
    if (flow.state === 'closed') {
      flow.reset(this.#nextId(flow.id % this.#table.capacity));
      this.#join(flow, segment);
      return true;
    }
    while (flow.held.length > 0) this.#skipHole(flow, sink);
    if (!flow.live) return false;
    this.#openGap(flow, segment.seq);
    return true;
  }

  /**
   * Keeps a segment that came early. Without room, holes are given up until it fits, or is next in order.
   *
   * @returns false when it is to be delivered now
   */
  #hold(flow: TcpFlow, segment: TcpSegment, sink: TcpSink): boolean {
    for (;;) {
      if (!flow.live) return true;
      if (flow.ahead(segment.seq) <= 0) return false;
      if (this.#fits(flow, segment.length)) break;
      const next = flow.held[0];
      if (next === undefined || flow.ahead(segment.seq) < flow.ahead(next.seq)) {
        this.#openGap(flow, segment.seq);
        return false;
      }
      this.#skipHole(flow, sink);
    }
    flow.hold(segment);
    this.#heldBytes += segment.length;
    this.#waiting.add(flow);
    return true;
  }

  #fits(flow: TcpFlow, length: number): boolean {
    return (
      flow.held.length < this.#heldSegmentsPerFlow &&
      flow.heldBytes + length <= this.#heldBytesPerFlow &&
      this.#heldBytes + length <= this.#heldBytesMax
    );
  }

  #openGap(flow: TcpFlow, seq: number): void {
    this.counters.gaps++;
    flow.gapPending = true;
    flow.expected = seq;
  }

  /** Gives up the hole before the first waiting segment and delivers what follows on it. */
  #skipHole(flow: TcpFlow, sink: TcpSink): void {
    const next = flow.held[0];
    if (next === undefined) return;
    this.#openGap(flow, next.seq);
    this.#drain(flow, sink);
  }

  #giveUpOldHoles(flow: TcpFlow, timeUs: number, sink: TcpSink): void {
    while (flow.held.length > 0 && timeUs - flow.holeSince() >= this.#holeTimeoutUs)
      this.#skipHole(flow, sink);
  }

  /** Delivers waiting segments as far as they are in order. */
  #drain(flow: TcpFlow, sink: TcpSink): void {
    while (flow.held.length > 0 && flow.ahead(flow.held[0]!.seq) <= 0) {
      this.#deliver(flow, this.#release(flow)!, sink);
    }
  }

  #release(flow: TcpFlow): TcpSegment | undefined {
    const segment = flow.release();
    if (segment !== undefined) this.#heldBytes -= segment.length;
    if (flow.held.length === 0) this.#waiting.delete(flow);
    return segment;
  }

  /** Delivers a segment that starts at or before the expected byte, without what was delivered before. */
  #deliver(flow: TcpFlow, { seq, bytes, offset, length, wireLength, fin }: TcpSegment, sink: TcpSink): void {
    const old = Math.max(0, -flow.ahead(seq));
    if (old > 0) this.counters.retransmitted++;
    if (old < wireLength) {
      flow.state = 'open';
      flow.expected = (seq + wireLength) >>> 0;
      if (old < length) this.#emit(flow, bytes, offset + old, length - old, sink);
      // What the snap length cut off is as lost as what was never captured.
      if (wireLength > length && flow.live) {
        this.counters.gaps++;
        flow.gapPending = true;
      }
    }
    if (fin && flow.live && flow.ahead(seq + wireLength) === 0) this.#close(flow, sink, 'closed');
  }

  #emit(flow: TcpFlow, bytes: Uint8Array, offset: number, length: number, sink: TcpSink): void {
    const gapBefore = flow.gapPending;
    flow.gapPending = false;
    flow.delivered += length;
    sink.data(flow.id, bytes, offset, length, gapBefore);
    // `live`: the sink may have rejected the flow.
    if (!flow.accepted && flow.delivered > this.#unacceptedBytesMax && flow.live) {
      this.counters.ignored++;
      this.#close(flow, sink, 'ignored');
    }
  }

  /** RST ends a flow, when its sequence number is believable. */
  #reset(flow: TcpFlow, seq: number, sink: TcpSink): boolean {
    if (flow.synchronised && Math.abs(flow.ahead(seq)) > WINDOW_MAX) {
      this.counters.stray++;
      return false;
    }
    this.#close(flow, sink, 'closed');
    return true;
  }

  #close(flow: TcpFlow, sink: TcpSink, state: 'closed' | 'ignored'): void {
    if (!flow.live) return;
    this.#end(flow, state);
    sink.closed(flow.id);
  }

  /** Keeps the flow as a marker only, first to be evicted. */
  #end(flow: TcpFlow, state: 'closed' | 'ignored'): void {
    while (flow.held.length > 0) this.#release(flow);
    flow.state = state;
    this.#table.age(flow.id % this.#table.capacity);
  }

  #drop(slot: number, sink: TcpSink): void {
    const flow = this.#flows[slot]!;
    const { id, live } = flow;
    this.#end(flow, 'closed');
    this.#table.remove(slot);
    flow.id = -1;
    if (live) sink.closed(id);
  }
}
