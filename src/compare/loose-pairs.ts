import type { ReportStream } from '../report/contract.ts';
import type { TimeSpan } from '../report/search/time-window.ts';
import { timeOf } from './call-marks.ts';
import { endpointsOf, type Loose } from './call-sample.ts';

/** Pairs of endpoints whose streams of no call may be joined by more; the oldest is complete. */
const PAIRS_MAX = 4096;
/** Streams of one pair. */
const STREAMS_MAX = 64;

/** Streams of no call between two endpoints that ran at one time: most likely a call whose signalling was not seen. */
export interface LoosePair {
  ends: string;
  streams: Loose<ReportStream>[];
  ran: TimeSpan;
}

/** Puts streams of no call together as they are told; ports are used again on another day. */
export class LoosePairs {
  private readonly open = new Map<string, LoosePair>();

  /** Takes a stream. @returns the pair that is complete by that, if any */
  take(stream: Loose<ReportStream>): LoosePair | null {
    const ran = ranOf(stream);
    if (ran === null) return null;
    const ends = endpointsOf(stream);
    const known = this.open.get(ends);
    if (known !== undefined && isBeside(known, ran) && known.streams.length < STREAMS_MAX) {
      known.streams.push(stream);
      known.ran = {
        fromUs: Math.min(known.ran.fromUs, ran.fromUs),
        toUs: Math.max(known.ran.toUs, ran.toUs),
      };
      return null;
    }
    let complete = known ?? null;
    if (complete === null && this.open.size >= PAIRS_MAX) complete = this.open.values().next().value ?? null;
    if (complete !== null) this.open.delete(complete.ends);
    this.open.set(ends, { ends, streams: [stream], ran });
    return complete;
  }

  /** Those that are left. */
  *rest(): Generator<LoosePair> {
    yield* this.open.values();
    this.open.clear();
  }
}

function isBeside({ ran }: LoosePair, other: TimeSpan): boolean {
  return other.fromUs <= ran.toUs && other.toUs >= ran.fromUs;
}

function ranOf({ startTime, endTime }: Loose<ReportStream>): TimeSpan | null {
  const fromUs = timeOf(startTime);
  return fromUs === null ? null : { fromUs, toUs: Math.max(fromUs, timeOf(endTime) ?? fromUs) };
}
