import { branchDigest } from '../sip/transaction.ts';
import type { EvidenceSink, FrameRef, Sighting, WantedEndpoint } from './contract.ts';
import { describeSdp, type SdpSummary } from './sdp-summary.ts';

/** Messages kept of one call, and of all calls together. */
const STEPS_EACH_MAX = 120;
const STEPS_MAX = 400_000;
const TEXT_MAX = 120;
/** Messages that wait for their last fragment, or for an agent, come that late at most, us; more is a clock set back. */
const LATE_US = 60e6;

/** One message of a call on its way between two hosts. */
export interface LadderStep {
  readonly timeUs: number;
  readonly src: WantedEndpoint | null;
  readonly dst: WantedEndpoint | null;
  /** Of a response: of its CSeq. */
  readonly method: string;
  /** Null for a request. */
  readonly status: number | null;
  readonly reasonPhrase: string | null;
  readonly cseq: number;
  readonly sdp: SdpSummary | null;
  /** The same message was seen between the same two sockets before: a timer sent it again. */
  readonly again: boolean;
  /** At which Wireshark shows it; null where that is not known. */
  readonly frame: FrameRef | null;
}

/** The messages of one call in order of time. */
export interface Ladder {
  readonly steps: readonly LadderStep[];
  /** Messages beyond the bound, and copies that the mirror made: neither is among the steps. */
  readonly left: number;
  readonly copies: number;
}

/** A step, and what it shares with the same message sent again. */
interface Rung {
  readonly step: Omit<LadderStep, 'again'>;
  readonly name: string;
}

interface Rungs {
  readonly rungs: Rung[];
  left: number;
  copies: number;
}

/** Collects the ladders of all wanted calls, within bounds. */
export class Ladders implements Pick<EvidenceSink, 'message'> {
  private readonly calls: (Rungs | undefined)[];
  private kept = 0;

  constructor(calls: number) {
    this.calls = new Array<Rungs | undefined>(calls).fill(undefined);
  }

  message(call: number, sighting: Sighting, copy: boolean): void {
    const known = this.calls[call] ?? { rungs: [], left: 0, copies: 0 };
    this.calls[call] = known;
    if (copy) {
      known.copies++;
      return;
    }
    if (known.rungs.length >= STEPS_EACH_MAX || this.kept >= STEPS_MAX) {
      known.left++;
      return;
    }
    this.kept++;
    const rung = { step: stepOf(sighting), name: nameOf(sighting) };
    known.rungs.splice(placeOf(known.rungs, sighting.timeUs), 0, rung);
  }

  /** The ladder of a call; null when no message of it was seen. */
  ladder(call: number): Ladder | null {
    const known = this.calls[call];
    if (known === undefined) return null;
    const seen = new Set<string>();
    const steps = known.rungs.map(({ step, name }): LadderStep => {
      const again = seen.has(name);
      seen.add(name);
      return { ...step, again };
    });
    return { steps, left: known.left, copies: known.copies };
  }
}

/** Where a message belongs: before those that came first and are later than it. */
function placeOf(rungs: readonly Rung[], timeUs: number): number {
  let place = rungs.length;
  while (place > 0) {
    const laterUs = rungs[place - 1]!.step.timeUs - timeUs;
    if (laterUs <= 0 || laterUs > LATE_US) break;
    place--;
  }
  return place;
}

function stepOf({ message, timeUs, src, dst, frames }: Sighting): Omit<LadderStep, 'again'> {
  const { method, status, reasonPhrase, cseq, sdp } = message;
  return {
    timeUs,
    src,
    dst,
    method: clip(method),
    status,
    reasonPhrase: reasonPhrase === null ? null : clip(reasonPhrase),
    cseq,
    sdp: sdp === null ? null : describeSdp(sdp),
    frame: frames[frames.length - 1] ?? null,
  };
}

function nameOf({ message, src, dst }: Sighting): string {
  const { method, status, cseq } = message;
  return `${socket(src)} ${socket(dst)} ${branchDigest(message)} ${cseq} ${method} ${status ?? ''}`;
}

function socket(endpoint: WantedEndpoint | null): string {
  return endpoint === null ? '' : `${endpoint.ip} ${endpoint.port}`;
}

function clip(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}\u2026`;
}
