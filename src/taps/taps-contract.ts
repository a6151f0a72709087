import type { Direction } from '../records/types.ts';
import type { Identity } from './match-streams.ts';
import type { TapClocks } from './order.ts';
import type { SignallingChanges } from './rewrites.ts';
import type { Segment } from './segment.ts';
import type { OrderReason } from './stream-pair.ts';

/** One point of capture. */
export interface TapDescription {
  /** From 1, in the order given. */
  tap: number;
  files: readonly string[];
  startTime: string | null;
  endTime: string | null;
  packets: number;
  streams: number;
  trust: string;
}

/** One stream at one point. */
export interface StreamSight {
  tap: number;
  /** Id in the report of this tap; null where the engine made none. */
  id: string | null;
  src: string;
  dst: string;
  ssrc: string;
  ttl: number;
  codec: string | null;
  ptimeMs: number | null;
  /** Without copies. Beside them: those with an IP packet of their own, and those of the same one, as reports tell them apart. */
  packets: number;
  duplicates: number;
  mirrorDuplicates: number;
}

/** Packets lost on a part of the way; null where nothing tells. */
export interface SegmentLoss {
  lost: number;
  of: number;
}

/** Which part of the way did most of something. `none`: nothing worth naming; `unknown`: it cannot be told. */
export type Culprit = 'sender_to_first' | 'between' | 'second_to_receiver' | 'none' | 'unknown';

/** A stream that was found at two points. */
export interface StreamPath {
  callId: string | null;
  direction: Direction | null;
  identity: Identity;
  orderBy: OrderReason;
  first: StreamSight;
  second: StreamSight;
  /** From the sender to the first point, by numbers missing there; and delay variation there, PDV p95. */
  senderToFirst: { loss: SegmentLoss | null; pdvP95Ms: number | null };
  between: Segment;
  /** From the second point to the receiver, by its reports. */
  secondToReceiver: { loss: SegmentLoss | null };
  lossBy: Culprit;
  delayVariationBy: Culprit;
}

/** Two streams of one call and direction at two points whose packets are not the same: they were made anew. */
export interface OtherPackets {
  callId: string | null;
  direction: Direction | null;
  first: StreamSight;
  second: StreamSight;
  codecChanged: boolean;
  ptimeChanged: boolean;
}

/** What all streams of one way between two points have in common. */
export interface WaySummary {
  firstTap: number;
  secondTap: number;
  /** Addresses of the box between the points, where media was sent to one and came from the other; else null. */
  box: string | null;
  /** That of all its streams; null where they differ. */
  direction: Direction | null;
  streams: number;
  senderToFirst: SegmentLoss | null;
  between: SegmentLoss;
  secondToReceiver: SegmentLoss | null;
  lossBy: Culprit;
  /** Delay variation at the first point, and what was added between: the greatest of the streams. */
  pdvAtFirstP95Ms: number | null;
  addedDelayP95Ms: number | null;
  delayVariationBy: Culprit;
  reordered: number;
  duplicated: number;
  /** What was changed, in words: `DSCP 46 -> 0`. */
  changes: string[];
}

/** One path seen at two points. */
export interface TapsComparison {
  kind: 'taps';
  taps: TapDescription[];
  clocks: TapClocks;
  ways: WaySummary[];
  streams: StreamPath[];
  otherPackets: OtherPackets[];
  /** Seen at one point only. */
  unmatched: StreamSight[];
  signalling: SignallingChanges;
  /** What found no room and was not compared. */
  leftOut: Record<string, number>;
  notes: string[];
}
