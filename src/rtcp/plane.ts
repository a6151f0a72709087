import type { PacketView } from '../packet/view.ts';
import { type CompoundFault, parseCompound, type RtcpCompound } from './compound.ts';
import { SourceReports } from './source.ts';
import { DLRR, type ExtendedReport, RECEIVER_REFERENCE_TIME } from './xr.ts';

export type { SourceReports } from './source.ts';

interface Source {
  /** Address words of the source and of who it sends to; ports differ between RTP and RTCP. */
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly reports: SourceReports;
  lastUs: number;
}

/** Sources remembered at one time; reports about more are counted and dropped. */
const SOURCES_MAX = 131_072;
/** Streams may share an SSRC on several paths (the legs of an SBC), but not on hundreds. */
const PATHS_PER_SSRC_MAX = 16;
const IDLE_US = 600_000_000;
const SWEEP_US = 10_000_000;

export interface RtcpCounters {
  datagrams: number;
  packets: number;
  /** Datagrams not read to their end, by reason (see `CompoundFault`). */
  faults: Record<CompoundFault, number>;
  /** Datagrams of which something was read in spite of a cut. */
  salvaged: number;
  /** Extended report blocks that do not fit their type or their packet. */
  malformedBlocks: number;
  /** Reports dropped because too many sources were known. */
  refused: number;
}

/** Reads RTCP and keeps what it says, per source. One datagram in a few seconds per stream: cold. */
export class RtcpPlane {
  readonly counters: RtcpCounters = {
    datagrams: 0,
    packets: 0,
    faults: { cut: 0, srtcp: 0, unreadable: 0 },
    salvaged: 0,
    malformedBlocks: 0,
    refused: 0,
  };
  private readonly sources = new Map<number, Source[]>();
  /** The way that a reporter's newest report is about, by the reporter's SSRC. */
  private readonly heardBy = new Map<number, Pick<Source, 'src' | 'dst' | 'lastUs'>>();
  private sourceCount = 0;
  private nextSweepUs = Number.NEGATIVE_INFINITY;

  /** Takes one datagram that `looksLikeRtcp`. */
  receive(view: PacketView, data: DataView, timeUs: number): void {
    const compound = parseCompound(data, view.payloadOffset, view.payloadLength, view.payloadWireLength);
    this.counters.datagrams++;
    this.counters.packets += compound.types.length;
    const forward = sourceWords(view);
    const backward = destinationWords(view);
    if (compound.fault !== null) {
      this.counters.faults[compound.fault]++;
      if (compound.fault === 'srtcp') {
        const sender = this.obtain(compound.sender, forward, backward, timeUs);
        if (sender !== null) sender.srtcp++;
      }
      if (compound.reports.length > 0) this.counters.salvaged++;
    }
    this.takeReports(compound, forward, backward, timeUs);
    for (const extended of compound.extended) {
      this.takeExtended(extended, compound, forward, backward, timeUs);
    }
    this.takeRemarks(compound, forward, backward);
  }

  /** Has a sender report named this SSRC (signed image)? Evidence that unannounced packets with it are RTP. */
  hasSender(ssrc: number): boolean {
    if (this.sources.size === 0) return false;
    const paths = this.sources.get(ssrc >>> 0);
    return paths?.some((source) => source.reports.senderReports > 0) ?? false;
  }

  /** What was said by and about the source (SSRC as signed image) from `src` to `dst`; null when nothing was. */
  about(ssrc: number, src: Int32Array, dst: Int32Array): SourceReports | null {
    return this.find(ssrc >>> 0, src, dst)?.reports ?? null;
  }

  /**
   * What was said about the receiver of a stream from `src` to `dst` on which `reports` are: its round trips are
   * those between the tap and the stream's sender. Null when the receiver never named itself.
   */
  aboutReceiver(reports: SourceReports | null, src: Int32Array, dst: Int32Array): SourceReports | null {
    const reporter = reports?.reporter ?? null;
    return reporter === null ? null : this.about(reporter, dst, src);
  }

  /**
   * Whether the sender of a stream (its SSRC) reports on packets that come to it from `src` to `dst`. Receivers report
   * only on what reaches them (RFC 3550 6.4).
   */
  hearsFrom(reporter: number, src: Int32Array, dst: Int32Array): boolean {
    const heard = this.heardBy.get(reporter >>> 0);
    return heard !== undefined && sameWords(heard.src, src) && sameWords(heard.dst, dst);
  }

  /** Forgets a source: its stream is over, and the next with this SSRC starts from nothing. */
  forget(ssrc: number, src: Int32Array, dst: Int32Array): void {
    const paths = this.sources.get(ssrc >>> 0);
    const source = this.find(ssrc >>> 0, src, dst);
    this.heardBy.delete(ssrc >>> 0);
    if (paths === undefined || source === null) return;
    this.sourceCount--;
    if (paths.length === 1) this.sources.delete(ssrc >>> 0);
    else paths.splice(paths.indexOf(source), 1);
  }

  /** Forgets sources that nobody has reported on for ten minutes. */
  sweep(timeUs: number): void {
    // A clock that was set back must not stop the sweeps.
    if (timeUs < this.nextSweepUs && timeUs > this.nextSweepUs - 2 * SWEEP_US) return;
    this.nextSweepUs = timeUs + SWEEP_US;
    for (const [ssrc, paths] of this.sources) {
      if (paths.every((source) => timeUs - source.lastUs <= IDLE_US)) continue;
      const alive = paths.filter((source) => timeUs - source.lastUs <= IDLE_US);
      this.sourceCount -= paths.length - alive.length;
      if (alive.length === 0) this.sources.delete(ssrc);
      else this.sources.set(ssrc, alive);
    }
    for (const [reporter, { lastUs }] of this.heardBy) {
      if (timeUs - lastUs > IDLE_US) this.heardBy.delete(reporter);
    }
  }

  private takeReports(
    compound: RtcpCompound,
    forward: Int32Array,
    backward: Int32Array,
    timeUs: number,
  ): void {
    for (const report of compound.reports) {
      if (report.sender !== null)
        this.obtain(report.ssrc, forward, backward, timeUs)?.sent(report.sender, timeUs);
      for (const block of report.blocks) {
        this.obtain(block.ssrc, backward, forward, timeUs)?.reported(report.ssrc, block, timeUs);
        this.noteHeard(report.ssrc, backward, forward, timeUs);
      }
    }
  }

  private noteHeard(reporter: number, src: Int32Array, dst: Int32Array, lastUs: number): void {
    const heard = this.heardBy.get(reporter);
    if (heard !== undefined) heard.lastUs = lastUs;
    else if (this.heardBy.size < SOURCES_MAX) this.heardBy.set(reporter, { src, dst, lastUs });
  }

  /** An extended report is sent by a receiver: it is about streams that come the other way. */
  private takeExtended(
    extended: ExtendedReport,
    compound: RtcpCompound,
    forward: Int32Array,
    backward: Int32Array,
    timeUs: number,
  ): void {
    this.counters.malformedBlocks += extended.malformed;
    const about = new Set<SourceReports>();
    for (const block of extended.blocks) {
      if (block.type === RECEIVER_REFERENCE_TIME) {
        this.obtain(extended.ssrc, forward, backward, timeUs)?.sentReferenceTime(block.value.key, timeUs);
      } else if (block.type === DLRR) {
        for (const echo of block.value)
          this.find(echo.ssrc, backward, forward)?.reports.answered(echo, timeUs);
      } else {
        const source = this.obtain(block.ssrc, backward, forward, timeUs);
        source?.described(block);
        if (source !== null) about.add(source);
      }
    }
    for (const report of compound.reports) {
      if (report.ssrc !== extended.ssrc) continue;
      for (const block of report.blocks) {
        const source = this.find(block.ssrc, backward, forward);
        if (source !== null) about.add(source.reports);
      }
    }
    for (const source of about) source.xrReports++;
  }

  private takeRemarks(compound: RtcpCompound, forward: Int32Array, backward: Int32Array): void {
    for (const { ssrc, cname } of compound.names) {
      const source = this.find(ssrc, forward, backward);
      if (source !== null) source.reports.cname = cname;
    }
    for (const application of compound.applications) {
      this.find(application.ssrc, forward, backward)?.reports.noteApplication(application);
    }
    for (const { ssrcs, reason } of compound.goodbyes) {
      for (const ssrc of ssrcs) {
        const source = this.find(ssrc, forward, backward);
        if (source === null) continue;
        source.reports.goodbye = true;
        source.reports.goodbyeReason = reason;
      }
    }
  }

  private find(ssrc: number, src: Int32Array, dst: Int32Array): Source | null {
    const paths = this.sources.get(ssrc);
    return paths?.find((source) => sameWords(source.src, src) && sameWords(source.dst, dst)) ?? null;
  }

  private obtain(ssrc: number, src: Int32Array, dst: Int32Array, timeUs: number): SourceReports | null {
    const known = this.find(ssrc, src, dst);
    if (known !== null) {
      known.lastUs = timeUs;
      return known.reports;
    }
    const paths = this.sources.get(ssrc) ?? [];
    if (this.sourceCount >= SOURCES_MAX || paths.length >= PATHS_PER_SSRC_MAX) {
      this.counters.refused++;
      return null;
    }
    const source: Source = { src, dst, reports: new SourceReports(), lastUs: timeUs };
    paths.push(source);
    this.sources.set(ssrc, paths);
    this.sourceCount++;
    return source.reports;
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
