import { type PacketView, pathOf } from '../packet/view.ts';
import { type CompoundFault, parseCompound, type RtcpCompound } from './compound.ts';
import type { SourceReports } from './source.ts';
import { type Path, reversed, SOURCES_MAX, SourceTable, sameWords } from './source-table.ts';
import { DLRR, type ExtendedReport, RECEIVER_REFERENCE_TIME } from './xr.ts';

export type { SourceReports } from './source.ts';

/** How long it is remembered who heard whom. */
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

interface Heard {
  path: Path;
  source: SourceReports | null;
  lastUs: number;
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
  private readonly sources = new SourceTable();
  /** What a reporter's newest block is about, and the way of that, by the reporter's SSRC. */
  private readonly heardBy = new Map<number, Heard>();
  /** Reports whose reporter found no room there. */
  private reportersRefused = 0;
  private nextSweepUs = Number.NEGATIVE_INFINITY;

  /** Takes one datagram that `looksLikeRtcp`. */
  receive(view: PacketView, data: DataView, timeUs: number): void {
    const compound = parseCompound(data, view.payloadOffset, view.payloadLength, view.payloadWireLength);
    this.counters.datagrams++;
    this.counters.packets += compound.types.length;
    const forward = pathOf(view);
    const backward = reversed(forward);
    if (compound.fault !== null) {
      this.counters.faults[compound.fault]++;
      if (compound.fault === 'srtcp') {
        const sender = this.sources.obtain(compound.sender, forward, timeUs);
        if (sender !== null) sender.srtcp++;
      }
      if (compound.reports.length > 0) this.counters.salvaged++;
    }
    this.takeReports(compound, forward, backward, timeUs);
    for (const extended of compound.extended) {
      this.takeExtended(extended, compound, forward, backward, timeUs);
    }
    this.takeRemarks(compound, forward);
    this.counters.refused = this.sources.refused + this.reportersRefused;
  }

  /** Has a sender report named this SSRC (signed image)? Evidence that unannounced packets with it are RTP. */
  hasSender(ssrc: number): boolean {
    return this.sources.hasSender(ssrc >>> 0);
  }

  /** What was said by and about the source (SSRC as signed image) of a stream; null when nothing was. */
  about(ssrc: number, path: Path): SourceReports | null {
    return this.sources.ofStream(ssrc >>> 0, path);
  }

  /**
   * What was said about the receiver of a stream on which `reports` are: its round trips are those between the tap and
   * the stream's sender. Null when the receiver never named itself.
   */
  aboutReceiver(reports: SourceReports | null, path: Path): SourceReports | null {
    const reporter = reports?.reporter ?? null;
    return reporter === null ? null : this.about(reporter, reversed(path));
  }

  /**
   * Whether the sender of a stream (its SSRC) reports on packets that come to it from `src` to `dst`. Receivers report
   * only on what reaches them (RFC 3550 6.4).
   */
  hearsFrom(reporter: number, src: Int32Array, dst: Int32Array): boolean {
    const heard = this.heardBy.get(reporter >>> 0);
    return heard !== undefined && sameWords(heard.path.src, src) && sameWords(heard.path.dst, dst);
  }

  /** Forgets a source: its stream is over, and the next with this SSRC starts from nothing. */
  forget(ssrc: number, path: Path): void {
    this.heardBy.delete(ssrc >>> 0);
    this.sources.forget(ssrc >>> 0, path);
  }

  /** Forgets sources that nobody has reported on for ten minutes. */
  sweep(timeUs: number): void {
    // A clock that was set back must not stop the sweeps.
    if (timeUs < this.nextSweepUs && timeUs > this.nextSweepUs - 2 * SWEEP_US) return;
    this.nextSweepUs = timeUs + SWEEP_US;
    this.sources.sweep(timeUs);
    for (const [reporter, { lastUs }] of this.heardBy) {
      if (timeUs - lastUs > IDLE_US) this.heardBy.delete(reporter);
    }
  }

  private takeReports(compound: RtcpCompound, forward: Path, backward: Path, timeUs: number): void {
    for (const report of compound.reports) {
      if (report.sender !== null)
        this.sources.obtain(report.ssrc, forward, timeUs)?.sent(report.sender, timeUs);
      for (const block of report.blocks) {
        const source = this.sources.obtain(block.ssrc, backward, timeUs);
        source?.reported(report.ssrc, block, timeUs);
        this.noteHeard(report.ssrc, backward, source, timeUs);
      }
      if (report.blocks.length === 0) this.noteSilence(report.ssrc, backward, timeUs);
    }
  }

  private noteHeard(reporter: number, path: Path, source: SourceReports | null, lastUs: number): void {
    const heard = this.heardBy.get(reporter);
    if (heard !== undefined) Object.assign(heard, { path, source, lastUs });
    else if (this.heardBy.size < SOURCES_MAX) this.heardBy.set(reporter, { path, source, lastUs });
    else this.reportersRefused++;
  }

  /** A report without blocks: its reporter got nothing since the one before (RFC 3550 6.4). */
  private noteSilence(reporter: number, path: Path, timeUs: number): void {
    const heard = this.heardBy.get(reporter);
    if (heard !== undefined && samePath(heard.path, path)) heard.source?.notHeard(timeUs);
  }

  /** An extended report is sent by a receiver: it is about streams that come the other way. */
  private takeExtended(
    extended: ExtendedReport,
    compound: RtcpCompound,
    forward: Path,
    backward: Path,
    timeUs: number,
  ): void {
    this.counters.malformedBlocks += extended.malformed;
    const about = new Set<SourceReports>();
    for (const block of extended.blocks) {
      if (block.type === RECEIVER_REFERENCE_TIME) {
        this.sources.obtain(extended.ssrc, forward, timeUs)?.sentReferenceTime(block.value.key, timeUs);
      } else if (block.type === DLRR) {
        for (const echo of block.value) this.sources.find(echo.ssrc, backward)?.answered(echo, timeUs);
      } else {
        const source = this.sources.obtain(block.ssrc, backward, timeUs);
        source?.described(block);
        if (source !== null) about.add(source);
      }
    }
    for (const report of compound.reports) {
      if (report.ssrc !== extended.ssrc) continue;
      for (const block of report.blocks) {
        const source = this.sources.find(block.ssrc, backward);
        if (source !== null) about.add(source);
      }
    }
    for (const source of about) source.xrReports++;
  }

  private takeRemarks(compound: RtcpCompound, forward: Path): void {
    for (const { ssrc, cname } of compound.names) {
      const source = this.sources.find(ssrc, forward);
      if (source !== null) source.cname = cname;
    }
    for (const application of compound.applications) {
      this.sources.find(application.ssrc, forward)?.noteApplication(application);
    }
    for (const { ssrcs, reason } of compound.goodbyes) {
      for (const ssrc of ssrcs) {
        const source = this.sources.find(ssrc, forward);
        if (source === null) continue;
        source.goodbye = true;
        source.goodbyeReason = reason;
      }
    }
  }
}

/** Ports included: equipment may give all its calls one SSRC. */
function samePath(a: Path, b: Path): boolean {
  const samePorts = a.srcPort === b.srcPort && a.dstPort === b.dstPort;
  return samePorts && sameWords(a.src, b.src) && sameWords(a.dst, b.dst);
}
