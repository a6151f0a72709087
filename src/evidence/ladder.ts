import { branchDigest } from '../sip/transaction.ts';
import type { EvidenceSink, FrameRef, Sighting, WantedEndpoint } from './contract.ts';
import { describeSdp, type SdpSummary } from './sdp-summary.ts';

/** Messages kept of one call, and of all calls together. */
const STEPS_EACH_MAX = 120;
const STEPS_MAX = 400_000;
const TEXT_MAX = 120;

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

/** The messages of one call in order of capture. */
export interface Ladder {
  readonly steps: LadderStep[];
  /** Messages beyond the bound, and copies that the mirror made: neither is among the steps. */
  left: number;
  copies: number;
}

/** Collects the ladders of all wanted calls, within bounds. */
export class Ladders implements Pick<EvidenceSink, 'message'> {
  private readonly ladders: (Ladder | undefined)[];
  private readonly seen: (Set<string> | undefined)[];
  private kept = 0;

  constructor(calls: number) {
    this.ladders = new Array<Ladder | undefined>(calls).fill(undefined);
    this.seen = new Array<Set<string> | undefined>(calls).fill(undefined);
  }

  message(call: number, sighting: Sighting, copy: boolean): void {
    const ladder = this.ladders[call] ?? { steps: [], left: 0, copies: 0 };
    this.ladders[call] = ladder;
    if (copy) {
      ladder.copies++;
      return;
    }
    if (ladder.steps.length >= STEPS_EACH_MAX || this.kept >= STEPS_MAX) {
      ladder.left++;
      return;
    }
    this.kept++;
    const { message, timeUs, src, dst, frames } = sighting;
    const { method, status, reasonPhrase, cseq, sdp } = message;
    ladder.steps.push({
      timeUs,
      src,
      dst,
      method: clip(method),
      status,
      reasonPhrase: reasonPhrase === null ? null : clip(reasonPhrase),
      cseq,
      sdp: sdp === null ? null : describeSdp(sdp),
      again: this.wasSeen(call, sighting),
      frame: frames[frames.length - 1] ?? null,
    });
  }

  /** The ladder of a call; null when no message of it was seen. */
  ladder(call: number): Ladder | null {
    return this.ladders[call] ?? null;
  }

  private wasSeen(call: number, { message, src, dst }: Sighting): boolean {
    const seen = this.seen[call] ?? new Set<string>();
    this.seen[call] = seen;
    const { method, status, cseq } = message;
    const key = `${socket(src)} ${socket(dst)} ${branchDigest(message)} ${cseq} ${method} ${status ?? ''}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  }
}

function socket(endpoint: WantedEndpoint | null): string {
  return endpoint === null ? '' : `${endpoint.ip} ${endpoint.port}`;
}

function clip(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}\u2026`;
}
