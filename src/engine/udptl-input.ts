import type { Call, Side } from '../calls/call.ts';
import { announcedImages } from '../calls/descriptions.ts';
import { endpointKey } from '../calls/endpoint-key.ts';
import { formatAddress } from '../packet/address.ts';
import type { PacketView } from '../packet/view.ts';
import type { CallT38, T38Record } from '../records/t38-record.ts';
import { EndpointSet } from '../rtp/endpoint-set.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { hashKey, KeyIndex } from '../rtp/key-index.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import { T38Flow } from '../t38/flow.ts';
import { UdptlPacket } from '../t38/udptl.ts';

/** Flows followed at one time, and endpoints announced for T.38. */
const T38_FLOWS_MAX = 4096;
const IMAGE_ENDPOINTS_MAX = 8192;
/** A flow whose call never ends is given up after so long without a packet. */
const IDLE_US = 3_600_000_000;
/** First words of STUN (RFC 8489 5): a magic number behind type and length. */
const STUN_COOKIE = 0x2112_a442;

/** One direction of T.38 and where it flows. */
interface KnownFlow {
  flow: T38Flow;
  src: string;
  dst: string;
}

/**
 * Takes UDPTL to and from the addresses and ports that a session description announced for it (`m=image ... udptl
 * t38`), and nowhere else: the datagrams themselves have no mark to be known by.
 */
export class UdptlInput {
  /** Endpoints announced for T.38. */
  readonly images = new EndpointSet(IMAGE_ENDPOINTS_MAX);
  /** Datagrams taken; datagrams there that are neither UDPTL nor anything else; flows that found no room. */
  packets = 0;
  malformed = 0;
  refused = 0;
  private readonly packet = new UdptlPacket();
  private readonly header = new RtpHeader();
  private keys: KeyIndex | null = null;
  private readonly flows: (KnownFlow | null)[] = [];
  private readonly free: number[] = [];

  /**
   * Is this datagram T.38, at an endpoint that was announced for it? Often the same ports carried audio just before:
   * what is known as RTP stays RTP.
   */
  concerns(view: PacketView, data: DataView, rtp: RtpPlane): boolean {
    if (this.images.isEmpty || !this.isAt(view)) return false;
    const { payloadOffset, payloadLength, payloadWireLength } = view;
    const isRtp = parseRtpHeader(this.header, data, payloadOffset, payloadLength, payloadWireLength);
    return !(isRtp && rtp.knows(this.header, view)) && this.reads(view, data);
  }

  private isAt(view: PacketView): boolean {
    const { images } = this;
    return (
      images.has(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort) ||
      images.has(view.src0, view.src1, view.src2, view.src3, view.srcPort)
    );
  }

  private reads(view: PacketView, data: DataView): boolean {
    const { packet } = this;
    const { payloadOffset: start, payloadLength: length, payloadWireLength } = view;
    const isStun = length >= 8 && data.getInt32(start + 4) === STUN_COOKIE;
    if (isStun || !packet.parse(data, start, length, payloadWireLength)) {
      // RTP may come here before and after the fax; a few octets keep a path through a NAT open.
      if (!isStun && length > 4 && data.getUint8(start) >> 6 !== 2) this.malformed++;
      return false;
    }
    return true;
  }

  /** Counts the datagram that `concerns` said yes to. */
  take(view: PacketView): void {
    const { packet } = this;
    this.packets++;
    const keys = this.index();
    const ports = (view.srcPort << 16) | view.dstPort;
    const slot = keys.find(view, ports, 0, hashKey(view, ports, 0));
    const known = slot < 0 ? null : this.flows[slot]!;
    if (known !== null) known.flow.receive(packet, view);
    else this.open(view, ports);
  }

  /** What was measured of a call, each direction by whose announced endpoint it flows to, or from. */
  ofCall(call: Call): CallT38 | null {
    const sides = new Map<string, Side>();
    for (const description of call.descriptions) {
      for (const { words, port } of announcedImages(description))
        sides.set(endpointKey(words, port), description.side);
    }
    if (sides.size === 0) return null;
    const found: CallT38 = { callerToCallee: null, calleeToCaller: null };
    this.flows.forEach((known, slot) => {
      if (known === null) return;
      const receiver = sides.get(this.endOf(slot, 4)) ?? opposite(sides.get(this.endOf(slot, 0)));
      const record = receiver === null ? null : this.recordOf(known, slot);
      if (record === null || record.endUs < call.firstSeenUs) return;
      const direction = receiver === 'callee' ? 'callerToCallee' : 'calleeToCaller';
      found[direction] = joined(found[direction], record);
      if (!this.isAnnounced(slot)) this.release(slot);
    });
    return found.callerToCallee === null && found.calleeToCaller === null ? null : found;
  }

  /** Capture time moves on. */
  expire(timeUs: number): void {
    this.flows.forEach((known, slot) => {
      if (known !== null && timeUs - known.flow.lastUs > IDLE_US) this.release(slot);
    });
  }

  private open(view: PacketView, ports: number): void {
    const slot = this.free.pop() ?? this.flows.length;
    const full = slot >= T38_FLOWS_MAX;
    if (full || !this.index().insert(slot, view, ports, 0, hashKey(view, ports, 0))) {
      if (!full) this.free.push(slot);
      this.refused++;
      return;
    }
    this.flows[slot] = {
      flow: new T38Flow(this.packet, view),
      src: formatAddress(view.src0, view.src1, view.src2, view.src3),
      dst: formatAddress(view.dst0, view.dst1, view.dst2, view.dst3),
    };
  }

  private recordOf({ flow, src, dst }: KnownFlow, slot: number): T38Record {
    const ports = this.index().word(slot, 8);
    return withRatios({
      ...flow.figures(),
      src: { ip: src, port: ports >>> 16 },
      dst: { ip: dst, port: ports & 0xffff },
      lostRatio: 0,
      unrecoveredRatio: 0,
    });
  }

  /** Source (words from 0) or destination (from 4) of a flow as a key of the media index. */
  private endOf(slot: number, first: 0 | 4): string {
    const keys = this.index();
    const ports = keys.word(slot, 8);
    const words = Int32Array.of(
      keys.word(slot, first),
      keys.word(slot, first + 1),
      keys.word(slot, first + 2),
      keys.word(slot, first + 3),
    );
    return endpointKey(words, first === 0 ? ports >>> 16 : ports & 0xffff);
  }

  /** Does another call still announce one of its ends? */
  private isAnnounced(slot: number): boolean {
    const keys = this.index();
    const word = (at: number): number => keys.word(slot, at);
    const ports = word(8);
    return (
      this.images.has(word(0), word(1), word(2), word(3), ports >>> 16) ||
      this.images.has(word(4), word(5), word(6), word(7), ports & 0xffff)
    );
  }

  private release(slot: number): void {
    this.index().remove(slot);
    this.flows[slot] = null;
    this.free.push(slot);
  }

  /** Made when the first fax is: most captures hold none. */
  private index(): KeyIndex {
    this.keys ??= new KeyIndex(T38_FLOWS_MAX);
    return this.keys;
  }
}

function opposite(side: Side | undefined): Side | null {
  return side === undefined ? null : side === 'caller' ? 'callee' : 'caller';
}

/** Two flows of one direction, as after a change of ports: the sums, under the address of the longer one. */
function joined(a: T38Record | null, b: T38Record): T38Record {
  if (a === null) return b;
  const main = a.packets >= b.packets ? a : b;
  return withRatios({
    ...main,
    startUs: Math.min(a.startUs, b.startUs),
    endUs: Math.max(a.endUs, b.endUs),
    packets: a.packets + b.packets,
    expected: a.expected + b.expected,
    lost: a.lost + b.lost,
    recovered: a.recovered + b.recovered,
    unrecovered: a.unrecovered + b.unrecovered,
    unrecoveredInPage: a.unrecoveredInPage + b.unrecoveredInPage,
    pagePackets: a.pagePackets + b.pagePackets,
    longestLossRun: Math.max(a.longestLossRun, b.longestLossRun),
    longestUnrecoveredRun: Math.max(a.longestUnrecoveredRun, b.longestUnrecoveredRun),
    duplicates: a.duplicates + b.duplicates,
    reordered: a.reordered + b.reordered,
    restarts: a.restarts + b.restarts,
    cutPackets: a.cutPackets + b.cutPackets,
    redundancyDepth: Math.max(a.redundancyDepth, b.redundancyDepth),
    fecSpan: Math.max(a.fecSpan, b.fecSpan),
    holes: [...a.holes, ...b.holes],
  });
}

function withRatios(record: T38Record): T38Record {
  const { expected, lost, unrecovered } = record;
  return {
    ...record,
    lostRatio: expected === 0 ? 0 : lost / expected,
    unrecoveredRatio: expected === 0 ? 0 : unrecovered / expected,
  };
}
