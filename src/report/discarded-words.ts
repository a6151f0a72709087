import { NOT_KEPT, type NotKept, notKept, SHED_NAMES } from '../records/not-kept.ts';
import { counted } from './amounts.ts';

/** What was discarded, in two: what could not be decoded, and what was decoded and not kept. */
export interface DiscardedWords {
  /** Reasons and how often, the most frequent first. */
  undecoded: readonly (readonly [reason: string, count: number])[];
  /** What was not kept and what is missing for it, the gravest first. */
  notKept: readonly string[];
}

/** Takes `capture.discarded` apart. What was left out to keep up stands among the reasons to doubt the capture. */
export function discardedWords(discarded: Readonly<Record<string, number>>): DiscardedWords {
  const shed: readonly string[] = SHED_NAMES;
  const undecoded = Object.entries(discarded)
    .filter(([name, count]) => count > 0 && notKept(name) === null && !shed.includes(name))
    .sort((a, b) => b[1] - a[1]);
  const kinds: readonly (readonly [string, NotKept])[] = Object.entries(NOT_KEPT);
  const lines = kinds.flatMap(([name, { noun, of, missing }]) => {
    const count = discarded[name] ?? 0;
    return count > 0 ? [`${counted(count, noun)} ${of}: ${missing} [${name}]`] : [];
  });
  return { undecoded, notKept: lines };
}
