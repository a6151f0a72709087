import { isOfOneHost } from './sights-in-order.ts';
import { factsOf } from './stream-path.ts';
import type { CallFacts, StreamFacts, TapFacts } from './tap-facts.ts';
import type { TapStream } from './tap-stream.ts';

/** Streams without a partner that are looked at, the first ones. */
export const CONSIDERED_MAX = 2000;
/** How far apart the first INVITEs of two legs may be, us. */
const LEGS_US = 3e6;

interface Placed {
  stream: TapStream;
  facts: StreamFacts;
  call: CallFacts | null;
}

/**
 * Streams without a partner whose call and direction say that one was made of the other: a box that recodes or packs anew
 * sends packets of its own, and they cannot be matched one to one. Found by Call-ID, by the conversation that a B2BUA cut
 * into legs, or by both parties and the time of the INVITE.
 *
 * @param offsetMs clock of the second tap less that of the first; null when unknown
 */
export function madeAnew(
  streams: readonly TapStream[],
  facts: readonly TapFacts[],
  offsetMs: number | null,
): [TapStream, TapStream][] {
  const placed = streams.slice(0, CONSIDERED_MAX).flatMap((stream): Placed[] => {
    const own = factsOf(stream, facts);
    if (own === null || own.callId === null || own.direction === null) return [];
    return [{ stream, facts: own, call: facts[stream.tap]!.calls.get(own.callId) ?? null }];
  });
  const shiftUs = (tap: number): number => (tap === 0 ? 0 : (offsetMs ?? 0) * 1000);
  const taken = new Set<Placed>();
  const found: [TapStream, TapStream][] = [];
  for (const [at, one] of placed.entries()) {
    if (taken.has(one)) continue;
    const other = placed
      .slice(at + 1)
      .find((each) => !taken.has(each) && isSameWay(one, each, facts.length, shiftUs));
    if (other === undefined) continue;
    taken.add(one).add(other);
    found.push(one.stream.tap <= other.stream.tap ? [one.stream, other.stream] : [other.stream, one.stream]);
  }
  return found;
}

function isSameWay(one: Placed, other: Placed, taps: number, shiftUs: (tap: number) => number): boolean {
  if (one.facts.direction !== other.facts.direction) return false;
  if (taps > 1 && one.stream.tap === other.stream.tap) return false;
  const [a, b] = [one, other].map(({ stream, facts }) => ({
    fromUs: facts.startUs - shiftUs(stream.tap),
    untilUs: facts.endUs - shiftUs(stream.tap),
  })) as [{ fromUs: number; untilUs: number }, { fromUs: number; untilUs: number }];
  const isAtOnce = a.fromUs < b.untilUs && b.fromUs < a.untilUs;
  // In one leg and one capture two streams of one direction are a change of SSRC, or video beside audio.
  if (one.facts.callId === other.facts.callId) return taps > 1 && isAtOnce;
  if (one.call === null || other.call === null) return false;
  const [from, to] = [one.stream, other.stream];
  if (taps === 1 && (isOfOneHost(from.src, to.src) || isOfOneHost(from.dst, to.dst))) return false;
  const isLinked = taps === 1 && one.call.conversationId !== null;
  if (isLinked) return one.call.conversationId === other.call.conversationId && isAtOnce;
  const apartUs = Math.abs(
    one.call.startUs - shiftUs(one.stream.tap) - (other.call.startUs - shiftUs(other.stream.tap)),
  );
  const parties = (call: CallFacts): string => `${userOf(call.from)} ${userOf(call.to)}`;
  return isAtOnce && apartUs <= LEGS_US && parties(one.call) === parties(other.call);
}

function userOf(party: string | null): string {
  return party === null ? '' : (/^[a-z]+:([^@;]*)@/i.exec(party)?.[1] ?? party);
}
