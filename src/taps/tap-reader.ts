import { TcpSignalling } from '../engine/tcp-signalling.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { Fragments } from '../packet/fragments.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import { DECODED, REASON_IP_FRAGMENT } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { looksLikeSip } from '../sip/detect.ts';
import type { Hop } from '../sip/hop.ts';
import { MessageLog } from './message-log.ts';
import { StreamLog, type StreamLogOptions } from './stream-log.ts';

const ETHERNET = 1;
/** RTCP packet types begin here (RFC 5761 4). */
const RTCP_TYPE_FIRST = 192;
const RTCP_TYPE_LAST = 223;
/** Capture time between two looks at what waited too long, us. */
const SWEEP_US = 1e6;

/**
 * What one point of capture saw, packet by packet: RTP streams and SIP messages. It reads what the engine reads, but neither
 * HEP, which has no packets of media to compare, nor what is encrypted, which nothing between the points can rewrite.
 */
export class TapReader {
  readonly streams: StreamLog;
  readonly messages: MessageLog;
  /** First and last capture time, us; NaN before there was any. */
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  packets = 0;
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  private readonly tcp: TcpSignalling;
  private readonly fragments: Fragments;
  private nextSweepUs = Number.NEGATIVE_INFINITY;

  /** @param tap number of the tap, from 0 */
  constructor(tap: number, options: StreamLogOptions) {
    this.streams = new StreamLog(tap, options);
    this.messages = new MessageLog(tap, options.severalPoints);
    this.tcp = new TcpSignalling({
      takeSip: (message, timeUs, hop) => this.takeSip(message, 0, message.length, false, timeUs, hop),
      takeHep: () => {},
    });
    this.fragments = new Fragments(() => false);
  }

  /** Takes one batch of packets in capture order. */
  ingest(batch: PacketBatch): void {
    const { view } = this;
    const { offset, capturedLength, timeUs, linkType, view: data, bytes, count } = batch;
    this.packets += count;
    for (let i = 0; i < count; i++) {
      const time = timeUs[i]!;
      if (!(time >= 0)) continue;
      if (Number.isNaN(this.firstUs)) this.firstUs = time;
      this.firstUs = Math.min(this.firstUs, time);
      if (!(time <= this.lastUs)) this.lastUs = time;
      if (time >= this.nextSweepUs) this.sweep(time);
      view.timeUs = time;
      const start = offset[i]!;
      const captured = capturedLength[i]!;
      const reason = decodeFrame(view, data, linkType[i]!, start, start + captured);
      if (reason === DECODED) this.take(data, bytes, priorityOf(data, linkType[i]!, start, captured));
      else if (reason === REASON_IP_FRAGMENT && this.fragments.take(view, bytes) === DECODED)
        this.take(this.fragments.data, this.fragments.bytes, 0);
    }
  }

  /** The capture is over. */
  finish(): void {
    this.tcp.flush();
  }

  private sweep(timeUs: number): void {
    this.nextSweepUs = timeUs + SWEEP_US;
    this.tcp.expire(timeUs);
    this.fragments.expire(timeUs);
  }

  private take(data: DataView, bytes: Uint8Array, priority: number): void {
    const { view, header } = this;
    if (view.protocol !== PROTOCOL_UDP) {
      this.tcp.segment(view, bytes, view.timeUs);
      return;
    }
    const { payloadOffset: start, payloadLength: length, payloadWireLength: wire } = view;
    if (length > 1 && data.getUint8(start) >> 6 === 2) {
      const type = data.getUint8(start + 1);
      if (type >= RTCP_TYPE_FIRST && type <= RTCP_TYPE_LAST) return;
      if (parseRtpHeader(header, data, start, length, wire)) this.streams.take(view, header, data, priority);
    } else if (looksLikeSip(bytes, start, length)) {
      this.takeSip(bytes, start, length, wire > length, view.timeUs, view);
    }
  }

  private takeSip(
    bytes: Uint8Array,
    start: number,
    length: number,
    truncated: boolean,
    timeUs: number,
    hop: Hop | null,
  ): void {
    this.messages.take(bytes, start, length, truncated, timeUs, hop, hop === this.view ? this.view.ttl : -1);
  }
}

/** Priority of the outermost VLAN tag of an Ethernet frame plus one; 0 without a tag. */
function priorityOf(data: DataView, linkType: number, start: number, captured: number): number {
  if (linkType !== ETHERNET || captured < 16) return 0;
  const type = data.getUint16(start + 12);
  return type === 0x8100 || type === 0x88a8 ? (data.getUint8(start + 14) >> 5) + 1 : 0;
}
