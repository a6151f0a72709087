import type { StreamRecord } from '../records/types.ts';
import { goBothWays } from './networks.ts';
import { Newest } from './newest.ts';
import { isCaptureLoss } from './received.ts';

/** Shorter streams say little about their share of loss. */
const PACKETS_MIN = 250;
/** Less is usual on networks, and samplers leave out more. */
const RATIO_MIN = 0.1;
/** So many streams that lack packets independently of each other, of so many hosts. */
const STREAMS_MIN = 4;
const SENDERS_MIN = 3;
/** Share of all streams that must lack as much; the others may lack more, of their own, and never less. */
const ALIKE_SHARE = 0.8;
/** Shares of loss alike: so many standard deviations of chance apart, and what true losses add. */
const SIGMAS = 5;
const APART_RATIO = 0.005;
/** What chance brings about less often than this is not chance. */
const CHANCE_MAX = 1e-6;
/** Runs of chance are so much longer than others at most, beside what their number lets them vary by. */
const BURST_OVER = 0.1;
/** Fewer packets of an interval show no share. */
const INTERVAL_MIN = 50;
/** The newest streams: enough to be all that runs at a time, and few enough to be of now. */
const STREAMS_KEPT = 64;
/** The first streams that are judged before it is known what all of them lack. */
const EARLY_KEPT = 64;
/** Messages of SIP that are missing and were not sent again are no chance any more. */
const MESSAGES_MIN = 4;

/** How a stream that is over lacks packets. */
interface Sample {
  startUs: number;
  endUs: number;
  src: string;
  way: string;
  expected: number;
  lost: number;
  runs: number;
  longestRun: number;
  /** Over its intervals: their number, packets due, lost, and the sum of lost squared by due. */
  pieces: { count: number; due: number; lost: number; squares: number };
  /** What its receiver says: that it had what is missing, that it lacks it, too, or nothing. */
  word: 'had' | 'lacked' | null;
}

/** That all streams lack the same share of packets, by chance alone. */
export interface ThinningVerdict {
  streams: number;
  senders: number;
  /** Share of packets that they lack. */
  lostRatio: number;
  /** Streams whose receivers report to have had what is missing. */
  received: number;
  /** Messages of SIP that are missing although nobody sent anything again. */
  sipMissing: number;
  firstUs: number;
  lastUs: number;
}

/**
 * Captures that hold a sample of the packets: whoever samples takes the same share from all streams, whichever way they
 * flow, from the beginning to the end, and never several in a row but by chance. Networks hardly ever do. Where
 * receivers report, their word decides.
 */
export class Thinning {
  private readonly samples = new Newest<Sample>(STREAMS_KEPT);
  private early: { id: string; sample: Sample }[] = [];
  private sipMissing = 0;
  /** What the samples say; undefined until somebody asks. */
  private current: ThinningVerdict | null | undefined = null;
  /** The last by which a finding was held back. */
  private told: ThinningVerdict | null = null;

  /** A stream is over. */
  note(stream: StreamRecord): void {
    if (stream.expected < PACKETS_MIN) return;
    const sample = sampleOf(stream);
    this.samples.push(sample);
    this.current = undefined;
    if (sample.word === 'lacked') this.told = null;
  }

  /** A call lacks messages that were sent once. */
  noteSignalling(missing: number): void {
    if (missing === 0) return;
    this.sipMissing += missing;
    this.current = undefined;
  }

  /** Whether what a stream lacks is what all of them lack. */
  explains(stream: StreamRecord): boolean {
    const found = this.now();
    if (found === null) {
      if (this.early.length < EARLY_KEPT && ratioOf(stream) >= RATIO_MIN)
        this.early.push({ id: stream.id, sample: sampleOf(stream) });
      return false;
    }
    if (!isAlike(sampleOf(stream), found.lostRatio)) return false;
    this.told = found;
    return true;
  }

  /** Streams that were judged too early, and lack what all of them lack: for the end of a capture. */
  judgedBefore(): string[] {
    const found = this.now();
    if (found === null) return [];
    return this.early.flatMap(({ id, sample }) => (isAlike(sample, found.lostRatio) ? [id] : []));
  }

  /** What all streams lack, as long as findings that it explains are remembered; null where they do not. */
  verdict(): ThinningVerdict | null {
    return this.now() ?? this.told;
  }

  /** Forgets streams that ended before a time. */
  forget(beforeUs: number): void {
    this.samples.keep(({ endUs }) => endUs >= beforeUs);
    this.early = this.early.filter(({ sample }) => sample.endUs >= beforeUs);
    this.sipMissing = 0;
    this.current = undefined;
    if (this.told !== null && this.told.lastUs < beforeUs) this.told = null;
  }

  private now(): ThinningVerdict | null {
    if (this.current === undefined) this.current = verdictOf(this.samples.all(), this.sipMissing);
    return this.current;
  }
}

/** Whether SIP itself shows that the capture lacks packets: what a network loses is sent again. */
export function isSipThinned({ sipMissing }: ThinningVerdict): boolean {
  return sipMissing >= MESSAGES_MIN;
}

function verdictOf(samples: readonly Sample[], sipMissing: number): ThinningVerdict | null {
  if (samples.length < STREAMS_MIN) return null;
  // Where most lack less, the median does.
  const lacking = samples.filter((sample) => ratioOf(sample) >= RATIO_MIN).length;
  if (lacking < samples.length / 2) return null;
  const ratios = samples.map(ratioOf).sort((a, b) => a - b);
  const usual = ratios[ratios.length >> 1]!;
  const near = samples.filter((sample) => Math.abs(sigmasOff(sample, usual)) <= SIGMAS);
  const lostRatio = near.reduce((sum, { lost }) => sum + lost, 0) / dueOf(near);
  if (lostRatio < RATIO_MIN || samples.some((sample) => sigmasOff(sample, lostRatio) < -SIGMAS)) return null;
  if (samples.some(({ word }) => word === 'lacked')) return null;
  const alike = samples.filter((sample) => isAlike(sample, lostRatio));
  if (alike.length < samples.length * ALIKE_SHARE || !isOneShare(alike, lostRatio)) return null;
  // The second leg of a relay lacks what the first lacks, and says nothing of its own.
  const independent = new Set(alike.map(({ expected, lost, runs }) => `${expected} ${lost} ${runs}`)).size;
  const senders = new Set(alike.map(({ src }) => src)).size;
  if (independent < STREAMS_MIN || senders < SENDERS_MIN) return null;
  if (!goBothWays(new Set(alike.map(({ way }) => way)))) return null;
  return {
    streams: alike.length,
    senders,
    lostRatio,
    received: alike.filter(({ word }) => word === 'had').length,
    sipMissing,
    firstUs: Math.min(...alike.map(({ startUs }) => startUs)),
    lastUs: Math.max(...alike.map(({ endUs }) => endUs)),
  };
}

function sampleOf(stream: StreamRecord): Sample {
  const { src, dst, startUs, endUs, expected, lost, burst, intervals, rtcp } = stream;
  const pieces = { count: 0, due: 0, lost: 0, squares: 0 };
  for (let i = 0; i < intervals.length; i++) {
    const piece = intervals.look(i);
    if (piece.expected < INTERVAL_MIN) continue;
    pieces.count++;
    pieces.due += piece.expected;
    pieces.lost += piece.lost;
    pieces.squares += piece.lost ** 2 / piece.expected;
  }
  const had = rtcp.lossOnlyAtProbe ?? 0;
  const lacked = rtcp.lossBeforeProbe ?? 0;
  return {
    startUs,
    endUs,
    src: src.ip,
    way: `${src.ip}>${dst.ip}`,
    expected,
    lost,
    runs: burst.lossRuns,
    longestRun: burst.longestLossRun,
    pieces,
    word: isCaptureLoss(stream) ? 'had' : lacked > had ? 'lacked' : null,
  };
}

/** Whether a stream lacks this share of its packets from the beginning to the end, in runs as chance makes them. */
function isAlike(sample: Sample, ratio: number): boolean {
  const { expected, lost, runs, longestRun, pieces } = sample;
  if (lost === 0 || Math.abs(sigmasOff(sample, ratio)) > SIGMAS) return false;
  const kept = expected * (1 - ratio);
  // G.107 7.5: mean run over that of independent loss, which varies by one over the root of what is kept.
  const burstR = (lost / Math.max(1, runs)) * (1 - lost / expected);
  if (burstR > 1 + BURST_OVER + SIGMAS / Math.sqrt(kept)) return false;
  // A run of chance is as long as this, or longer, once in `kept * ratio ** run`.
  if (longestRun > Math.log(kept / CHANCE_MAX) / -Math.log(ratio)) return false;
  const { count, due, squares } = pieces;
  const scatter = (squares - 2 * ratio * pieces.lost + ratio ** 2 * due) / (ratio * (1 - ratio));
  return scatter <= count + SIGMAS * Math.sqrt(2 * count);
}

/** Whether the shares of all together scatter no more than chance makes them. */
function isOneShare(samples: readonly Sample[], ratio: number): boolean {
  const scatter = samples.reduce((sum, sample) => sum + sigmasOff(sample, ratio) ** 2, 0);
  const free = samples.length - 1;
  return scatter <= free + SIGMAS * Math.sqrt(2 * free);
}

/** How far a stream's share of loss is from this one, in what chance lets it vary by. */
function sigmasOff(sample: Sample, ratio: number): number {
  const variance = (ratio * (1 - ratio)) / sample.expected + APART_RATIO ** 2;
  return (ratioOf(sample) - ratio) / Math.sqrt(variance);
}

function ratioOf({ lost, expected }: Pick<Sample, 'lost' | 'expected'>): number {
  return lost / expected;
}

function dueOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { expected }) => sum + expected, 0);
}
