import { type Drift, undrifted } from './delays.ts';
import type { MessageLog, MessageSight } from './message-log.ts';

/** A message at the point it passed first, and at the other. */
export type SightPair = readonly [first: MessageSight, second: MessageSight];

/**
 * What the clock of the second tap may be ahead of the first by, us: no more than a message takes from the first to the
 * second, no less than it takes back.
 */
export interface OffsetBounds {
  mostUs: number;
  leastUs: number;
}

/** Messages that both taps saw, and what their times say of the clocks. */
export interface SignallingOrder {
  decided: SightPair[];
  /** Those without a request or an answer to hold against: the sight at the first tap comes first. */
  undecided: SightPair[];
  bounds: OffsetBounds;
}

/** Neighbours in time of the sights of each message of one capture. */
export function sightPairsOfOne({ sights }: MessageLog): SightPair[] {
  return [...sights.values()].flatMap((all) => {
    const sorted = [...all].sort((a, b) => a.timeUs - b.timeUs);
    return sorted.slice(1).map((second, at) => [sorted[at]!, second] as const);
  });
}

interface Transaction {
  requests: SightPair[];
  responses: SightPair[];
}

/**
 * Which tap each message passed first, where clocks differ: what goes from the first tap to the second takes longer by the
 * two clocks than what goes back, so a request is held against the answers of its transaction.
 */
export function signallingOrder(a: MessageLog, b: MessageLog, drift: Drift): SignallingOrder {
  const order: SignallingOrder = {
    decided: [],
    undecided: [],
    bounds: { mostUs: Number.POSITIVE_INFINITY, leastUs: Number.NEGATIVE_INFINITY },
  };
  for (const { requests, responses } of transactionsOf(a, b)) {
    const there = least(requests, drift);
    const back = least(responses, drift);
    // Of no duration either way, or not answered at both: nothing follows.
    if (!Number.isFinite(there) || !Number.isFinite(back) || there === back) {
      order.undecided.push(...requests, ...responses);
      continue;
    }
    const requestsGoOn = there > back;
    const [forth, returned] = requestsGoOn ? [requests, responses] : [responses, requests];
    order.decided.push(...forth, ...returned.map(([first, second]) => [second, first] as const));
    order.bounds.mostUs = Math.min(order.bounds.mostUs, Math.max(there, back));
    for (const pair of returned) order.bounds.leastUs = Math.max(order.bounds.leastUs, transit(pair, drift));
  }
  return order;
}

/** Messages that nothing is known of but the offset of the clocks, ms; without it the first tap comes first. */
export function byOffset(pairs: readonly SightPair[], offsetMs: number | null, drift: Drift): SightPair[] {
  return pairs.map((pair) => {
    const [first, second] = pair;
    return offsetMs === null || transit(pair, drift) >= offsetMs * 1000 ? pair : [second, first];
  });
}

/** By Call-ID, CSeq and method; an ACK belongs to its INVITE. */
function transactionsOf(a: MessageLog, b: MessageLog): Iterable<Transaction> {
  const transactions = new Map<string, Transaction>();
  for (const [key, [first]] of a.sights) {
    const second = b.sights.get(key)?.[0];
    if (first === undefined || second === undefined) continue;
    const { callId, cseq, method, kind } = first.message;
    const name = `${callId} ${cseq} ${method === 'ACK' ? 'INVITE' : method}`;
    const transaction = transactions.get(name) ?? { requests: [], responses: [] };
    transactions.set(name, transaction);
    (kind === 'request' ? transaction.requests : transaction.responses).push([first, second]);
  }
  return transactions.values();
}

function transit([first, second]: SightPair, drift: Drift): number {
  return undrifted(second.timeUs - first.timeUs, first.timeUs, drift);
}

function least(pairs: readonly SightPair[], drift: Drift): number {
  return pairs.reduce((low, pair) => Math.min(low, transit(pair, drift)), Number.POSITIVE_INFINITY);
}
