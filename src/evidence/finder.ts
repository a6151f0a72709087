import { HepInput, type HepOptions, hepView, isHep } from '../engine/hep-input.ts';
import { RecentDatagrams } from '../engine/recent-datagrams.ts';
import { TcpSignalling } from '../engine/tcp-signalling.ts';
import { destinationIp, sourceIp } from '../packet/address.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { Fragments } from '../packet/fragments.ts';
import { HEP_SIP } from '../packet/hep.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import { DECODED, REASON_IP_FRAGMENT } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import { looksLikeRtcp, parseCompound } from '../rtcp/compound.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { looksLikeSip } from '../sip/detect.ts';
import type { Hop } from '../sip/hop.ts';
import { parseSipMessage } from '../sip/message.ts';
import type { Decryption } from '../tls/session.ts';
import type { EvidenceSink, FrameRef } from './contract.ts';
import { PendingFrames } from './pending-frames.ts';
import type { Wanted } from './wanted.ts';

export interface FinderOptions {
  /** Keys and ciphers for SIP over TLS, as the first pass had them. */
  decryption?: Decryption;
  hep?: HepOptions;
}

/** How often what waits for missing pieces is looked at, us of capture time. */
const SWEEP_US = 1_000_000;
const UDP_HEADER = 8;

/**
 * Finds the frames of wanted calls in captures that are read a second time. It decodes as the engine does, but
 * measures nothing: media is looked up by its key, signalling by its Call-ID.
 */
export class EvidenceFinder {
  private readonly wanted: Wanted;
  private readonly sink: EvidenceSink;
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  private readonly recent = new RecentDatagrams();
  private readonly hep: HepInput;
  private readonly tcp: TcpSignalling;
  private readonly fragments = new Fragments((bytes, start, length, timeUs, datagram) => {
    const frames = this.pieces.take(datagram.join(), null);
    if (!looksLikeSip(bytes, start, length)) return false;
    this.takeSip(bytes, start, length, timeUs, cutHop(bytes, start, datagram), frames, false, true);
    return true;
  });
  /** Frames of what is not complete: TCP messages, datagrams in fragments. */
  private readonly segments = new PendingFrames();
  private readonly pieces = new PendingFrames();
  /** The frame that is looked at. */
  private input = 0;
  private frame = 0;
  private copied = false;
  /** The flow whose segment is looked at; none while what waited is given up. */
  private flow = '';
  private nextSweepUs = Number.NEGATIVE_INFINITY;

  constructor(wanted: Wanted, sink: EvidenceSink, options: FinderOptions = {}) {
    this.wanted = wanted;
    this.sink = sink;
    this.hep = new HepInput(options.hep);
    this.tcp = new TcpSignalling(
      {
        takeSip: (message, timeUs, hop) => {
          const frames = this.segments.take(flowOf(hop), this.here());
          this.takeSip(message, 0, message.length, timeUs, hop, frames, this.copied);
        },
        takeHep: (message, timeUs) => {
          const here = this.here();
          const frames = this.flow === '' ? [here] : this.segments.take(this.flow, here);
          this.takeHep(hepView(this.view, message, timeUs), message, false, frames);
        },
      },
      { decryption: options.decryption ?? null },
    );
  }

  /** Takes one batch, in the order in which the first pass took it. */
  ingest(batch: PacketBatch): void {
    const { offset, capturedLength, timeUs, linkType, view: data, bytes, count, input, frame } = batch;
    const { view } = this;
    for (let i = 0; i < count; i++) {
      const time = timeUs[i]!;
      if (!(time >= 0)) continue;
      if (time >= this.nextSweepUs) this.sweep(time);
      view.timeUs = time;
      this.input = input[i]!;
      this.frame = frame[i]!;
      const start = offset[i]!;
      const reason = decodeFrame(view, data, linkType[i]!, start, start + capturedLength[i]!);
      if (reason === DECODED) this.dispatch(data, bytes, null);
      else if (reason === REASON_IP_FRAGMENT) this.takeFragment(bytes);
    }
  }

  /** The captures are over: what waits behind holes is read. */
  finish(): void {
    this.fragments.flush();
    this.tcp.flush();
  }

  private here(): FrameRef {
    return { input: this.input, frame: this.frame };
  }

  private sweep(timeUs: number): void {
    this.nextSweepUs = timeUs + SWEEP_US;
    this.tcp.expire(timeUs);
    this.fragments.expire(timeUs);
  }

  /** `frames` are those of the datagram where it came in fragments; null where it came in one. */
  private dispatch(data: DataView, bytes: Uint8Array, frames: readonly FrameRef[] | null): void {
    const { view } = this;
    if (view.protocol !== PROTOCOL_UDP) {
      if (view.payloadLength > 0) this.takeSegment(bytes);
      return;
    }
    const { payloadOffset: start, payloadLength: length, payloadWireLength: wire } = view;
    const ports = (view.srcPort << 16) | view.dstPort;
    if (length > 0 && data.getUint8(start) >> 6 === 2) {
      if (looksLikeRtcp(data, start, length, wire)) this.takeRtcp(data, frames);
      else if (parseRtpHeader(this.header, data, start, length, wire)) {
        const stream = this.wanted.streamAt(view, ports, this.header.ssrc, view.timeUs);
        if (stream >= 0) {
          this.tellMedia('rtp', stream, frames);
          return;
        }
      }
    } else if (looksLikeSip(bytes, start, length)) {
      const copy = this.recent.isCopy(view, bytes);
      this.takeSip(bytes, start, length, view.timeUs, view, frames ?? [this.here()], copy, wire > length);
      return;
    } else if (isHep(bytes, start, length)) {
      this.takeHep(data, bytes, true, frames);
      return;
    }
    if (!this.wanted.hasImages(ports)) return;
    const call = this.wanted.imageAt(view, ports, view.timeUs);
    if (call < 0) return;
    for (const { input, frame } of frames ?? [this.here()]) this.sink.image(call, input, frame, view.timeUs);
  }

  private takeFragment(bytes: Uint8Array): void {
    const { view } = this;
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, fragmentId } = view;
    const key = `${src0},${src1},${src2},${src3},${dst0},${dst1},${dst2},${dst3},${fragmentId}`;
    // What waited under this name may be given up for the new fragment: until then its frames are its own.
    const isDecoded = this.fragments.take(view, bytes) === DECODED;
    this.pieces.add(key, this.here());
    if (isDecoded) this.dispatch(this.fragments.data, this.fragments.bytes, this.pieces.take(key, null));
  }

  private takeSegment(bytes: Uint8Array): void {
    const { view } = this;
    this.copied = this.recent.isCopy(view, bytes);
    const flow = flowOf(view);
    this.flow = flow;
    this.segments.add(flow, this.here());
    if (!this.tcp.segment(view, bytes, view.timeUs)) this.segments.forget(flow);
    this.flow = '';
  }

  /** `frames` as with `dispatch`. */
  private takeHep(
    data: DataView,
    bytes: Uint8Array,
    addressed: boolean,
    frames: readonly FrameRef[] | null,
  ): void {
    const { view, hep } = this;
    if (!hep.open(view, data, bytes, addressed)) return;
    const { payloadOffset: start, payloadLength: length, payloadWireLength: wire } = view;
    if (hep.message.protocolType === HEP_SIP)
      this.takeSip(
        hep.bytes,
        start,
        length,
        view.timeUs,
        view,
        frames ?? [this.here()],
        false,
        wire > length,
      );
    else if (hep.data.getUint8(start) >> 6 === 2) this.dispatch(hep.data, hep.bytes, frames);
  }

  private takeSip(
    bytes: Uint8Array,
    start: number,
    length: number,
    timeUs: number,
    hop: Hop | null,
    frames: readonly FrameRef[],
    copy: boolean,
    truncated = false,
  ): void {
    const result = parseSipMessage(bytes, start, length, { truncated });
    if (!result.ok) return;
    const call = this.wanted.callAt(result.message.callId, timeUs);
    if (call < 0) return;
    const src = hop === null ? null : { ip: sourceIp(hop), port: hop.srcPort };
    const dst = hop === null ? null : { ip: destinationIp(hop), port: hop.dstPort };
    this.sink.message(call, { timeUs, src, dst, message: result.message, frames }, copy);
  }

  /** Whatever a compound says about wanted streams, once for each of them. */
  private takeRtcp(data: DataView, frames: readonly FrameRef[] | null): void {
    const { view, wanted } = this;
    const compound = parseCompound(data, view.payloadOffset, view.payloadLength, view.payloadWireLength);
    const sources = new Set([compound.sender]);
    for (const { ssrc, blocks } of compound.reports) {
      sources.add(ssrc);
      for (const block of blocks) sources.add(block.ssrc);
    }
    for (const ssrc of sources)
      for (const stream of wanted.reported(view, ssrc, view.timeUs)) this.tellMedia('rtcp', stream, frames);
  }

  private tellMedia(kind: 'rtp' | 'rtcp', stream: number, frames: readonly FrameRef[] | null): void {
    if (frames === null) this.sink.media(kind, stream, this.input, this.frame, this.view.timeUs);
    else for (const { input, frame } of frames) this.sink.media(kind, stream, input, frame, this.view.timeUs);
  }
}

/** Between which sockets what is left of a datagram passed. */
function cutHop(bytes: Uint8Array, start: number, datagram: Int32Array): Hop {
  const [src0 = 0, src1 = 0, src2 = 0, src3 = 0, dst0 = 0, dst1 = 0, dst2 = 0, dst3 = 0] = datagram;
  const header = start - UDP_HEADER;
  const srcPort = (bytes[header]! << 8) | bytes[header + 1]!;
  const dstPort = (bytes[header + 2]! << 8) | bytes[header + 3]!;
  return { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort, input: 0, tos: -1 };
}

/** One direction of a connection as a key. */
function flowOf(hop: Hop | null): string {
  if (hop === null) return '';
  const { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort } = hop;
  return `${src0},${src1},${src2},${src3},${srcPort},${dst0},${dst1},${dst2},${dst3},${dstPort}`;
}
