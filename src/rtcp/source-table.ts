import { SourceReports } from './source.ts';

/**
 * From where to where a stream or a datagram goes: address words as in the packet view, and ports. RTCP has the port
 * of its RTP or the one above (RFC 3550 11): pairs count as one port.
 */
export interface Path {
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly srcPort: number;
  readonly dstPort: number;
}

interface Source extends Path {
  readonly reports: SourceReports;
  lastUs: number;
  /** A stream of exactly these ports asked for it: it is no other's. */
  paired: boolean;
}

/** Sources remembered at one time; reports about more are counted and dropped. */
export const SOURCES_MAX = 131_072;
/** Streams may share an SSRC on several paths: the legs of an SBC, or gateways that give all their calls the same. */
const PATHS_PER_SSRC_MAX = 64;
const IDLE_US = 600_000_000;

/**
 * Who sends media with which SSRC on which path, as RTCP says. Equipment that gives every call the same SSRC is told
 * apart by ports; a source whose RTCP takes ports of its own is found as long as it is the only one between its hosts.
 */
export class SourceTable {
  /** Reports that found no room. */
  refused = 0;
  private readonly sources = new Map<number, Source[]>();
  private count = 0;

  /** Has a sender report named this SSRC (unsigned)? */
  hasSender(ssrc: number): boolean {
    return this.sources.get(ssrc)?.some((source) => source.reports.senderReports > 0) ?? false;
  }

  /** What was said about a stream; null when nothing was, or nobody knows about which of several. */
  ofStream(ssrc: number, path: Path): SourceReports | null {
    const between = this.between(ssrc, path);
    const exact = between.find((source) => portsInCommon(source, path) === 2);
    if (exact !== undefined) {
      exact.paired = true;
      return exact.reports;
    }
    const free = between.filter((source) => !source.paired);
    const near = free.filter((source) => portsInCommon(source, path) === 1);
    const [only, another] = near.length > 0 ? near : free;
    return only === undefined || another !== undefined ? null : only.reports;
  }

  /** The source that a datagram on this path speaks of; null when it was not seen before. */
  find(ssrc: number, path: Path): SourceReports | null {
    return this.match(ssrc, path)?.reports ?? null;
  }

  /** The same, made when it is new; null when there is no room. */
  obtain(ssrc: number, path: Path, timeUs: number): SourceReports | null {
    const known = this.match(ssrc, path);
    if (known !== null) {
      known.lastUs = timeUs;
      return known.reports;
    }
    const paths = this.sources.get(ssrc) ?? [];
    if (this.count >= SOURCES_MAX || paths.length >= PATHS_PER_SSRC_MAX) {
      this.refused++;
      return null;
    }
    const { src, dst, srcPort, dstPort } = path;
    const source: Source = {
      ...{ src, dst, srcPort, dstPort },
      ...{ reports: new SourceReports(), lastUs: timeUs, paired: false },
    };
    if (paths.length === 0) this.sources.set(ssrc, [source]);
    else paths.push(source);
    this.count++;
    return source.reports;
  }

  /** Forgets a source: its stream is over, and the next with this SSRC starts from nothing. */
  forget(ssrc: number, path: Path): void {
    const paths = this.sources.get(ssrc);
    const reports = this.ofStream(ssrc, path);
    if (paths === undefined || reports === null) return;
    this.count--;
    if (paths.length === 1) this.sources.delete(ssrc);
    else
      this.sources.set(
        ssrc,
        paths.filter((source) => source.reports !== reports),
      );
  }

  /** Forgets sources that nobody has reported on for ten minutes. */
  sweep(timeUs: number): void {
    for (const [ssrc, paths] of this.sources) {
      if (paths.every((source) => timeUs - source.lastUs <= IDLE_US)) continue;
      const alive = paths.filter((source) => timeUs - source.lastUs <= IDLE_US);
      this.count -= paths.length - alive.length;
      if (alive.length === 0) this.sources.delete(ssrc);
      else this.sources.set(ssrc, alive);
    }
  }

  /** Both directions of RTCP pass the same pair of ports; behind some NATs one of them is another. */
  private match(ssrc: number, path: Path): Source | null {
    const between = this.between(ssrc, path);
    return (
      between.find((source) => portsInCommon(source, path) === 2) ??
      between.find((source) => portsInCommon(source, path) === 1) ??
      null
    );
  }

  private between(ssrc: number, { src, dst }: Path): Source[] {
    const paths = this.sources.get(ssrc) ?? [];
    return paths.filter((source) => sameWords(source.src, src) && sameWords(source.dst, dst));
  }
}

/** How many of the two ports of two paths are the same, or the pair of one another. */
function portsInCommon(a: Path, b: Path): number {
  return (a.srcPort >> 1 === b.srcPort >> 1 ? 1 : 0) + (a.dstPort >> 1 === b.dstPort >> 1 ? 1 : 0);
}

export function sameWords(a: Int32Array, b: Int32Array): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0];
}

/** The way back. */
export function reversed({ src, dst, srcPort, dstPort }: Path): Path {
  return { src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}
