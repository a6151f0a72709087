import type { Call, Description } from './call.ts';

/** The newest descriptions stay as they are: their other half, or a copy at the next hop, may still come. */
const NEWEST_KEPT = 16;

/**
 * The descriptions of a call without exchanges that repeat the one before, as the refreshes of session timers do
 * (RFC 4028 7.4): offers and answers of which both say what their sides had said. What rules at any time stays the same.
 */
export function withoutRefreshes(descriptions: Call['descriptions']): Description[] {
  const said = new Map<string, string>();
  const repeats = new Set<Description>();
  const older = descriptions.slice(0, -NEWEST_KEPT);
  for (const description of older) {
    const { side, tag, media, pending, refused, cut } = description;
    if (pending || refused) continue;
    const party = `${side} ${tag}`;
    const text = JSON.stringify(media);
    if (!cut && said.get(party) === text) repeats.add(description);
    said.set(party, text);
  }
  const isWhole = (description: Description): boolean =>
    descriptions.every((other) => !isSameExchange(other, description) || repeats.has(other));
  return descriptions.filter((description) => !repeats.has(description) || !isWhole(description));
}

function isSameExchange(one: Description, other: Description): boolean {
  return one.cseq === other.cseq && one.requester === other.requester;
}
