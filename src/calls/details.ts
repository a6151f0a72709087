import { destinationIp, sourceIp } from '../packet/address.ts';
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
import { noteMarking } from './marking.ts';
import type { SignallingOptions } from './options.ts';
import { noteSessionTimer } from './session-timer.ts';
import { senderOf } from './sides.ts';
import type { Sighting } from './sightings.ts';
import { type ReleaseMethod, rarely } from './sip-facts.ts';
import { noteTransfer } from './transfers.ts';

/** Names of programs and devices, reasons: text for people, and few different ones. */
const TEXT_CHARACTERS_MAX = 128;
const TEXTS_MAX = 1024;
const REASONS_MAX = 4;
const DIVERSIONS_MAX = 8;
const PLACES_MAX = 64;

/** One string for each program, transport or phrase, however many calls name it. */
const shared = new Map<string, string>();

function sharedText(text: string | null | undefined): string | null {
  if (text == null || text === '') return null;
  const clipped = text.slice(0, TEXT_CHARACTERS_MAX);
  const known = shared.get(clipped);
  if (known !== undefined) return known;
  if (shared.size >= TEXTS_MAX) shared.clear();
  shared.set(clipped, clipped);
  return clipped;
}

/**
 * Notes what a message says besides the state of the call. Call it after the state has moved on; of copies only the
 * marking counts.
 */
export function noteDetails(
  call: Call,
  message: SipMessage,
  timeUs: number,
  sighting: Sighting,
  hop: Hop | null,
  options: Pick<SignallingOptions, 'emergencyNumbers' | 'keptHeaders'>,
): void {
  noteMarking(call, message, hop);
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
    noteInvite(call, message, hop, options, sighting.transaction?.repeats === null);
    return;
  }
  if (!sighting.fresh) return;
  if (message.method === 'BYE' && call.endUs === timeUs) noteRelease(call, message, 'BYE');
  else if (message.method === 'CANCEL' && call.canceled) noteRelease(call, message, 'CANCEL');
  else if (message.method === 'PRACK') rarely(call).reliableProvisional = true;
  else noteTransfer(call, message, timeUs);
}

function noteInvite(
  call: Call,
  message: SipMessage,
  hop: Hop | null,
  { emergencyNumbers, keptHeaders }: Pick<SignallingOptions, 'emergencyNumbers' | 'keptHeaders'>,
  original: boolean,
): void {
  const { sip } = call;
  const forwards = maxForwards(message);
  if (sip.transport === null) {
    sip.transport = sharedText(message.via[0]?.transport);
    sip.callerAgent = sharedText(userAgent(message));
    sip.firstMaxForwards = forwards;
    sip.lowestMaxForwards = forwards;
    const replaces = replacesOf(message);
    if (replaces !== null) rarely(call).replaces = replaces.callId;
    noteDiversions(call, message);
    noteHeaders(call, message, keptHeaders);
    if (hop !== null) {
      sip.input = hop.input;
      sip.callerHost = senderHost(hop);
      sip.calleeHost = receiverHost(hop);
      sip.source = sharedText(sourceIp(hop));
      sip.destination = sharedText(destinationIp(hop));
    }
    const target = parseSipAddress(message.requestUri ?? '');
    const targetParty = partyOf(target);
    if (targetParty !== call.to) rarely(call).target = targetParty;
    const service =
      emergencyService(message.requestUri ?? '', target?.user ?? null, emergencyNumbers) ??
      emergencyService(message.to?.uri ?? '', message.to?.user ?? null, emergencyNumbers);
    if (service !== null) rarely(call).emergency = { service, location: tellsLocation(message) };
  }
  const asserted = sip.rare.assertedIdentity === null ? assertedIdentity(message) : null;
  if (asserted !== null) rarely(call).assertedIdentity = partyOf(asserted);
  if (forwards !== null && forwards < (sip.lowestMaxForwards ?? 256)) sip.lowestMaxForwards = forwards;
  if (original && hop !== null) notePlace(call, message, hop, forwards);
}

/** The same INVITE on its way to the same target between the same hosts, with fewer hops left: it goes in circles. */
function notePlace(call: Call, message: SipMessage, hop: Hop, forwards: number | null): void {
  const { sip } = call;
  if (forwards === null) return;
  const place = textDigest(message.requestUri ?? '', hostPair(hop)) ^ message.cseq;
  if (sip.firstPlace === null) {
    sip.firstPlace = place;
    return;
  }
  const { places } = sip.rare;
  const at = place === sip.firstPlace ? -1 : places.findIndex((each, i) => i % 2 === 0 && each === place);
  const earlier = place === sip.firstPlace ? sip.firstMaxForwards : places[at + 1];
  const known = place === sip.firstPlace || at >= 0;
  if (known && earlier != null && earlier > forwards) rarely(call).loops++;
  if (!known && places.length < PLACES_MAX) rarely(call).places = [...places, place, forwards];
}

function noteHeaders(call: Call, message: SipMessage, names: readonly string[]): void {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = sharedText(message.headers.get(name)?.[0]);
    if (value !== null) found[name] = value;
  }
  if (Object.keys(found).length > 0) rarely(call).headers = found;
}

function noteDiversions(call: Call, message: SipMessage): void {
  if (!message.headers.has('diversion') && !message.headers.has('history-info')) return;
  const found = diversions(message, DIVERSIONS_MAX).map(({ address, reason }) => {
    const party = partyOf(address) ?? '';
    return reason === null ? party : `${party} (${reason})`;
  });
  if (found.length === 0) {
    for (const target of historyTargets(message, DIVERSIONS_MAX)) found.push(partyOf(target) ?? '');
  }
  if (found.length > 0) rarely(call).diversions = found;
}

function noteAnswer(call: Call, message: SipMessage): void {
  const { sip } = call;
  const status = message.status ?? 0;
  if (status <= 100) return;
  // Who answers is worth more than who rang first.
  if (sip.calleeAgent === null || status < 300)
    sip.calleeAgent = sharedText(userAgent(message)) ?? sip.calleeAgent;
  if (status < 200) return;
  if (status >= 300 && status < 400) {
    const rare = rarely(call);
    const parties = message.contact.map(partyOf).filter((party) => party !== null);
    rare.redirectedTo = [...new Set([...rare.redirectedTo, ...parties])].slice(0, DIVERSIONS_MAX);
  }
  if (call.finalCode !== status) return;
  sip.reasonPhrase = sharedText(message.reasonPhrase);
  const warning = warningText(message);
  if (warning !== null) rarely(call).warning = warning;
  if (status >= 300 && sip.releaseMethod !== 'CANCEL') noteRelease(call, message, 'response');
}

function noteRelease(call: Call, message: SipMessage, method: ReleaseMethod): void {
  call.sip.releaseMethod = method;
  const values = message.headers.get('reason');
  const reasons = values === undefined ? [] : parseReasonHeader(values).slice(0, REASONS_MAX);
  const q850Cause = hangupCause(message, reasons);
  if (reasons.length === 0 && q850Cause === null && call.sip.rare.reasons.length === 0) return;
  const rare = rarely(call);
  rare.reasons = reasons;
  rare.q850Cause = q850Cause;
}
