import type { ScoredInterval } from './interval-log.ts';
import type { Direction, Endpoint, Scale } from './types.ts';

/** What signalling said about the sender of a stream: by this streams are put into groups. */
export interface SenderMarks {
  userAgent: string | null;
  /** Headers of the first INVITE that were asked for. */
  headers: Readonly<Record<string, string>>;
}

/** One interval of a stream that may still run, told as soon as it is settled. */
export interface IntervalRecord extends ScoredInterval {
  streamId: string;
  callId: string | null;
  direction: Direction | null;
  ssrc: string;
  src: Endpoint;
  dst: Endpoint;
  codec: string | null;
  /** The interface that the stream's first packet was captured on; null where packets come otherwise. */
  interface: string | null;
  vlans: readonly number[];
  /** Scale of the score; null without one. */
  scale: Scale | null;
  /** MOS with delay in it; null where the delay is unknown. */
  mosCq: number | null;
  /** Copies and packets out of order that were noticed since the interval told before. */
  duplicates: number;
  reordered: number;
  /** What the call says of the sender. */
  sender: SenderMarks | null;
}
