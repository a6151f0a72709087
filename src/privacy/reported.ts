import { maskNote, onOctets } from './notes.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { agentText } from './sip-text.ts';
import { maskText } from './text.ts';

/*
 * Records as reports print them. What came from the wire is known by the name of its property; every other text is one of
 * ours, in which names may be quoted.
 */

type Mask = (names: Pseudonyms, text: string) => string;

/** A URI, or what stands in its place: then every word of it is a name. */
const party: Mask = (names, text) =>
  maskText(names, text, /^[a-z][a-z0-9+.-]*:/i.test(text) ? 'wire' : 'names');
const wire: Mask = (names, text) => maskText(names, text, 'wire');
const quoted: Mask = (names, text) => maskText(names, text, 'quoted');
const asIs: Mask = (_, text) => text;
const name: Mask = (names, text) => maskText(names, text, 'names');
const agent: Mask = agentText;
/** Figures and codes stay. */
const field: Mask = (names, text) => (/^[A-Za-z]{0,4}[\d.,:;%/ -]*$/.test(text) ? text : wire(names, text));
/** Of payload formats, whose figures are rates. */
const format: Mask = (names, text) =>
  text.replace(/[A-Za-z][A-Za-z0-9]*/g, (part) => names.word(part, 'wire'));
const host: Mask = (names, text) =>
  /[A-Za-z]/.test(text) && !text.includes(':') && text.includes('.') ? names.host(text) : wire(names, text);

/** What a trunk of no group goes by. */
const HOST_NAME = /^(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*$/;
/** The name of a group, parts of which may be taken from the wire. */
const group: Mask = (names, text) => (HOST_NAME.test(text) ? names.host(text) : maskNote(names, text));

const BY_PROPERTY: Readonly<Record<string, Mask>> = {
  ...{ callId: wire, retryOf: wire, retriedAs: wire, replaces: wire, legs: wire },
  ...{
    from: party,
    to: party,
    party,
    parties: party,
    aor: party,
    contact: party,
    earlierContact: party,
    target: party,
    assertedIdentity: party,
  },
  ...{ further: party, diversions: party, redirectedTo: party, user: party, uri: party },
  ...{ localId: party, remoteId: party, originId: party, localGroup: name, remoteGroup: name },
  ...{ reasonPhrase: quoted, goodbyeReason: quoted, reasonText: quoted, applications: quoted, service: asIs },
  ...{ cname: name, caller: agent, callee: agent, userAgent: agent, earlierUserAgent: agent },
  ...{
    ip: host,
    src: host,
    dst: host,
    srcIp: host,
    dstIp: host,
    host,
    hosts: host,
    source: host,
    earlierSource: host,
  },
  ...{ destination: host, address: host, addresses: host, shared: host },
  ...{ codec: format, codecs: format, encoder: format, decoder: format, algorithm: format, protocol: format },
  ...{ site: group, trunk: group },
  // Words of the contract.
  ...{
    id: asIs,
    code: asIs,
    codes: asIs,
    verdict: asIs,
    severity: asIs,
    state: asIs,
    direction: asIs,
    findings: asIs,
  },
  ...{
    // Whoever asked for the report named it.
    point: asIs,
    streams: asIs,
    streamId: asIs,
    conversationId: asIs,
    ssrc: asIs,
    flags: asIs,
    model: asIs,
    codecRow: asIs,
  },
  ...{
    scale: asIs,
    playout: asIs,
    format: asIs,
    linkTypes: asIs,
    method: asIs,
    transport: asIs,
    outcome: asIs,
  },
  ...{ releasedBy: asIs, topReason: asIs, clockRateSource: asIs, encapsulation: asIs, errorCorrection: asIs },
};
/** Of objects whose properties are named on the wire. */
const INSIDE: Readonly<Record<string, Mask>> = {
  headers: wire,
  fields: field,
  labels: group,
};
/** Measurements behind a finding: their names are ours, and mean other things. */
const OURS = new Set(['evidence', 'setup', 'jitterMs', 'mediaDelayMs', 'impairments']);
/** What findings take from the wire as it was written. */
const TAKEN: Readonly<Record<string, Mask>> = {
  ...{ reasonText: quoted, reasonPhrase: quoted, warning: quoted, userAgent: agent, otherCallId: wire },
};
/** Texts of a Reason header, where everything else called `text` is a sentence of ours. */
const REASONS = 'reasons';

/** A record, or a part of one, with everything masked that tells of somebody. What is no text stays as it is. */
export function maskReported<T>(names: Pseudonyms, value: T): T {
  return walk(names, value, (_, text) => maskNote(names, text)) as T;
}

type ByProperty = (property: string, text: string) => string;

function walk(names: Pseudonyms, value: unknown, mask: ByProperty, property = ''): unknown {
  if (typeof value === 'string') return mask(property, value);
  if (Array.isArray(value))
    return value.map((each) => walk(names, each, maskOf(names, property, mask), property));
  if (typeof value !== 'object' || value === null) return value;
  const inside = INSIDE[property];
  const other = otherCall(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key === 'text' && other !== null && typeof each === 'string')
        return [key, aroundCall(names, each, other)];
      if (inside !== undefined && typeof each === 'string')
        return [key, onOctets(each, (text) => inside(names, text))];
      const ours = OURS.has(property);
      if (ours && Object.hasOwn(TAKEN, key)) return [key, masked(names, each, TAKEN[key]!)];
      const next: ByProperty = ours ? (_, text) => maskNote(names, text) : maskOf(names, key, mask);
      if (property === REASONS && key === 'text') return [key, masked(names, each, quoted)];
      return [key, walk(names, each, next, ours ? '' : key)];
    }),
  );
}

/** The call beside which a finding is: its sentence names it, and a Call-ID reads like nothing in particular. */
function otherCall(record: object): string | null {
  const { evidence } = record as { evidence?: { otherCallId?: unknown } | null };
  const callId = evidence?.otherCallId;
  return typeof callId === 'string' && callId !== '' ? callId : null;
}

function aroundCall(names: Pseudonyms, text: string, callId: string): string {
  const pieces = text.split(callId).map((piece) => maskNote(names, piece));
  return pieces.join(onOctets(callId, (octets) => wire(names, octets)));
}

function masked(names: Pseudonyms, value: unknown, mask: Mask): unknown {
  return typeof value === 'string' ? onOctets(value, (text) => mask(names, text)) : value;
}

function maskOf(names: Pseudonyms, property: string, otherwise: ByProperty): ByProperty {
  if (/[tT]ime$/.test(property)) return (_, text) => text;
  const mask = Object.hasOwn(BY_PROPERTY, property) ? BY_PROPERTY[property] : undefined;
  if (mask === undefined) return property === '' ? otherwise : (_, text) => maskNote(names, text);
  return (_, text) => onOctets(text, (octets) => mask(names, octets));
}
