import { dropOldest } from '../records/oldest.ts';
import { sessionIds } from '../sip/accessors.ts';
import type { Hop } from '../sip/hop.ts';
import { receiverHost, senderHost } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { textDigest } from '../sip/transaction.ts';
import type { Call } from './call.ts';
import type { SignallingOptions } from './options.ts';

/** How two legs of a conversation were told to belong together. */
export type LinkReason = 'header' | 'session_id' | 'media' | 'parties' | 'transfer';

/** The calls that carry one conversation, as a B2BUA or SBC cuts it into legs. */
export interface Conversation {
  /** Id of the call seen first. */
  readonly id: string;
  legs: Leg[];
}

export interface Leg {
  callId: string;
  /** How the leg was linked; null for the first. */
  by: LinkReason | null;
  /** Codec and packet time of each direction, once the leg is over and had media. */
  media: LegMedia | null;
}

export interface LegMedia {
  callerToCallee: LegFormat | null;
  calleeToCaller: LegFormat | null;
}

export interface LegFormat {
  codec: string;
  ptimeMs: number | null;
}

const LEGS_MAX = 16;
/** Values shared by legs that are remembered, and for how long after they were last seen. */
const VALUES_MAX = 32_768;
const VALUE_LIFE_US = 600_000_000;
/** Legs that leave media alone begin within this time of each other; later it is the next call from the same port. */
const MEDIA_WINDOW_US = 10_000_000;
/** Calls being set up that one number may have at one time. */
const SETUPS_MAX = 8;
/** Numbers that are remembered to be called. They go with time; where stamps stand still, the oldest makes room. */
const CALLED_MAX = 32_768;
const VALUE_CHARACTERS_MAX = 256;
/** Characters at the end of a number that must agree: prefixes for lines and countries come and go on the way. */
const NUMBER_END = 6;

/** The call that brought a value first. Its name only: the call itself is soon over, and large. */
interface Shared {
  callId: string;
  number: number;
  timeUs: number;
  conversation: Conversation | null;
}

/** Puts calls of one conversation together, by what their INVITEs and descriptions have in common. */
export class Conversations {
  private readonly shared = new Map<string, Shared>();
  /** Calls being set up, by the end of the called number. */
  private readonly setups = new Map<number, Call[]>();
  private readonly callNamed: (callId: string) => Call | undefined;
  private readonly options: SignallingOptions;

  constructor(options: SignallingOptions, callNamed: (callId: string) => Call | undefined) {
    this.options = options;
    this.callNamed = callNamed;
  }

  /** The first INVITE of a call: looks for the leg it continues. */
  invite(call: Call, message: SipMessage, timeUs: number, hop: Hop | null): void {
    const { headers } = message;
    for (const name of this.options.legHeaders) {
      const value = headers.get(name)?.[0];
      if (value !== undefined) this.byValue(call, name, headerKey(name, value), timeUs);
    }
    if (headers.has('session-id')) {
      for (const id of sessionIds(message))
        this.bySharedValue(call, `session-id ${id}`, timeUs, 'session_id');
    }
    const { replaces } = call.sip.rare;
    if (replaces !== null) {
      const replaced = this.callNamed(replaces);
      if (replaced !== undefined && replaced !== call) this.link(replaced, call, 'transfer');
    }
    if (hop !== null) this.byParties(call, timeUs, hop);
  }

  /**
   * Another call announced the same media endpoint for the same side: a B2BUA that leaves media alone. It sends from
   * a host of its own; the same host with a second call is a telephone that uses its port twice.
   */
  sameMedia(call: Call, other: Call): void {
    const { callerHost } = call.sip;
    if (callerHost === null || other.sip.callerHost === null || callerHost === other.sip.callerHost) return;
    const [earlier, later] = other.number < call.number ? [other, call] : [call, other];
    if (later.firstSeenUs - earlier.firstSeenUs <= MEDIA_WINDOW_US) this.link(earlier, later, 'media');
  }

  /** Forgets what is too old to link anything. */
  sweep(timeUs: number): void {
    for (const [key, calls] of this.setups) {
      const left = calls.filter((call) => timeUs - call.firstSeenUs <= this.options.legWindowUs);
      if (left.length === 0) this.setups.delete(key);
      else if (left.length < calls.length) this.setups.set(key, left);
    }
    for (const [key, { timeUs: seenUs }] of this.shared) {
      if (timeUs - seenUs <= VALUE_LIFE_US) break;
      this.shared.delete(key);
    }
  }

  private byValue(call: Call, name: string, value: string, timeUs: number): void {
    if (value === '' || value.length > VALUE_CHARACTERS_MAX || value === call.callId) return;
    const named = this.callNamed(value);
    if (named !== undefined && named !== call) this.link(named, call, 'header');
    else this.bySharedValue(call, `${name} ${value}`, timeUs, 'header');
  }

  private bySharedValue(call: Call, key: string, timeUs: number, reason: LinkReason): void {
    const { callId, number } = call;
    const known = this.shared.get(key);
    if (known === undefined) {
      if (this.shared.size >= VALUES_MAX) dropOldest(this.shared);
      this.shared.set(key, { callId, number, timeUs, conversation: null });
      return;
    }
    if (known.callId === callId || timeUs - known.timeUs > VALUE_LIFE_US) return;
    const earlier = this.callNamed(known.callId) ?? known;
    this.link(earlier, call, reason);
    known.conversation = call.conversation;
  }

  /**
   * The same parties: this INVITE leaves the host that another one, not answered yet, has just gone to. Without that
   * step from host to host two calls of the same parties are two calls.
   */
  private byParties(call: Call, timeUs: number, hop: Hop): void {
    const called = userOf(call.to);
    const caller = userOf(call.from);
    if (called === null || caller === null) return;
    const key = textDigest(called.slice(-NUMBER_END));
    const sender = senderHost(hop);
    const receiver = receiverHost(hop);
    const setups = this.setups.get(key) ?? [];
    if (setups.length === 0 && this.setups.size >= CALLED_MAX) dropOldest(this.setups);
    for (let i = setups.length - 1; i >= 0; i--) {
      const other = setups[i]!;
      const { callerHost, calleeHost } = other.sip;
      if (timeUs - other.firstSeenUs > this.options.legWindowUs || other.doneUs !== null) continue;
      if (calleeHost !== sender || callerHost === sender || callerHost === receiver) continue;
      if (!isSameUser(userOf(other.to), called) || !isSameUser(userOf(other.from), caller)) continue;
      this.link(other, call, 'parties');
      break;
    }
    setups.push(call);
    if (setups.length > SETUPS_MAX) setups.shift();
    this.setups.set(key, setups);
  }

  /** Brings two calls together: the conversation of the earlier one takes the other in, with what came with it. */
  private link(earlier: Pick<Call, 'callId' | 'number' | 'conversation'>, later: Call, by: LinkReason): void {
    if (later.conversation !== null && later.conversation === earlier.conversation) return;
    // Legs are named by their Call-ID; of two with the same there is nothing to tell.
    if (later.callId === earlier.callId) return;
    earlier.conversation ??= {
      id: `c${earlier.number + 1}`,
      legs: [{ callId: earlier.callId, by: null, media: null }],
    };
    const { conversation } = earlier;
    for (const leg of later.conversation?.legs ?? [{ callId: later.callId, by: null, media: null }]) {
      if (conversation.legs.length >= LEGS_MAX) break;
      if (conversation.legs.some(({ callId }) => callId === leg.callId)) continue;
      conversation.legs.push({ ...leg, by: leg.by ?? by });
      const call = this.callNamed(leg.callId);
      if (call !== undefined) call.conversation = conversation;
    }
  }
}

/** P-Charging-Vector names the call in its `icid-value` (RFC 7315 4.6); other headers with their whole value. */
function headerKey(name: string, value: string): string {
  if (name !== 'p-charging-vector') return value.trim();
  return /(?:^|;)\s*icid-value\s*=\s*"?([^";]+)/i.exec(value)?.[1]?.trim() ?? '';
}

/** The user of a party; null where it has none. */
function userOf(party: string | null): string | null {
  if (party === null) return null;
  const start = party.indexOf(':') + 1;
  const at = party.indexOf('@');
  if (at < 0) return party.startsWith('tel:') ? party.slice(start) : null;
  return party.slice(start, at);
}

/** The same user, or numbers that differ in their prefix only. */
function isSameUser(a: string | null, b: string): boolean {
  if (a === null) return false;
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return (
    short.length >= NUMBER_END &&
    /^\d+$/.test(short.replace(/^\+/, '')) &&
    long.endsWith(short.replace(/^\+/, ''))
  );
}
