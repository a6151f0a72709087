import type { PacketView } from '../packet/view.ts';
import { parseCompound, type ReportBlock, type RtcpReport, SENDER_REPORT } from './compound.ts';
import { roundTripMs, SenderClock } from './round-trip.ts';

/** What endpoints reported about one stream, as seen at the tap. */
export interface SourceReports {
  senderReports: number;
  receiverReports: number;
  xrReports: number;
  /** The newest report block about the stream. */
  last: ReportBlock | null;
  /** Round trips between the tap and the stream's receiver, ms, in order; at most `ROUND_TRIPS_MAX` are kept. */
  roundTripsMs: number[];
  goodbye: boolean;
}

interface Source {
  readonly ssrc: number;
  /** Address words of the sender and of the receiver of the stream; ports differ between RTP and RTCP. */
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly reports: SourceReports;
  readonly clock: SenderClock;
  lastUs: number;
}

/** Sources remembered at one time; reports about more are counted and dropped. */
const SOURCES_MAX = 131_072;
/** Streams may share an SSRC on several paths (the legs of an SBC), but not on hundreds. */
const PATHS_PER_SSRC_MAX = 16;
const ROUND_TRIPS_MAX = 4096;
const IDLE_US = 600_000_000;

export interface RtcpCounters {
  datagrams: number;
  packets: number;
  /** Datagrams whose packets do not lead to their end: encrypted, cut or damaged. */
  notWhole: number;
  /** Report blocks dropped because too many sources were known. */
  refused: number;
}

/** Reads RTCP and keeps what it says, per stream reported on. One datagram in a few seconds per stream: cold. */
export class RtcpPlane {
  readonly counters: RtcpCounters = { datagrams: 0, packets: 0, notWhole: 0, refused: 0 };
  private readonly sources = new Map<number, Source[]>();
  private sourceCount = 0;

  /** Takes one datagram that `looksLikeRtcp`. */
  receive(view: PacketView, data: DataView, timeUs: number): void {
    const compound = parseCompound(data, view.payloadOffset, view.payloadLength, view.payloadWireLength);
    this.counters.datagrams++;
    this.counters.packets += compound.types.length;
    if (!compound.whole) {
      this.counters.notWhole++;
      return;
    }
    for (const report of compound.reports) this.takeReport(report, view, timeUs);
    const forward = sourceWords(view);
    const backward = destinationWords(view);
    for (const ssrc of compound.goodbyes) {
      const source = this.find(ssrc, forward, backward);
      if (source !== null) source.reports.goodbye = true;
    }
    for (const ssrc of compound.extended) {
      // An extended report is sent by a receiver: it is about the streams that come the other way.
      for (const source of this.reportedBy(ssrc, forward, compound.reports)) source.reports.xrReports++;
    }
  }

  /** Has a sender report named this SSRC (signed image)? Evidence that unannounced packets with it are RTP. */
  hasSender(ssrc: number): boolean {
    if (this.sources.size === 0) return false;
    const paths = this.sources.get(ssrc >>> 0);
    return paths?.some((source) => source.reports.senderReports > 0) ?? false;
  }

  /** What was reported about the stream (SSRC as signed image) from `src` to `dst`; null when nothing was. */
  about(ssrc: number, src: Int32Array, dst: Int32Array): SourceReports | null {
    const paths = this.sources.get(ssrc >>> 0);
    if (paths === undefined) return null;
    const exact = paths.find((source) => sameWords(source.src, src) && sameWords(source.dst, dst));
    return exact?.reports ?? null;
  }

  /** Forgets sources that nobody has reported on for ten minutes. */
  sweep(timeUs: number): void {
    for (const [ssrc, paths] of this.sources) {
      const alive = paths.filter((source) => timeUs - source.lastUs <= IDLE_US);
      if (alive.length === paths.length) continue;
      this.sourceCount -= paths.length - alive.length;
      if (alive.length === 0) this.sources.delete(ssrc);
      else this.sources.set(ssrc, alive);
    }
  }

  private takeReport(report: RtcpReport, view: PacketView, timeUs: number): void {
    const forward = sourceWords(view);
    const backward = destinationWords(view);
    if (report.type === SENDER_REPORT) {
      const sender = this.obtain(report.ssrc, forward, backward, timeUs);
      if (sender !== null) {
        sender.reports.senderReports++;
        sender.clock.sent(report.lsrKey ?? 0, timeUs);
      }
    }
    for (const block of report.blocks) {
      const source = this.obtain(block.ssrc, backward, forward, timeUs);
      if (source === null) continue;
      source.reports.receiverReports++;
      source.reports.last = block;
      const roundTrip = roundTripMs(source.clock, block.lsr, block.dlsr, timeUs);
      const kept = source.reports.roundTripsMs;
      if (roundTrip !== null && kept.length < ROUND_TRIPS_MAX) kept.push(roundTrip);
    }
  }

  /** The sources whose streams come toward `receiver` and that `reporter` names in this datagram. */
  private reportedBy(reporter: number, receiver: Int32Array, reports: readonly RtcpReport[]): Source[] {
    const found: Source[] = [];
    for (const report of reports) {
      if (report.ssrc !== reporter) continue;
      for (const block of report.blocks) {
        const paths = this.sources.get(block.ssrc);
        for (const source of paths ?? []) if (sameWords(source.dst, receiver)) found.push(source);
      }
    }
    return found;
  }

  private find(ssrc: number, src: Int32Array, dst: Int32Array): Source | null {
    const paths = this.sources.get(ssrc);
    return paths?.find((source) => sameWords(source.src, src) && sameWords(source.dst, dst)) ?? null;
  }

  private obtain(ssrc: number, src: Int32Array, dst: Int32Array, timeUs: number): Source | null {
    const known = this.find(ssrc, src, dst);
    if (known !== null) {
      known.lastUs = timeUs;
      return known;
    }
    const paths = this.sources.get(ssrc) ?? [];
    if (this.sourceCount >= SOURCES_MAX || paths.length >= PATHS_PER_SSRC_MAX) {
      this.counters.refused++;
      return null;
    }
    const source: Source = {
      ssrc,
      src,
      dst,
      reports: {
        senderReports: 0,
        receiverReports: 0,
        xrReports: 0,
        last: null,
        roundTripsMs: [],
        goodbye: false,
      },
      clock: new SenderClock(),
      lastUs: timeUs,
    };
    paths.push(source);
    this.sources.set(ssrc, paths);
    this.sourceCount++;
    return source;
  }
}

function sourceWords(view: PacketView): Int32Array {
  return Int32Array.of(view.src0, view.src1, view.src2, view.src3);
}

function destinationWords(view: PacketView): Int32Array {
  return Int32Array.of(view.dst0, view.dst1, view.dst2, view.dst3);
}

function sameWords(a: Int32Array, b: Int32Array): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0];
}
