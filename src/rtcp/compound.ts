/** RTCP packet types (RFC 3550 12.1, RFC 4585, RFC 3611). */
export const SENDER_REPORT = 200;
export const RECEIVER_REPORT = 201;
export const SOURCE_DESCRIPTION = 202;
export const GOODBYE = 203;
export const APPLICATION = 204;
export const TRANSPORT_FEEDBACK = 205;
export const PAYLOAD_FEEDBACK = 206;
export const EXTENDED_REPORT = 207;

/**
 * Cheap look at a UDP payload: can it be RTCP? Version 2, a packet type RFC 5761 keeps away from RTP, and a first
 * length that fits. Packets cut by the snap length are judged by their length on the wire.
 */
export function looksLikeRtcp(data: DataView, start: number, captured: number, wire: number): boolean {
  if (captured < 8 || data.getUint8(start) >> 6 !== 2) return false;
  const type = data.getUint8(start + 1);
  if (type < SENDER_REPORT || type > EXTENDED_REPORT + 1) return false;
  const length = (data.getUint16(start + 2) + 1) * 4;
  if (length > wire) return false;
  if (type === SENDER_REPORT) return length >= 28;
  return length >= 8;
}

/** One report block (RFC 3550 6.4.1). SSRC, LSR and DLSR are unsigned; `cumulativeLost` is signed 24 bit. */
export interface ReportBlock {
  ssrc: number;
  /** In 1/256. */
  fractionLost: number;
  cumulativeLost: number;
  extendedHighestSequence: number;
  /** In timestamp ticks of the reported stream. */
  jitterTicks: number;
  lsr: number;
  dlsr: number;
}

/** A sender or receiver report. */
export interface RtcpReport {
  type: typeof SENDER_REPORT | typeof RECEIVER_REPORT;
  /** Who reports. */
  ssrc: number;
  /** Sender reports only: middle 32 bits of the NTP time, packets and octets sent. */
  lsrKey: number | null;
  rtpTimestamp: number | null;
  packetsSent: number | null;
  octetsSent: number | null;
  blocks: ReportBlock[];
}

/** What one RTCP datagram holds. */
export interface RtcpCompound {
  reports: RtcpReport[];
  /** Packet types in order, whatever they are. */
  types: number[];
  /** SSRCs that said goodbye. */
  goodbyes: number[];
  /** SSRCs that sent extended reports. */
  extended: number[];
  /**
   * False when the datagram does not end with its last packet: encrypted (SRTCP), cut, or damaged. Its reports are
   * left out, for encrypted reports read as numbers are nonsense.
   */
  whole: boolean;
}

/**
 * Walks a compound packet (RFC 3550 6.1, reduced size by RFC 5506): every packet's length must lead exactly to the
 * next and the last one to the end.
 */
export function parseCompound(data: DataView, start: number, captured: number, wire: number): RtcpCompound {
  const result: RtcpCompound = { reports: [], types: [], goodbyes: [], extended: [], whole: false };
  const end = start + captured;
  let offset = start;
  while (end - offset >= 4) {
    const first = data.getUint8(offset);
    const type = data.getUint8(offset + 1);
    const length = (data.getUint16(offset + 2) + 1) * 4;
    if (first >> 6 !== 2 || type < 192 || type > 223 || offset + length > end) break;
    result.types.push(type);
    readPacket(result, data, type, first & 0x1f, offset, length);
    offset += length;
  }
  result.whole = offset === end && captured === wire;
  if (!result.whole) {
    result.reports = [];
    result.goodbyes = [];
    result.extended = [];
  }
  return result;
}

function readPacket(
  result: RtcpCompound,
  data: DataView,
  type: number,
  count: number,
  offset: number,
  length: number,
): void {
  if (type === SENDER_REPORT && length >= 28) {
    result.reports.push({
      type: SENDER_REPORT,
      ssrc: data.getUint32(offset + 4),
      lsrKey: ((data.getUint32(offset + 8) << 16) | (data.getUint32(offset + 12) >>> 16)) >>> 0,
      rtpTimestamp: data.getUint32(offset + 16),
      packetsSent: data.getUint32(offset + 20),
      octetsSent: data.getUint32(offset + 24),
      blocks: readBlocks(data, count, offset + 28, offset + length),
    });
  } else if (type === RECEIVER_REPORT && length >= 8) {
    result.reports.push({
      type: RECEIVER_REPORT,
      ssrc: data.getUint32(offset + 4),
      lsrKey: null,
      rtpTimestamp: null,
      packetsSent: null,
      octetsSent: null,
      blocks: readBlocks(data, count, offset + 8, offset + length),
    });
  } else if (type === GOODBYE) {
    for (let i = 0; i < count && 4 + i * 4 + 4 <= length; i++) {
      result.goodbyes.push(data.getUint32(offset + 4 + i * 4));
    }
  } else if (type === EXTENDED_REPORT && length >= 8) {
    result.extended.push(data.getUint32(offset + 4));
  }
}

/** The report blocks that fit before `end`, at most `count`. */
function readBlocks(data: DataView, count: number, start: number, end: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i++) {
    const at = start + i * 24;
    if (at + 24 > end) break;
    const loss = data.getUint32(at + 4);
    blocks.push({
      ssrc: data.getUint32(at),
      fractionLost: loss >>> 24,
      cumulativeLost: (loss << 8) >> 8,
      extendedHighestSequence: data.getUint32(at + 8),
      jitterTicks: data.getUint32(at + 12),
      lsr: data.getUint32(at + 16),
      dlsr: data.getUint32(at + 20),
    });
  }
  return blocks;
}
