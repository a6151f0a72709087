import type { StreamKey } from '../rtp/plane.ts';
import type { Call, Description, Side } from './call.ts';
import type { Claim } from './media-index.ts';
import { otherSide } from './sides.ts';
import { endsOf } from './stream-ends.ts';

/** SSRCs that a side of a call says it sends with, as the signed images that streams have. */
export type SentSsrcs = Readonly<Record<Side, Set<number>>>;

/** This side of this call said that it sends with an SSRC. */
interface Sender {
  call: Call;
  side: Side;
  timeUs: number;
}

/** Who announces one SSRC. */
interface Senders {
  list: Sender[];
  /** More announced it than are remembered, as of a product that has one for all calls: it tells nothing. */
  crowded: boolean;
}

/** SSRCs of one call: of all its descriptions, media lines and restarts. */
const SSRCS_PER_CALL_MAX = 256;
/** The same of all calls together. */
const SSRCS_MAX = 262_144;
/** Sides of calls that announce one SSRC before the oldest is forgotten: legs of a conversation, and chance. */
const SENDERS_PER_SSRC_MAX = 8;
const NONE: Set<number> = new Set();

/**
 * Who says in SDP that he sends with which SSRC (RFC 5576 4.1). It tells streams apart that flow through one port of a
 * media server. 32 random bits are no name: strangers may have the same, so a stream is a call's by its SSRC only where
 * an end of it is, too, what the call announced.
 */
export class AnnouncedSsrcs {
  /** SSRCs not entered, because the call or the table had too many. */
  refused = 0;
  private entered = 0;
  private readonly senders = new Map<number, Senders>();

  /** Nobody announces any. */
  get isEmpty(): boolean {
    return this.entered === 0;
  }

  /** Enters what a description says of its sender. What the side announced before stays: late packets have it. */
  announce(call: Call, { side, media, timeUs }: Description): void {
    for (const { ssrcs } of media) for (const ssrc of ssrcs) this.enter(call, side, ssrc | 0, timeUs);
  }

  private enter(call: Call, side: Side, ssrc: number, timeUs: number): void {
    const known = this.senders.get(ssrc)?.list.find((entry) => entry.call === call && entry.side === side);
    if (known !== undefined) {
      known.timeUs = timeUs;
      return;
    }
    call.ssrcs ??= { caller: new Set(), callee: new Set() };
    const own = call.ssrcs[side];
    // Known to the call alone: others have crowded it out, and would again.
    if (own.has(ssrc)) return;
    if (call.ssrcs.caller.size + call.ssrcs.callee.size >= SSRCS_PER_CALL_MAX || this.entered >= SSRCS_MAX) {
      this.refused++;
      return;
    }
    own.add(ssrc);
    this.entered++;
    const senders = this.senders.get(ssrc);
    if (senders === undefined) {
      this.senders.set(ssrc, { list: [{ call, side, timeUs }], crowded: false });
      return;
    }
    senders.list.push({ call, side, timeUs });
    if (senders.list.length <= SENDERS_PER_SSRC_MAX) return;
    senders.crowded = true;
    senders.list.shift();
    this.entered--;
  }

  /** A call is reported: forgets its SSRCs. */
  withdraw(call: Call): void {
    for (const ssrc of ssrcsOf(call)) {
      const senders = this.senders.get(ssrc);
      if (senders === undefined) continue;
      const left = senders.list.filter((entry) => entry.call !== call);
      this.entered -= senders.list.length - left.length;
      senders.list = left;
      if (left.length === 0) this.senders.delete(ssrc);
    }
  }

  /**
   * The call that announced the SSRC of a stream and an end of it. Of several (legs that pass descriptions on, a chance
   * in 2^32) the one that announced both ends, else one that is not over, else the newest.
   */
  claim(key: StreamKey): Claim | null {
    return this.claims(key)[0] ?? null;
  }

  /** All calls that announced both, the best first. */
  claims(key: StreamKey): Claim[] {
    const senders = this.senders.get(key.ssrc);
    if (senders === undefined || senders.crowded) return [];
    return senders.list
      .map((sender) => ({ sender, fits: endsThatFit(sender, key) }))
      .filter(({ fits }) => fits > 0)
      .sort((a, b) => {
        const over = Number(a.sender.call.doneUs !== null) - Number(b.sender.call.doneUs !== null);
        return b.fits - a.fits || over || b.sender.timeUs - a.sender.timeUs;
      })
      .map(({ sender: { call, side } }) => ({ call, fromCaller: side === 'caller' }));
  }
}

/** How many ends of a stream are where this side, as its sender, and the other, as its receiver, announced media. */
function endsThatFit({ call, side }: Sender, key: StreamKey): number {
  const [destination, source] = endsOf(key);
  const sends = call.endpoints.some((end) => end.side === side && end.key === source);
  const receives = call.endpoints.some((end) => end.side === otherSide(side) && end.key === destination);
  return Number(sends) + Number(receives);
}

/** All that a call announced. */
export function ssrcsOf({ ssrcs }: Call): Set<number> {
  return ssrcs === null ? NONE : new Set([...ssrcs.caller, ...ssrcs.callee]);
}

/** Did the side of a call that a stream comes from say that it sends with this SSRC? Null when it named none at all. */
export function announcesSsrc({ call, fromCaller }: Claim, ssrc: number): boolean | null {
  const sent = call.ssrcs?.[fromCaller ? 'caller' : 'callee'];
  return sent === undefined || sent.size === 0 ? null : sent.has(ssrc);
}
