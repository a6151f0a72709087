import type { StreamKey } from '../rtp/plane.ts';
import { announcesSsrc } from './announced-ssrcs.ts';
import type { Call, Side } from './call.ts';
import { endpointKey } from './endpoint-key.ts';
import type { Claim } from './media-index.ts';
import { endsOf } from './stream-ends.ts';

/** Other calls whose media one call looks at. */
const OTHERS_MAX = 8;
/** Streams of them that it looks at. */
const FLOWS_MAX = 64;

/** Tells of streams being measured. */
interface HeardMedia {
  keyOf(slot: number): StreamKey;
  lastUs(slot: number): number;
}

/** A stream that another call claims, seen from a call that announced the same endpoints. */
export interface SharedFlow {
  key: StreamKey;
  fromCaller: boolean;
  startUs: number;
  endUs: number;
}

/**
 * What a call has in common with others whose media flows where it announced its own: the legs of a B2BUA that leaves
 * media alone. Each stream belongs to one of them; all of them together show which way is heard.
 */
export interface SharedMedia {
  /** The others, and whether their caller is the caller of this call. Empty when the call is over. */
  readonly others: Map<Call, boolean>;
  /** There were more of them, or of their streams, than are looked at: what is not heard may be. */
  tooMany: boolean;
  /** Its endpoints that so many calls announced that they tell nothing of whose media flows there. */
  readonly crowded: Set<string>;
  /** Their streams, when the call is over. */
  flows: SharedFlow[];
}

/** A stream that one call claims touches an endpoint that a side of maybe another announced. */
export function shareStream(
  stream: StreamKey,
  owner: Claim,
  { call, side }: { call: Call; side: Side },
  end: string,
): void {
  if (call === owner.call || isSettled(call, owner.call)) return;
  // Who knows both ends does not share with one that has an end in common: a media server with one port for all.
  if (knowsBothEnds(owner.call, stream) && !knowsBothEnds(call, stream)) return;
  const receives = end === endpointKey(stream.dst, stream.dstPort);
  const fromCaller = receives === (side === 'callee');
  if (!isOwnersAlone(owner, call, fromCaller, stream.ssrc))
    shareMedia(call, owner.call, fromCaller, owner.fromCaller);
}

/** A stream that one call claims has an SSRC that others announced, too: legs that pass on descriptions. */
export function shareNamed(owner: Claim, others: readonly Claim[]): void {
  for (const { call, fromCaller } of others) {
    if (call === owner.call || call.doneUs !== null || isSettled(call, owner.call)) continue;
    shareMedia(call, owner.call, fromCaller, owner.fromCaller);
  }
}

/**
 * A call announced an endpoint of a stream that another one claims. `fromCaller` and `otherFromCaller`: whether the
 * stream comes from the caller, as the one and as the other call see it.
 */
function shareMedia(call: Call, other: Call, fromCaller: boolean, otherFromCaller: boolean): void {
  const { others } = sharedOf(call);
  if (others.size < OTHERS_MAX) others.set(other, fromCaller === otherFromCaller);
  else loseSight(call);
}

/** Is it known that these two share media, or is nothing said of media this call lacks, whoever it shares it with? */
function isSettled({ shared }: Call, other: Call): boolean {
  return shared !== null && (shared.tooMany || shared.others.has(other));
}

/** More calls announced an endpoint of this one than are remembered there. */
export function crowd(call: Call, endpoint: string): void {
  sharedOf(call).crowded.add(endpoint);
}

/** So much is announced, by this call or where this one does, that it is not told of all media there. */
export function loseSight(call: Call): void {
  sharedOf(call).tooMany = true;
}

function sharedOf(call: Call): SharedMedia {
  call.shared ??= { others: new Map(), tooMany: false, crowded: new Set(), flows: [] };
  return call.shared;
}

/** Did a call announce both ends of a stream? */
export function knowsBothEnds({ endpoints }: Call, stream: StreamKey): boolean {
  return endsOf(stream).every((end) => endpoints.some(({ key }) => key === end));
}

/**
 * Is a stream the owner's and not this call's, by what the side it comes from said it sends with? `fromCaller`: as this
 * call would see it. Who named no SSRC may pass on media of one who did.
 */
function isOwnersAlone(owner: Claim, call: Call, fromCaller: boolean, ssrc: number): boolean {
  return announcesSsrc(owner, ssrc) === true && announcesSsrc({ call, fromCaller }, ssrc) === false;
}

/** The call is over: notes when which stream of the others flowed, and lets go of them. */
export function takeSharedFlows(call: Call, media: HeardMedia): void {
  const { shared } = call;
  if (shared === null) return;
  const { flows, tooMany } = sharedNow(call, shared, media);
  shared.flows = flows;
  if (tooMany) loseSight(call);
  shared.others.clear();
  if (shared.flows.length === 0 && !shared.tooMany) call.shared = null;
}

/** The streams of a call, those that are over first. */
export function flowsIn({ ended, bound }: Call, media: HeardMedia): SharedFlow[] {
  const over = ended.map(({ key, fromCaller, measurement: { startUs, endUs } }) => {
    return { key, fromCaller, startUs, endUs };
  });
  const running = bound.map(({ slot, fromCaller, sinceUs }) => {
    return { key: media.keyOf(slot), fromCaller, startUs: sinceUs, endUs: media.lastUs(slot) };
  });
  return over.concat(running);
}

/** What flows in the calls that one shares media with, as it sees them, and whether there is more than it looks at. */
export function sharedNow(
  call: Call,
  { others, crowded, tooMany: hadTooMany }: SharedMedia,
  media: HeardMedia,
): { flows: SharedFlow[]; tooMany: boolean } {
  const flows: SharedFlow[] = [];
  let tooMany = hadTooMany;
  for (const [other, sameWay] of others) {
    for (const flow of flowsIn(other, media)) {
      const owner = { call: other, fromCaller: flow.fromCaller };
      if (isOwnersAlone(owner, call, flow.fromCaller === sameWay, flow.key.ssrc)) continue;
      if (flows.length >= FLOWS_MAX) tooMany = true;
      else flows.push({ ...flow, fromCaller: flow.fromCaller === sameWay });
    }
  }
  if (crowded.size > 0 && !isToldApart(call, flowsIn(call, media), crowded, flows)) tooMany = true;
  return { flows, tooMany };
}

/**
 * Does the other end of its media belong to this call alone, or did an SSRC show whose it is? Then a place that it has in
 * common with many others, as of a media server with one port, hides nothing of it: what else flows between these ends,
 * either way and with whatever SSRC, is its own, too.
 */
function isToldApart(
  call: Call,
  own: readonly SharedFlow[],
  crowded: ReadonlySet<string>,
  flows: readonly SharedFlow[],
): boolean {
  const isNamed = ({ key, fromCaller }: Pick<SharedFlow, 'key' | 'fromCaller'>): boolean =>
    announcesSsrc({ call, fromCaller }, key.ssrc) === true;
  if (own.some(isNamed) || flows.some(isNamed)) return true;
  return own.some(({ key }) => knowsBothEnds(call, key) && !endsOf(key).every((end) => crowded.has(end)));
}
