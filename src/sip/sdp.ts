/**
 * Session descriptions (RFC 8866): which media, where, with which codecs. Real equipment pads, tabs and trails:
 * white space is tolerated wherever no meaning hangs on it.
 */
import {
  parseMediaLine,
  parseRtpmap,
  SDP_CANDIDATES_MAX,
  SDP_CHARACTERS_MAX,
  SDP_LINES_MAX,
  SDP_MEDIA_MAX,
  SDP_SSRCS_MAX,
  type SdpMediaLine,
} from './sdp-lines.ts';
import { emptySection, type SdpSection, takeLine } from './sdp-section.ts';
import { parseDecimal } from './text.ts';

/** Who may send (RFC 8866 6.7). */
export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A payload type that an `a=rtpmap` names. */
export interface SdpCodec {
  readonly payloadType: number;
  /** As written: `PCMA`, `telephone-event`. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | null;
  readonly fmtp: string | null;
}

/** An ICE candidate (RFC 8839 5.1). */
export interface SdpCandidate {
  readonly address: string;
  readonly port: number;
  readonly component: number;
  readonly type: string;
}

/** One media section. */
export interface SdpMedia {
  readonly index: number;
  readonly type: string;
  /** 0 when rejected, and when the line could not be read (see `problems`). */
  readonly port: number;
  readonly portCount: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** The formats of an RTP profile that are payload types; empty for other protocols. */
  readonly payloadTypes: readonly number[];
  /** Of the media's own `c=`, else of the session's; without TTL. */
  readonly address: string | null;
  /** In `m=` order. A payload type without `a=rtpmap` is not in it. */
  readonly codecs: readonly SdpCodec[];
  readonly direction: SdpDirection;
  readonly rtcpPort: number | null;
  readonly rtcpAddress: string | null;
  readonly rtcpMux: boolean;
  /** `a=silenceSupp:on` or `off`; null when it says nothing. */
  readonly silenceSuppression: boolean | null;
  readonly ptimeMs: number | null;
  readonly maxptimeMs: number | null;
  /** The values of `a=crypto`, as written (RFC 4568). */
  readonly crypto: readonly string[];
  /** `hash value`, of the media or of the session. */
  readonly fingerprint: string | null;
  readonly setup: string | null;
  readonly mid: string | null;
  readonly candidates: readonly SdpCandidate[];
  /** What its sender sends with, of `a=ssrc` and `a=ssrc-group` (RFC 5576); it may send with others, too. */
  readonly ssrcs: readonly number[];
  /** Of the media's own `b=AS`, else its `b=TIAS`. */
  readonly bandwidthKbps: number | null;
}

/** A description. */
export interface SdpSession {
  readonly origin: {
    readonly username: string;
    readonly sessionId: string;
    readonly sessionVersion: string;
    readonly address: string;
  } | null;
  readonly name: string | null;
  readonly address: string | null;
  /** Null when the session level says nothing. */
  readonly direction: SdpDirection | null;
  readonly media: readonly SdpMedia[];
  /** `BUNDLE 0 1`, ... */
  readonly groups: readonly string[];
  readonly problems: readonly SdpProblem[];
}

/** Why there is no description. */
export type SdpReason = 'empty' | 'too_long' | 'too_many_lines' | 'too_many_media' | 'not_sdp';

/** What was wrong with a description that could be read all the same. */
export type SdpProblem =
  | 'no_version'
  | 'no_origin'
  | 'no_connection'
  | 'malformed_media'
  | 'malformed_rtpmap'
  | 'payload_type_out_of_range'
  | 'too_many_formats'
  | 'malformed_ssrc'
  | 'too_many_ssrcs';

/** A description, or why there is none. */
export type SdpParseResult =
  | { readonly ok: true; readonly session: SdpSession }
  | { readonly ok: false; readonly reason: SdpReason };

/** Rtpmap and fmtp values that are longer, or more of them, are read each time instead of remembered. */
const REMEMBERED_CHARACTERS_MAX = 256;
const REMEMBERED_MAX = 1024;

/**
 * Codecs by the text that named them. A network uses few of them and every call names them again: remembering saves
 * the reading, and thousands of calls share one object.
 */
const remembered = new Map<string, SdpCodec | null>();

function codecOf(rtpmap: string, fmtp: string | null): SdpCodec | null {
  const key = fmtp === null ? rtpmap : `${rtpmap}\n${fmtp}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const map = parseRtpmap(rtpmap);
  const codec = map === null ? null : { ...map, fmtp };
  if (key.length <= REMEMBERED_CHARACTERS_MAX) {
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(key, codec);
  }
  return codec;
}

function payloadTypes(line: SdpMediaLine, problems: Set<SdpProblem>): number[] {
  const types: number[] = [];
  if (!line.protocol.toUpperCase().includes('RTP/')) return types;
  for (const format of line.formats) {
    const type = parseDecimal(format, 127);
    if (type === null) problems.add('payload_type_out_of_range');
    else if (!types.includes(type)) types.push(type);
  }
  // A copy is no longer than it has to be; a list that grew has room for sixteen more.
  return types.slice();
}

/** The payload type that the value of an `a=rtpmap` or `a=fmtp` begins with, or -1. */
function payloadTypeOf(value: string): number {
  const digits = /^\d{1,3}(?=\s)/.exec(value);
  return digits === null ? -1 : Number(digits[0]);
}

/** The parameters of a payload type, as written; of several lines the first counts. */
function fmtpOf(fmtps: readonly string[], payloadType: number): string | null {
  const value = fmtps.find((each) => payloadTypeOf(each) === payloadType);
  const config = value?.slice(String(payloadType).length).trim() ?? '';
  return config === '' || config.length > 4096 ? null : config;
}

function codecs(
  types: readonly number[],
  { rtpmaps, fmtps }: SdpSection,
  problems: Set<SdpProblem>,
): SdpCodec[] {
  const maps = new Map<number, SdpCodec>();
  for (const value of rtpmaps) {
    const payloadType = payloadTypeOf(value);
    const codec = codecOf(value, fmtps.length === 0 ? null : fmtpOf(fmtps, payloadType));
    if (codec === null) problems.add('malformed_rtpmap');
    else if (!maps.has(payloadType)) maps.set(payloadType, codec);
  }
  const found: SdpCodec[] = [];
  for (const type of types) {
    const codec = maps.get(type);
    if (codec !== undefined) found.push(codec);
  }
  return found.slice();
}

/** One empty list for all: a call keeps its descriptions, and most of them name none of these. */
const NONE: readonly never[] = [];

function orNone<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : list;
}

const UNREADABLE: SdpMediaLine = { type: '', port: 0, portCount: 1, protocol: '', formats: [], cut: false };

function readMedia(
  index: number,
  section: SdpSection,
  session: SdpSection,
  ssrcsLeft: number,
  problems: Set<SdpProblem>,
): SdpMedia {
  // A line that cannot be read keeps its place: answers refer to offers by position (RFC 3264 section 6).
  const line = parseMediaLine(section.mediaLine ?? '') ?? UNREADABLE;
  if (line === UNREADABLE) problems.add('malformed_media');
  if (line.cut) problems.add('too_many_formats');
  if (section.malformedSsrc) problems.add('malformed_ssrc');
  if (section.tooManySsrcs || section.ssrcs.size > ssrcsLeft) problems.add('too_many_ssrcs');
  const address = section.address ?? session.address;
  if (address === null && line.port !== 0) problems.add('no_connection');
  const types = payloadTypes(line, problems);
  return {
    index,
    type: line.type,
    port: line.port,
    portCount: line.portCount,
    protocol: line.protocol,
    formats: line.formats,
    payloadTypes: types,
    address,
    codecs: codecs(types, section, problems),
    direction: section.direction ?? session.direction ?? 'sendrecv',
    rtcpPort: section.rtcpPort,
    rtcpAddress: section.rtcpAddress,
    rtcpMux: section.rtcpMux,
    silenceSuppression: section.silenceSuppression,
    ptimeMs: section.ptimeMs,
    maxptimeMs: section.maxptimeMs,
    crypto: orNone(section.crypto),
    fingerprint: section.fingerprint ?? session.fingerprint,
    setup: section.setup ?? session.setup,
    mid: section.mid,
    candidates: orNone(section.candidates),
    ssrcs: orNone([...section.ssrcs].slice(0, ssrcsLeft)),
    bandwidthKbps: section.asKbps ?? section.tiasKbps,
  };
}

function origin(words: readonly string[] | null): SdpSession['origin'] {
  if (words === null) return null;
  return { username: words[0]!, sessionId: words[1]!, sessionVersion: words[2]!, address: words[5]! };
}

/** The sections of a description, the session's first. CRLF, LF and CR all end a line. */
function readSections(text: string): SdpSection[] | SdpReason {
  const lines = text.split(/\r\n|\r|\n/, SDP_LINES_MAX + 2);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > SDP_LINES_MAX) return 'too_many_lines';
  let section = emptySection(null);
  const sections = [section];
  let candidates = 0;
  for (const line of lines) {
    if (line[1] !== '=' || (line.startsWith('a=candidate:') && ++candidates > SDP_CANDIDATES_MAX)) continue;
    if (line[0] !== 'm') {
      takeLine(section, line);
      continue;
    }
    if (sections.length > SDP_MEDIA_MAX) return 'too_many_media';
    section = emptySection(line.slice(2).trim());
    sections.push(section);
  }
  return sections;
}

/**
 * Parses a session description. Never throws; numbers out of range become null or are left out and noted in
 * `problems`; a media line that cannot be read keeps its index. Takes time linear in the length of the text.
 *
 * @returns the session, or a reason: above 64 KiB, 1024 lines or 32 media sections, or nothing of SDP in it
 */
export function parseSdp(text: string): SdpParseResult {
  if (text.trim() === '') return { ok: false, reason: 'empty' };
  if (text.length > SDP_CHARACTERS_MAX) return { ok: false, reason: 'too_long' };
  const sections = readSections(text);
  if (typeof sections === 'string') return { ok: false, reason: sections };
  const session = sections[0]!;
  if (sections.length === 1 && !session.hasVersion) return { ok: false, reason: 'not_sdp' };

  const problems = new Set<SdpProblem>();
  if (!session.hasVersion) problems.add('no_version');
  if (session.origin === null) problems.add('no_origin');
  let ssrcsLeft = SDP_SSRCS_MAX;
  const media = sections.slice(1).map((section, index) => {
    const read = readMedia(index, section, session, ssrcsLeft, problems);
    ssrcsLeft -= read.ssrcs.length;
    return read;
  });
  return {
    ok: true,
    session: {
      origin: origin(session.origin),
      name: session.name,
      address: session.address,
      direction: session.direction,
      media,
      groups: session.groups,
      problems: [...problems],
    },
  };
}

const UNSPECIFIED = /^(?:0\.0\.0\.0|[0:]*::[0:]*|0+(?::0+){7})$/;

/**
 * Whether the sender of this description puts the other side on hold: it no longer wants media (sendonly,
 * inactive), or names the unspecified address as RFC 2543 did (RFC 3264 8.4).
 */
export function isHeld(media: SdpMedia): boolean {
  if (media.direction === 'inactive' || media.direction === 'sendonly') return true;
  // An ICE agent names the unspecified address while it has no candidate pair (RFC 8840 4.1.1).
  if (media.candidates.length > 0 || (media.port === 9 && media.protocol.includes('SAVP'))) return false;
  return media.address !== null && UNSPECIFIED.test(media.address);
}
