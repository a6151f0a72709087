import type { Endpoint } from '../records/types.ts';
import { median } from './delays.ts';
import type { OrderedPair } from './order.ts';
import { factsOf } from './stream-path.ts';
import type { TapFacts } from './tap-facts.ts';
import type { TapStream } from './tap-stream.ts';

/** The longest that a box holds packets up, us: two calls with the same music are not one stream. */
const BOX_US = 500_000;

/**
 * Of all pairs of sights in one capture those that are a way through something. A stream that passed three points is seen on
 * two segments, not three; what an end sends back to where it came from has turned round and not passed.
 */
export function sightsInOrder(pairs: readonly OrderedPair[], facts: readonly TapFacts[]): OrderedPair[] {
  const transit = new Map(pairs.map((each) => [each, median([...each.pair.transitsUs])]));
  const near = pairs.filter((each) => transit.get(each)! <= BOX_US && isPossible(each, facts));
  const from = new Map<TapStream, OrderedPair[]>();
  for (const each of near) from.set(each.pair.a, [...(from.get(each.pair.a) ?? []), each]);
  const steps = near.filter((each) => {
    const { a, b } = each.pair;
    const isThirdBetween = (from.get(a) ?? []).some(
      (step) =>
        step.pair.b !== b &&
        transit.get(step)! <= transit.get(each)! &&
        (from.get(step.pair.b) ?? []).some((next) => next.pair.b === b),
    );
    return !isThirdBetween;
  });
  return steps.filter(({ pair }) => !isReturned(pair.a, pair.b));
}

/** Whether the second can be the first after a box; what is the same by content only may be the same music. */
function isPossible({ pair: { a, b, identity } }: OrderedPair, facts: readonly TapFacts[]): boolean {
  if (isOfOneHost(a.src, b.src) || isOfOneHost(a.dst, b.dst)) return false;
  if (identity === 'content' && isReturned(a, b)) return false;
  const [before, after] = [factsOf(a, facts)?.direction ?? null, factsOf(b, facts)?.direction ?? null];
  return before === null || after === null || before === after;
}

/** One host with two ports has two calls; through a box a stream has a sender of its own, and before it a receiver. */
export function isOfOneHost(one: Endpoint, other: Endpoint): boolean {
  return one.ip === other.ip && one.port !== other.port;
}

function isReturned(a: TapStream, b: TapStream): boolean {
  return a.src.ip === b.dst.ip && a.dst.ip === b.src.ip;
}
