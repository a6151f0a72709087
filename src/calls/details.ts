import type { ReasonRecord } from '../records/call-signalling.ts';
import {
  assertedIdentity,
  diversions,
  emergencyService,
  hangupCause,
  historyTargets,
  maxForwards,
  parseReasonHeader,
  replacesOf,
  tellsLocation,
  userAgent,
  warningText,
} from '../sip/accessors.ts';
import { parseSipAddress } from '../sip/address.ts';
import { type Hop, hostPair, receiverHost, senderHost } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { textDigest } from '../sip/transaction.ts';
import type { Call } from './call.ts';
import { noteSessionTimer } from './session-timer.ts';
import { senderOf } from './sides.ts';
import type { Sighting } from './sightings.ts';
import { noteTransfer } from './transfers.ts';

/** Names of programs and devices: text for people, and few of them. */
const AGENT_CHARACTERS_MAX = 128;
const AGENTS_MAX = 1024;
const REASONS_MAX = 4;
const DIVERSIONS_MAX = 8;
const PLACES_MAX = 64;

/** One string for each program, however many calls it makes. */
const agents = new Map<string, string>();

function agentOf(message: SipMessage): string | null {
  const text = userAgent(message)?.slice(0, AGENT_CHARACTERS_MAX) ?? null;
  if (text === null) return null;
  const known = agents.get(text);
  if (known !== undefined) return known;
  if (agents.size >= AGENTS_MAX) agents.clear();
  agents.set(text, text);
  return text;
}

/**
 * Notes what a message says besides the state of the call. Call it after the state has moved on; copies are passed
 * over.
 */
export function noteDetails(
  call: Call,
  message: SipMessage,
  timeUs: number,
  sighting: Sighting,
  hop: Hop | null,
  emergencyNumbers: readonly string[],
): void {
  const isInitial = message.method === 'INVITE' && message.cseq === call.inviteCseq;
  if (message.kind === 'response') {
    if (!sighting.fresh) return;
    noteSessionTimer(call, message, timeUs);
    if (isInitial && senderOf(call, message) === 'callee') noteAnswer(call, message);
    noteTransfer(call, message, timeUs);
    return;
  }
  if (isInitial && message.to?.tag == null) {
    // Every hop counts here: loops and Max-Forwards show on the later ones.
    noteInvite(call, message, hop, emergencyNumbers, sighting.transaction?.copies === 0);
    return;
  }
  if (!sighting.fresh) return;
  if (message.method === 'BYE' && call.endUs === timeUs) noteRelease(call, message, 'BYE');
  else if (message.method === 'CANCEL' && call.canceled) noteRelease(call, message, 'CANCEL');
  else if (message.method === 'PRACK') call.sip.reliableProvisional = true;
  else noteTransfer(call, message, timeUs);
}

function noteInvite(
  call: Call,
  message: SipMessage,
  hop: Hop | null,
  emergencyNumbers: readonly string[],
  original: boolean,
): void {
  const { sip } = call;
  const forwards = maxForwards(message);
  if (sip.transport === null) {
    sip.transport = message.via[0]?.transport ?? null;
    sip.callerAgent = agentOf(message);
    sip.firstMaxForwards = forwards;
    sip.lowestMaxForwards = forwards;
    sip.replaces = replacesOf(message)?.callId ?? null;
    noteDiversions(call, message);
    if (hop !== null) {
      sip.callerHost = senderHost(hop);
      sip.calleeHost = receiverHost(hop);
    }
    const target = parseSipAddress(message.requestUri ?? '');
    const targetParty = partyOf(target);
    if (targetParty !== call.to) sip.target = targetParty;
    const service =
      emergencyService(message.requestUri ?? '', target?.user ?? null, emergencyNumbers) ??
      emergencyService(message.to?.uri ?? '', message.to?.user ?? null, emergencyNumbers);
    if (service !== null) sip.emergency = { service, location: tellsLocation(message) };
  }
  sip.assertedIdentity ??= partyOf(assertedIdentity(message));
  if (forwards !== null && forwards < (sip.lowestMaxForwards ?? 256)) sip.lowestMaxForwards = forwards;
  if (original && hop !== null) notePlace(call, message, hop, forwards);
}

/** The same INVITE on its way to the same target between the same hosts, with fewer hops left: it goes in circles. */
function notePlace(call: Call, message: SipMessage, hop: Hop, forwards: number | null): void {
  const { sip } = call;
  if (forwards === null) return;
  const place = textDigest(message.requestUri ?? '', hostPair(hop)) ^ message.cseq;
  sip.places ??= [];
  for (let i = 0; i < sip.places.length; i += 2) {
    if (sip.places[i] !== place) continue;
    if (sip.places[i + 1]! > forwards) {
      sip.places[i + 1] = forwards;
      sip.loops++;
    }
    return;
  }
  if (sip.places.length < PLACES_MAX) sip.places.push(place, forwards);
}

function noteDiversions(call: Call, message: SipMessage): void {
  const found = diversions(message, DIVERSIONS_MAX).map(({ address, reason }) => {
    const party = partyOf(address) ?? '';
    return reason === null ? party : `${party} (${reason})`;
  });
  if (found.length === 0) {
    for (const target of historyTargets(message, DIVERSIONS_MAX)) found.push(partyOf(target) ?? '');
  }
  if (found.length > 0) call.sip.diversions = found;
}

function noteAnswer(call: Call, message: SipMessage): void {
  const { sip } = call;
  const status = message.status ?? 0;
  if (status <= 100) return;
  // Who answers is worth more than who rang first.
  if (sip.calleeAgent === null || status < 300) sip.calleeAgent = agentOf(message) ?? sip.calleeAgent;
  if (status < 200) return;
  if (status >= 300 && status < 400) {
    sip.redirectedTo ??= [];
    for (const contact of message.contact.slice(0, DIVERSIONS_MAX)) {
      const party = partyOf(contact);
      if (party !== null && !sip.redirectedTo.includes(party)) sip.redirectedTo.push(party);
    }
  }
  if (call.finalCode !== status) return;
  sip.reasonPhrase = message.reasonPhrase === '' ? null : (message.reasonPhrase?.slice(0, 128) ?? null);
  sip.warning = warningText(message);
  if (status >= 300 && sip.release?.method !== 'CANCEL') noteRelease(call, message, 'response');
}

function noteRelease(call: Call, message: SipMessage, method: 'BYE' | 'CANCEL' | 'response'): void {
  const reasons: ReasonRecord[] = parseReasonHeader(message.headers.get('reason') ?? []).slice(
    0,
    REASONS_MAX,
  );
  call.sip.release = { method, reasons, q850Cause: hangupCause(message, reasons) };
}
