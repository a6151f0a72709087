import type { ScoredInterval } from './interval-log.ts';
import type { Direction, Endpoint } from './types.ts';

/** One interval of a stream that may still run, told as soon as it is settled. */
export interface IntervalRecord extends ScoredInterval {
  streamId: string;
  callId: string | null;
  direction: Direction | null;
  ssrc: string;
  src: Endpoint;
  dst: Endpoint;
  codec: string | null;
}
