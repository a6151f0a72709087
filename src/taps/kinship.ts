import type { Tap } from './compare-taps.ts';
import { median } from './delays.ts';
import type { Kinship } from './match-streams.ts';
import { factsOf } from './stream-path.ts';
import type { TapFacts } from './tap-facts.ts';
import type { TapStream } from './tap-stream.ts';

const SAME_CALL = 4;
const SAME_DIRECTION = 2;
const OTHER_DIRECTION = -4;
const SAME_ENDPOINT = 2;

/** How much call, direction and endpoints speak for two streams being one. */
export function affinityBy(facts: readonly TapFacts[]): Kinship['affinity'] {
  return (a, b) => {
    const [before, after] = [factsOf(a, facts), factsOf(b, facts)];
    let affinity = 0;
    if (isSame(a.src, b.src)) affinity += SAME_ENDPOINT;
    if (isSame(a.dst, b.dst)) affinity += SAME_ENDPOINT;
    if (before === null || after === null) return affinity;
    if (before.callId !== null && before.callId === after.callId) affinity += SAME_CALL;
    if (before.direction !== null && after.direction !== null)
      affinity += before.direction === after.direction ? SAME_DIRECTION : OTHER_DIRECTION;
    return affinity;
  };
}

function isSame(a: TapStream['src'], b: TapStream['src']): boolean {
  return a.ip === b.ip && a.port === b.port;
}

/** What the clock of the second tap is ahead by, us, from messages seen at both; null without any. */
export function signallingOffset(one: Tap, two: Tap): number | null {
  const apart: number[] = [];
  for (const [key, [first]] of one.reader.messages.sights) {
    const second = two.reader.messages.sights.get(key)?.[0];
    if (first !== undefined && second !== undefined) apart.push(second.timeUs - first.timeUs);
  }
  return apart.length === 0 ? null : median(apart);
}
