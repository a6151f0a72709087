import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { isReceived } from './received.ts';

/** Without a packet for so long, the capture stood still, or all that it sees. */
export const STANDSTILL_US = 1_000_000;
/** Fewer streams may fall silent together by chance, and be all that a capture was to hold. */
const STREAMS_MIN = 4;
/** Packets of other streams come a little after the last and before the first of one. */
const COVERED_SHARE = 0.9;
/** What a stream lacks since its last packet, it lacks since so much before the last packet of all, at most. */
const NEAR_US = 200_000;
/** The newest of them are kept. */
const STANDSTILLS_KEPT = 256;

/** A time in which no packet of any kind was captured, us, while streams ran. */
interface Standstill {
  fromUs: number;
  toUs: number;
  /** Streams that are judged and lack what was sent meanwhile. */
  lacking: number;
  /** Streams whose receivers report to have had it, and to lack it, too. */
  received: number;
  lacked: number;
}

/** What can be said of the times in which nothing was captured and nobody knows why. */
export interface StandstillVerdict {
  times: number;
  longestMs: number;
  /** Streams that lack what was sent then. */
  streams: number;
  /** When the longest began. */
  atUs: number;
}

/**
 * Times in which nothing at all was captured. A capture that stood still looks like a network that did: receivers'
 * reports decide, those of one stream for all; without them who reads of the one must think of the other.
 */
export class Standstills {
  private kept: Standstill[] = [];

  /** Nothing came from one time to another, while streams ran. */
  add(fromUs: number, toUs: number, running: number): void {
    if (running < STREAMS_MIN) return;
    if (this.kept.length === STANDSTILLS_KEPT) this.kept.shift();
    this.kept.push({ fromUs, toUs, lacking: 0, received: 0, lacked: 0 });
  }

  /** What the receiver of a stream says of what is missing of it. */
  noteReports(stream: StreamRecord, findings: readonly FindingRecord[]): void {
    if (stream.rtcp.lossCompared === null) return;
    for (const finding of findings) {
      if (finding.streamId !== stream.id || !lacksPackets(finding)) continue;
      for (const during of this.around(finding)) {
        if (isReceived(finding, stream)) during.received++;
        else during.lacked++;
      }
    }
  }

  /** Whether receivers had what the capture lacks of the times in which this was interrupted. */
  isOnlyHere(finding: FindingRecord): boolean {
    const around = this.around(finding);
    return around.length > 0 && around.every(({ received, lacked }) => received > lacked);
  }

  /** Says of media that was interrupted that nothing else was captured meanwhile, either. */
  told(finding: FindingRecord): FindingRecord {
    const around = lacksPackets(finding) ? this.around(finding) : [];
    // What receivers lack, too, the capture did not lose.
    if (around.length === 0 || around.some(({ lacked }) => lacked > 0)) return finding;
    for (const during of around) during.lacking++;
    return {
      ...finding,
      text: `${finding.text}; no packet of any kind was captured meanwhile: the capture stood still, or all that it sees`,
      evidence: { ...finding.evidence, captureSilentMs: silentUs(finding, around) / 1000 },
    };
  }

  /** Whether what several streams have in common is that nothing was captured, which is told by itself. */
  explains({ startUs }: FindingRecord): boolean {
    return this.unknown.some(({ fromUs, toUs }) => startUs >= fromUs - NEAR_US && startUs <= toUs);
  }

  /** The times of which nobody knows whether the capture stood still or all that it sees; null where there are none. */
  verdict(): StandstillVerdict | null {
    const { unknown } = this;
    if (unknown.length === 0) return null;
    const longest = unknown.reduce((a, b) => (b.toUs - b.fromUs > a.toUs - a.fromUs ? b : a));
    return {
      times: unknown.length,
      longestMs: (longest.toUs - longest.fromUs) / 1000,
      streams: Math.max(...unknown.map(({ lacking }) => lacking)),
      atUs: longest.fromUs,
    };
  }

  /** Those before are not compared with anything any more. */
  forget(beforeUs: number): void {
    this.kept = this.kept.filter(({ toUs }) => toUs >= beforeUs);
  }

  private get unknown(): Standstill[] {
    return this.kept.filter(({ lacking, lacked }) => lacking >= STREAMS_MIN && lacked === 0);
  }

  /** The standstills that are nearly all of an interruption; none where they are not. */
  private around(finding: FindingRecord): Standstill[] {
    const { startUs, endUs, evidence } = finding;
    const { totalMs } = evidence;
    if (finding.code !== 'media_interrupted' || typeof totalMs !== 'number' || endUs === null) return [];
    const within = this.kept.filter(({ fromUs, toUs }) => fromUs < endUs && toUs > startUs);
    return silentUs(finding, within) < totalMs * 1000 * COVERED_SHARE ? [] : within;
  }
}

function lacksPackets({ code, evidence }: FindingRecord): boolean {
  return code === 'media_interrupted' && Number(evidence.missingPackets) > 0;
}

function silentUs({ startUs, endUs }: FindingRecord, standstills: readonly Standstill[]): number {
  const overlap = ({ fromUs, toUs }: Standstill) =>
    Math.max(0, Math.min(endUs ?? startUs, toUs) - Math.max(startUs, fromUs));
  return standstills.reduce((sum, each) => sum + overlap(each), 0);
}
