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

/** What a sender report says about its own stream (RFC 3550 6.4.1). */
export interface SenderInformation {
  ntpSeconds: number;
  ntpFraction: number;
  /** Middle 32 bits of the NTP time, as receivers echo them. */
  lsrKey: number;
  rtpTimestamp: number;
  packetsSent: number;
  octetsSent: number;
}

/** A sender report, or a receiver report when there is no sender information. */
export interface RtcpReport {
  /** Who reports. */
  ssrc: number;
  sender: SenderInformation | null;
  blocks: ReportBlock[];
}

/** Octets of a sender report before its blocks, and of a receiver report. */
export const SENDER_REPORT_HEAD = 28;
export const RECEIVER_REPORT_HEAD = 8;

const BLOCK_OCTETS = 24;

/** Reads a sender report of at least `SENDER_REPORT_HEAD` octets that ends at `end` and has `count` blocks. */
export function readSenderReport(data: DataView, offset: number, end: number, count: number): RtcpReport {
  const ntpSeconds = data.getUint32(offset + 8);
  const ntpFraction = data.getUint32(offset + 12);
  return {
    ssrc: data.getUint32(offset + 4),
    sender: {
      ntpSeconds,
      ntpFraction,
      lsrKey: ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0,
      rtpTimestamp: data.getUint32(offset + 16),
      packetsSent: data.getUint32(offset + 20),
      octetsSent: data.getUint32(offset + 24),
    },
    blocks: readBlocks(data, offset + SENDER_REPORT_HEAD, end, count),
  };
}

/** Reads a receiver report of at least `RECEIVER_REPORT_HEAD` octets that ends at `end` and has `count` blocks. */
export function readReceiverReport(data: DataView, offset: number, end: number, count: number): RtcpReport {
  return {
    ssrc: data.getUint32(offset + 4),
    sender: null,
    blocks: readBlocks(data, offset + RECEIVER_REPORT_HEAD, end, count),
  };
}

/** The report blocks that fit before `end`, at most `count`. */
function readBlocks(data: DataView, start: number, end: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i++) {
    const at = start + i * BLOCK_OCTETS;
    if (at + BLOCK_OCTETS > end) break;
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
