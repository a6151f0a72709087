import { neutralised } from '../report/wire-text.ts';
import { AS_IT_IS, type LineChange, type LineCover, messageChanges } from './message-changes.ts';
import type { MessageLog, MessageSight } from './message-log.ts';
import type { SightPair } from './signalling-order.ts';

/** Lines rewritten on the way from one point to the next, of all messages together. */
export interface Rewrite {
  part: LineChange['part'];
  name: string;
  kind: LineChange['kind'];
  usual: boolean;
  /** Messages in which it was. */
  messages: number;
  /** The first few different ones. */
  examples: {
    callId: string;
    message: string;
    firstTap: number;
    secondTap: number;
    first: string | null;
    second: string | null;
  }[];
}

/** What became of signalling between the points. */
export interface SignallingChanges {
  /** Messages seen at two points. */
  compared: number;
  /** Seen at one tap only, by tap; in one capture: at one point only. */
  onlyAt: number[];
  /** Via headers that requests gained, most often; null without a request. A box that adds none is no SIP proxy. */
  viaAdded: number | null;
  rewrites: Rewrite[];
}

const EXAMPLES_MAX = 8;
/** Kinds of rewritten lines that are listed. */
const REWRITES_MAX = 200;

/**
 * Compares each message at one point with the same at the other.
 *
 * @param pairs messages in the order they passed the points
 * @param onlyAt messages seen at one point only, by tap
 * @param cover how lines are shown
 */
export function signallingChanges(
  pairs: readonly SightPair[],
  onlyAt: number[],
  cover: LineCover = AS_IT_IS,
): SignallingChanges {
  const rewrites = new Map<string, Rewrite>();
  const vias = new Map<number, number>();
  for (const [first, second] of pairs) {
    if (first.message.kind === 'request') {
      const added = second.message.via.length - first.message.via.length;
      vias.set(added, (vias.get(added) ?? 0) + 1);
    }
    const counted = new Set<Rewrite>();
    for (const each of messageChanges(first.message, second.message, cover))
      counted.add(note(rewrites, each, first, second, cover));
    for (const rewrite of counted) rewrite.messages++;
  }
  const viaAdded = [...vias].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? null;
  const sorted = [...rewrites.values()].sort(
    (a, b) => Number(a.usual) - Number(b.usual) || b.messages - a.messages,
  );
  return { compared: pairs.length, onlyAt, viaAdded, rewrites: sorted.slice(0, REWRITES_MAX) };
}

/** Messages that only one point saw: of one capture their number, of two taps one for each. */
export function seenOnce(logs: readonly MessageLog[]): number[] {
  const [a, b] = logs;
  if (b === undefined) return [[...a!.sights.values()].filter((sights) => sights.length === 1).length];
  const missing = (one: MessageLog, other: MessageLog): number =>
    [...one.sights.keys()].filter((key) => !other.sights.has(key)).length;
  return [missing(a!, b), missing(b, a!)];
}

function note(
  rewrites: Map<string, Rewrite>,
  each: LineChange,
  from: MessageSight,
  to: MessageSight,
  cover: LineCover,
): Rewrite {
  const { part, name, kind, usual } = each;
  const key = `${part} ${name} ${kind}`;
  const rewrite = rewrites.get(key) ?? {
    ...{ part, name: neutralised(cover.name(part, name)), kind, usual },
    messages: 0,
    examples: [],
  };
  rewrites.set(key, rewrite);
  const { method, status, callId } = from.message;
  const first = safe(each.first);
  const second = safe(each.second);
  const isKnown = rewrite.examples.some((known) => known.first === first && known.second === second);
  if (isKnown || rewrite.examples.length >= EXAMPLES_MAX) return rewrite;
  const message = neutralised(status === null ? method : `${status} ${method}`);
  const taps = { firstTap: from.tap + 1, secondTap: to.tap + 1 };
  rewrite.examples.push({ callId: neutralised(callId), message, ...taps, first, second });
  return rewrite;
}

function safe(text: string | null): string | null {
  return text === null ? null : neutralised(text);
}
