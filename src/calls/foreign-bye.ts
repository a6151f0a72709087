import { parseAddress, sourceIp } from '../packet/address.ts';
import { parseSipAddress } from '../sip/address.ts';
import { type Hop, hostDigest, receiverHost, senderHost } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Call, Side } from './call.ts';
import { senderOf } from './sides.ts';
import { rarely } from './sip-facts.ts';

/** Hosts of one call that are remembered; of a call with more, or with messages of unknown hosts, nothing is said. */
const HOSTS_MAX = 16;

/** A BYE from a host that had no part in the call. */
export interface ForeignBye {
  timeUs: number;
  cseq: number;
  /** The host, and in whose name it speaks. */
  source: string;
  side: Side;
  /** That side went on as if it had not hung up: it sent media for so long, ms, or another request. */
  disproved: 'media' | 'request' | null;
}

/**
 * Notes the hosts of a call, message by message: between which they pass, and those that Via, Contact, Record-Route and
 * Route name by address. A BYE from none of them is remembered. Call it before the state of the call moves on.
 */
export function noteHosts(call: Call, message: SipMessage, timeUs: number, hop: Hop | null): void {
  const { sip } = call;
  if (hop === null) {
    sip.hosts = null;
    return;
  }
  if (sip.hosts === null) return;
  const { foreignBye } = sip.rare;
  // Neither it nor its answers make its sender known.
  if (foreignBye !== null && message.method === 'BYE' && message.cseq === foreignBye.cseq) return;
  if (message.method === 'BYE' && isStranger(call, message, hop)) {
    const source = sourceIp(hop);
    const side = senderOf(call, message);
    rarely(call).foreignBye = { timeUs, cseq: message.cseq, source, side, disproved: null };
    return;
  }
  for (const host of hostsOf(message, hop)) {
    if (sip.hosts.includes(host)) continue;
    if (sip.hosts.length >= HOSTS_MAX) {
      sip.hosts = null;
      return;
    }
    sip.hosts = [...sip.hosts, host];
  }
}

function isStranger({ sip, inviteUs, doneUs }: Call, { kind }: SipMessage, hop: Hop): boolean {
  // Who has a part in a call that began before the capture is not known.
  if (kind !== 'request' || inviteUs === null || doneUs !== null || sip.rare.foreignBye !== null)
    return false;
  return !sip.hosts!.includes(senderHost(hop));
}

function* hostsOf({ method, via, contact, headers }: SipMessage, hop: Hop): Generator<number> {
  yield senderHost(hop);
  yield receiverHost(hop);
  // What sets a dialog up says where its requests come from and go to.
  if (method !== 'INVITE' && method !== 'UPDATE') return;
  for (const { host, received } of via) yield* digestOf(received ?? host);
  for (const { host } of contact) yield* digestOf(host);
  for (const name of ['record-route', 'route'])
    for (const value of headers.get(name) ?? []) yield* digestOf(parseSipAddress(value)?.host ?? null);
}

function* digestOf(host: string | null): Generator<number> {
  const words = host === null ? null : parseAddress(host);
  if (words !== null) yield hostDigest(words);
}

/** Is this a request of the very side that a foreign BYE speaks for: another one, from a host of the call? */
function isOwnRequest(call: Call, message: SipMessage, hop: Hop | null): boolean {
  const { hosts, rare } = call.sip;
  if (rare.foreignBye === null || hosts === null || hop === null) return false;
  if (message.kind !== 'request' || message.method === 'ACK' || message.method === 'CANCEL') return false;
  const { cseq, side } = rare.foreignBye;
  return message.cseq > cseq && senderOf(call, message) === side && hosts.includes(senderHost(hop));
}

/** Who has hung up sends no further request: one that does has not. Call it before the state of the call moves on. */
export function doubtByRequest(call: Call, message: SipMessage, hop: Hop | null): void {
  if (isBelieved(call) && isOwnRequest(call, message, hop)) reopen(call, 'request');
}

/**
 * Who has hung up sends no media: a side that goes on for `afterEndMs` has not.
 * @param lastUs the newest packet of a stream being measured
 */
export function doubtByMedia(call: Call, afterEndMs: number, lastUs: (slot: number) => number): void {
  if (!isBelieved(call)) return;
  const { timeUs, side } = call.sip.rare.foreignBye!;
  const isLate = (us: number): boolean => us - timeUs >= afterEndMs * 1000;
  const own = ({ fromCaller }: { fromCaller: boolean }): boolean => fromCaller === (side === 'caller');
  const goesOn =
    call.bound.some((stream) => own(stream) && isLate(lastUs(stream.slot))) ||
    call.ended.some((stream) => own(stream) && isLate(stream.measurement.endUs));
  if (goesOn) reopen(call, 'media');
}

/** Does the call count as over because of a foreign BYE? */
function isBelieved({ doneUs, sip }: Call): boolean {
  const { foreignBye } = sip.rare;
  return foreignBye !== null && foreignBye.disproved === null && doneUs === foreignBye.timeUs;
}

function reopen(call: Call, disproved: 'media' | 'request'): void {
  const rare = rarely(call);
  rare.foreignBye = { ...rare.foreignBye!, disproved };
  rare.reasons = [];
  rare.q850Cause = null;
  call.sip.releaseMethod = null;
  call.endUs = null;
  call.doneUs = null;
  call.releasedBy = null;
}
