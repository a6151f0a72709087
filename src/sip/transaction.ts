/**
 * Transactions as a tap sees them (RFC 3261 17): a request, its copies, and what answered it. A response belongs to
 * the request with the same topmost Via branch and CSeq (17.1.3). The same request on the next hop has another
 * branch and is another transaction.
 */
import type { SipMessage } from './message.ts';

/** One transaction. Offsets are microseconds after `firstUs`; null is "not seen". */
export interface Transaction {
  readonly method: string;
  readonly cseq: number;
  /** Digest of the topmost Via: the branch, or the sender's address where there is none (RFC 2543). */
  readonly branch: number;
  /** Whether the sender is the side that set the call up. */
  readonly fromCaller: boolean;
  /** To had a tag: sent within a dialog. */
  readonly inDialog: boolean;
  /** The transport delivers by itself (TCP, TLS, WebSocket): nothing is sent twice but a 2xx. */
  readonly reliable: boolean;
  /** First transmission. */
  readonly firstUs: number;
  /** What timers sent again; null while that is nothing. */
  repeats: Repeats | null;
  /** First response of any kind. */
  responseOffset: number | null;
  /** First final response. */
  finalOffset: number | null;
  /** Of the final response, before that the highest of a provisional one; 0 without any. */
  status: number;
  /** An INVITE's final response was acknowledged. */
  acked: boolean;
}

/** Transmissions after the first that timers caused. Copies made by a mirror or on the next hop are none. */
export interface Repeats {
  /** Requests, and those of them after a response had passed the tap: the sender did not get it. */
  copies: number;
  copiesAfterResponse: number;
  /** The newest transmission of the request. */
  lastOffset: number;
  /** First distance, which shows T1 of the sender, us; 0 without one. */
  firstGap: number;
  /** Every distance between two transmissions doubled the last one or had reached T2 (17.1.1.2, 17.1.2.2). */
  doubling: boolean;
  /** Where the request went, `address:port`. */
  target: string | null;
  /** Final responses (13.3.1.4, 17.2.1), those of them after an ACK had passed, and the newest. */
  finalCopies: number;
  finalCopiesAfterAck: number;
  finalLastOffset: number;
}

const NO_REPEATS: Readonly<Repeats> = Object.freeze({
  copies: 0,
  copiesAfterResponse: 0,
  lastOffset: 0,
  firstGap: 0,
  doubling: true,
  target: null,
  finalCopies: 0,
  finalCopiesAfterAck: 0,
  finalLastOffset: 0,
});

/** What timers sent again of a transaction, to be read. */
export function repeatsOf({ repeats }: Transaction): Readonly<Repeats> {
  return repeats ?? NO_REPEATS;
}

/**
 * Closer than this a second sighting is no timer's work: T1 is 500 ms, seldom set below 100 ms. It is a copy of the
 * mirror, or the same packet before and behind a router.
 */
const TIMER_MIN_US = 80_000;
const T2_US = 4_000_000;
/** Most transactions kept of one call: requests answered at once give way first. */
const KEPT_MAX = 24;

/** Methods whose names are not worth a string each. */
const METHODS = new Map(
  [
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'PRACK',
    'UPDATE',
    'INFO',
    'REFER',
    'NOTIFY',
    'MESSAGE',
    'OPTIONS',
    'REGISTER',
    'SUBSCRIBE',
    'PUBLISH',
  ].map((name) => [name, name]),
);

/** FNV-1a over the characters of a text, 32 bit, continued from `seed`. */
export function textDigest(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** What names the transaction of a message on its hop, besides CSeq. */
export function branchDigest(message: SipMessage): number {
  const top = message.via[0];
  if (top === undefined) return 0;
  return top.branch === null ? textDigest(top.host, top.port ?? 5060) : textDigest(top.branch);
}

/** The transaction a message belongs to; ACK and CANCEL are not looked up here. */
export function findTransaction(list: readonly Transaction[], message: SipMessage): Transaction | null {
  const branch = branchDigest(message);
  // The newest are the likeliest.
  for (let i = list.length - 1; i >= 0; i--) {
    const known = list[i]!;
    if (known.branch === branch && known.cseq === message.cseq && known.method === message.method)
      return known;
  }
  return null;
}

/** The transaction that a request seen for the first time begins. */
export function openTransaction(message: SipMessage, fromCaller: boolean, timeUs: number): Transaction {
  const transport = message.via[0]?.transport ?? 'UDP';
  return {
    method: METHODS.get(message.method) ?? message.method,
    cseq: message.cseq,
    branch: branchDigest(message),
    fromCaller,
    inDialog: message.to?.tag != null,
    reliable: transport !== 'UDP',
    firstUs: timeUs,
    repeats: null,
    responseOffset: null,
    finalOffset: null,
    status: 0,
    acked: false,
  };
}

/**
 * The list with one more transaction; of too many, the oldest that went well is forgotten, or else the oldest. A new
 * list each time is no larger than it has to be.
 */
export function keepTransaction(list: readonly Transaction[], transaction: Transaction): Transaction[] {
  if (list.length < KEPT_MAX) return list.concat(transaction);
  const smooth = list.findIndex((each) => each.finalOffset !== null && each.repeats === null);
  const given = Math.max(0, smooth);
  return [...list.slice(0, given), ...list.slice(given + 1), transaction];
}

/**
 * A request was seen again.
 * @returns whether a timer sent it again; false for a mere copy
 */
export function repeatRequest(transaction: Transaction, timeUs: number): boolean {
  const offset = timeUs - transaction.firstUs;
  const gap = offset - repeatsOf(transaction).lastOffset;
  if (gap < TIMER_MIN_US || transaction.reliable) return false;
  transaction.repeats ??= { ...NO_REPEATS };
  const { repeats } = transaction;
  if (repeats.copies === 0) repeats.firstGap = gap;
  else if (!continuesTimer(gap, repeats)) repeats.doubling = false;
  repeats.copies++;
  if (transaction.responseOffset !== null) repeats.copiesAfterResponse++;
  repeats.lastOffset = offset;
  return true;
}

/**
 * Is a gap the next of its timer: T1 doubled once more than the last, or T2, within a quarter? Copies may be missing
 * from the capture: then it is the sum of two or three such gaps.
 */
function continuesTimer(gap: number, { firstGap, copies }: Repeats): boolean {
  let pause = firstGap * 2 ** copies;
  let due = pause;
  for (let missing = 0; missing < 3; missing++) {
    if (isAbout(gap, due) || isAbout(gap, T2_US * (missing + 1))) return true;
    pause *= 2;
    due += pause;
  }
  return false;
}

function isAbout(gap: number, due: number): boolean {
  return gap > due * 0.75 && gap < due * 1.25;
}

/** What a response was to its transaction. */
export type ResponseSighting = 'first' | 'later' | 'repeated' | 'copy';

/**
 * A response of a transaction was seen: `first` final one, a `later` provisional one or another final one,
 * `repeated` by a timer, or a mere `copy`.
 */
export function takeResponse(transaction: Transaction, status: number, timeUs: number): ResponseSighting {
  const offset = timeUs - transaction.firstUs;
  transaction.responseOffset ??= offset;
  if (status < 200) {
    if (transaction.finalOffset === null && status > transaction.status) transaction.status = status;
    return 'later';
  }
  if (transaction.finalOffset === null) {
    transaction.finalOffset = offset;
    transaction.status = status;
    return 'first';
  }
  if (status !== transaction.status) return 'later';
  const newest =
    repeatsOf(transaction).finalCopies > 0 ? transaction.repeats!.finalLastOffset : transaction.finalOffset;
  if (offset - newest < TIMER_MIN_US) return 'copy';
  transaction.repeats ??= { ...NO_REPEATS };
  transaction.repeats.finalLastOffset = offset;
  transaction.repeats.finalCopies++;
  if (transaction.acked) transaction.repeats.finalCopiesAfterAck++;
  return 'repeated';
}

/** Does nothing but a 100, which the next hop says, answer a request yet? */
export function isUnanswered(transaction: Transaction): boolean {
  return transaction.finalOffset === null && transaction.status <= 100;
}

/** Timers B and F: 64 * T1. */
export const TRANSACTION_TIMEOUT_US = 32_000_000;
