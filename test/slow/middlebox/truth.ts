/** What a box did to the packets of one SSRC in one direction. */
export interface FlowTruth {
  direction: 'toRight' | 'toLeft';
  /** From where the box sends them on. */
  port: number;
  ssrc: string;
  received: number;
  /** Extended sequence numbers: first and last sent on, all that were dropped, sent behind a later one, or sent twice. */
  firstSent: number | null;
  lastSent: number | null;
  dropped: number[];
  reordered: number[];
  duplicated: number[];
  /** How long packets stayed in the box from when it read them, ms, copies left out. */
  staysMs: number[];
}

export interface BoxTruth {
  flows: FlowTruth[];
  /** How long RTCP datagrams really stayed in the box, ms, by direction. */
  rtcpDelaysMs: { toRight: number[]; toLeft: number[] };
  /** What rtpengine said of each call when it ended, by command. */
  rtpengine: { callId: string; query: unknown; delete: unknown }[];
  problems: string[];
}

/** Drops that a receiver can know of: between the first packet that came through and the last (or another). */
export function visibleDrops({ dropped, firstSent, lastSent }: FlowTruth, upTo = lastSent): number {
  if (firstSent === null || upTo === null) return 0;
  return dropped.filter((number) => number > firstSent && number < upTo).length;
}

/** The flow that a box sends on from one of its ports. */
export function flowFrom(truth: BoxTruth, direction: FlowTruth['direction'], port: number): FlowTruth {
  const found = truth.flows.find((flow) => flow.direction === direction && flow.port === port);
  if (found === undefined) throw new Error(`nothing went ${direction} from port ${port}`);
  return found;
}

/** Unwraps 16-bit numbers that come roughly in order. */
export function unwrapper(): (sequence: number) => number {
  let highest = Number.NaN;
  return (sequence) => {
    if (Number.isNaN(highest)) {
      highest = sequence;
      return sequence;
    }
    const step = ((sequence - highest) << 16) >> 16;
    const extended = highest + step;
    if (step > 0) highest = extended;
    return extended;
  };
}
