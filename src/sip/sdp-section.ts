/**
 * The lines of one section of a description, read one by one: the session's, or those of one media line
 * (RFC 8866 section 5 and 6).
 */
import type { SdpCandidate, SdpDirection } from './sdp.ts';
import { SDP_SECTION_SSRCS_MAX } from './sdp-lines.ts';
import { parseDecimal } from './text.ts';

/** What the lines said. Of a line that may stand once the last one counts, as receivers read it. */
export interface SdpSection {
  /** The value of the `m=` line; null at session level. */
  readonly mediaLine: string | null;
  /** The words of `o=`; null when there is none that names an address. */
  origin: readonly string[] | null;
  hasVersion: boolean;
  name: string | null;
  address: string | null;
  direction: SdpDirection | null;
  rtcpPort: number | null;
  rtcpAddress: string | null;
  rtcpMux: boolean;
  /** `a=silenceSupp` (RFC 3108 5.6.3.2); null when it says nothing. */
  silenceSuppression: boolean | null;
  ptimeMs: number | null;
  maxptimeMs: number | null;
  fingerprint: string | null;
  setup: string | null;
  mid: string | null;
  /** `b=AS` and `b=TIAS`, kbit/s. */
  asKbps: number | null;
  tiasKbps: number | null;
  /** Values of `a=rtpmap` and `a=fmtp`, as written. */
  readonly rtpmaps: string[];
  readonly fmtps: string[];
  readonly crypto: string[];
  readonly candidates: SdpCandidate[];
  /** The ids of `a=ssrc` and `a=ssrc-group`. */
  readonly ssrcs: Set<number>;
  /** An id among them could not be read; there were more than are kept. */
  malformedSsrc: boolean;
  tooManySsrcs: boolean;
  readonly groups: string[];
}

/** A section about which nothing was said yet. */
export function emptySection(mediaLine: string | null): SdpSection {
  return {
    mediaLine,
    origin: null,
    hasVersion: false,
    name: null,
    address: null,
    direction: null,
    rtcpPort: null,
    rtcpAddress: null,
    rtcpMux: false,
    silenceSuppression: null,
    ptimeMs: null,
    maxptimeMs: null,
    fingerprint: null,
    setup: null,
    mid: null,
    asKbps: null,
    tiasKbps: null,
    rtpmaps: [],
    fmtps: [],
    crypto: [],
    candidates: [],
    ssrcs: new Set(),
    malformedSsrc: false,
    tooManySsrcs: false,
    groups: [],
  };
}

const IDENTIFIER_MAX = 255;
/** Format parameters and keys: longer than any in use. */
const PARAMETERS_MAX = 4096;
const PORT_MAX = 65_535;

/** Takes one line other than `m=`; lines of no interest are passed over. `line` has its type and `=`. */
export function takeLine(section: SdpSection, line: string): void {
  switch (line[0]) {
    case 'a':
      takeAttribute(section, line);
      break;
    case 'c':
      section.address = connectionAddress(line.slice(2)) ?? section.address;
      break;
    case 'b':
      takeBandwidth(section, line.slice(2).trim());
      break;
    case 'o':
      section.origin = originWords(line.slice(2)) ?? section.origin;
      break;
    case 's':
      section.name = bounded(line.slice(2).trim());
      break;
    case 'v':
      section.hasVersion = true;
      break;
  }
}

/** A non-empty text of bounded length. */
function bounded(text: string, max = IDENTIFIER_MAX): string | null {
  return text === '' || text.length > max ? null : text;
}

/** `IN IP4 224.2.1.1/127/3`: multicast TTL and address count come after a slash (RFC 8866 5.7). */
function connectionAddress(value: string): string | null {
  const [network, type = '', address = ''] = value.trim().split(/\s+/, 3);
  if (network !== 'IN' || !type.startsWith('IP')) return null;
  const slash = address.indexOf('/');
  return bounded(slash < 0 ? address : address.slice(0, slash));
}

/** The six words of `o=` (RFC 8866 5.2); a user name may be missing, an address may not. */
function originWords(value: string): readonly string[] | null {
  const words = value.split(/\s+/, 6);
  if (words.length < 6 || words[5] === '' || words.some((word) => word.length > IDENTIFIER_MAX)) return null;
  return words;
}

function takeBandwidth(section: SdpSection, value: string): void {
  const colon = value.indexOf(':');
  const limit = parseDecimal(value.slice(colon + 1), 1e12);
  if (colon < 0 || limit === null) return;
  const type = value.slice(0, colon);
  if (type === 'AS') section.asKbps ??= limit;
  // RFC 3890: bits per second.
  else if (type === 'TIAS') section.tiasKbps = Math.round(limit / 1000);
}

function takeAttribute(section: SdpSection, line: string): void {
  const colon = line.indexOf(':');
  const name = (colon < 0 ? line.slice(2) : line.slice(2, colon)).trim();
  const value = colon < 0 ? '' : line.slice(colon + 1).trim();
  switch (name) {
    case 'rtpmap':
      section.rtpmaps.push(value);
      break;
    case 'fmtp':
      section.fmtps.push(value);
      break;
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      section.direction = name;
      break;
    case 'ptime':
      section.ptimeMs ??= packetTime(value);
      break;
    case 'maxptime':
      section.maxptimeMs ??= packetTime(value);
      break;
    case 'rtcp':
      takeRtcp(section, value);
      break;
    case 'rtcp-mux':
    case 'rtcp-mux-only':
      section.rtcpMux = true;
      break;
    case 'crypto':
      if (value !== '' && value.length <= PARAMETERS_MAX) section.crypto.push(value);
      break;
    case 'candidate':
      takeCandidate(section, value);
      break;
    default:
      takeIdentity(section, name, value);
  }
}

/** Attributes that name and group things. */
function takeIdentity(section: SdpSection, name: string, value: string): void {
  switch (name) {
    case 'ssrc':
      takeSsrc(section, firstWord(value));
      break;
    case 'ssrc-group':
      // The first word says what they are to each other; one id more than fits, so that this is noticed.
      for (const id of value.split(/\s+/, SDP_SECTION_SSRCS_MAX + 2).slice(1)) takeSsrc(section, id);
      break;
    case 'silenceSupp':
      // The unit is told apart from the switch by its place only.
      if (/^(?:on|off)\b/i.test(value)) section.silenceSuppression = /^on/i.test(value);
      break;
    case 'mid':
      section.mid = bounded(firstWord(value));
      break;
    case 'group':
      if (value.length <= PARAMETERS_MAX) section.groups.push(value);
      break;
    case 'setup':
      section.setup = bounded(firstWord(value));
      break;
    case 'fingerprint': {
      const [hash, digest = ''] = value.split(/\s+/, 2);
      section.fingerprint = digest === '' ? null : bounded(`${hash} ${digest}`);
      break;
    }
  }
}

/** An SSRC that the sender of the description sends with (RFC 5576 4.1, 4.2): decimal, 32 bits. */
function takeSsrc(section: SdpSection, id: string): void {
  const ssrc = parseDecimal(id, 0xffff_ffff);
  if (ssrc === null) section.malformedSsrc = true;
  else if (section.ssrcs.size < SDP_SECTION_SSRCS_MAX) section.ssrcs.add(ssrc);
  else if (!section.ssrcs.has(ssrc)) section.tooManySsrcs = true;
}

function firstWord(value: string): string {
  return value.split(/\s/, 1)[0] ?? '';
}

/** A packet time: 1 to 1000 ms, fractions allowed as some senders write them. */
function packetTime(value: string): number | null {
  const milliseconds = /^\d{1,4}(?:\.\d{1,6})?$/.test(value) ? Number(value) : 0;
  return milliseconds >= 1 && milliseconds <= 1000 ? milliseconds : null;
}

/** `5001` or `5001 IN IP4 192.0.2.1` (RFC 3605). */
function takeRtcp(section: SdpSection, value: string): void {
  const [port = '', , , address = ''] = value.split(/\s+/, 4);
  section.rtcpPort = parseDecimal(port, PORT_MAX);
  section.rtcpAddress = bounded(address);
}

/** `1 1 UDP 2130706431 192.0.2.1 54400 typ host ...` (RFC 8839 5.1). */
function takeCandidate(section: SdpSection, value: string): void {
  const [, component = '', , , address = '', port = '', typ, type = ''] = value.split(/\s+/, 8);
  const found = {
    address: bounded(address),
    port: parseDecimal(port, PORT_MAX),
    component: parseDecimal(component, 256),
    type: bounded(type),
  };
  if (typ !== 'typ' || found.address === null || found.port === null || found.type === null) return;
  if (found.component === null || found.component < 1) return;
  section.candidates.push({
    address: found.address,
    port: found.port,
    component: found.component,
    type: found.type,
  });
}
