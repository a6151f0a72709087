/**
 * Session descriptions (RFC 8866): which media, where, with which codecs. The grammar is sdp-transform's;
 * bounds, validation and the meaning of levels are ours.
 */
import { parse as parseGrammar } from 'sdp-transform';
import {
  parseMediaLine,
  parseRtpmap,
  SDP_CHARACTERS_MAX,
  type SdpMediaLine,
  type SdpRtpmap,
  splitSdpLines,
} from './sdp-lines.ts';

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
  readonly ptimeMs: number | null;
  readonly maxptimeMs: number | null;
  /** The values of `a=crypto`, as written (RFC 4568). */
  readonly crypto: readonly string[];
  /** `hash value`, of the media or of the session. */
  readonly fingerprint: string | null;
  readonly setup: string | null;
  readonly mid: string | null;
  readonly candidates: readonly SdpCandidate[];
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
  | 'too_many_formats';

/** A description, or why there is none. */
export type SdpParseResult =
  | { readonly ok: true; readonly session: SdpSession }
  | { readonly ok: false; readonly reason: SdpReason };

/** What the grammar made of a section. Its own types promise fields that need not be there. */
type Section = { readonly [field: string]: unknown };

const IDENTIFIER_MAX = 255;
const DIRECTIONS: readonly string[] = [
  'sendrecv',
  'sendonly',
  'recvonly',
  'inactive',
] satisfies SdpDirection[];

/** A non-empty string of bounded length. The grammar turns digits into numbers; here they are text again. */
function asText(value: unknown, max = IDENTIFIER_MAX): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value);
  return text === '' || text.length > max ? null : text;
}

function asInteger(value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null;
}

function asDirection(value: unknown): SdpDirection | null {
  return typeof value === 'string' && DIRECTIONS.includes(value) ? (value as SdpDirection) : null;
}

function asSection(value: unknown): Section | null {
  return typeof value === 'object' && value !== null ? (value as Section) : null;
}

function asSections(value: unknown): readonly Section[] {
  return Array.isArray(value) ? (value as readonly Section[]) : [];
}

/** The address of `c=`: multicast TTL and address count come after a slash (RFC 8866 5.7). */
function connectionAddress(section: Section): string | null {
  return asText(asText(asSection(section.connection)?.ip)?.split('/', 1)[0]);
}

function bandwidthKbps(section: Section): number | null {
  let best: number | null = null;
  for (const { type, limit } of asSections(section.bandwidth)) {
    const value = asInteger(limit, 0, 1e12);
    if (value === null) continue;
    if (type === 'AS') return value;
    // RFC 3890: bits per second.
    if (type === 'TIAS') best = Math.round(value / 1000);
  }
  return best;
}

function fingerprint(section: Section): string | null {
  const found = asSection(section.fingerprint);
  const type = asText(found?.type);
  const hash = asText(found?.hash);
  return type === null || hash === null ? null : `${type} ${hash}`;
}

function candidates(section: Section): SdpCandidate[] {
  const found: SdpCandidate[] = [];
  for (const candidate of asSections(section.candidates)) {
    const address = asText(candidate.ip);
    const port = asInteger(candidate.port, 0, 65_535);
    const component = asInteger(candidate.component, 1, 256);
    const type = asText(candidate.type);
    if (address !== null && port !== null && component !== null && type !== null) {
      found.push({ address, port, component, type });
    }
  }
  return found;
}

function ssrcs(section: Section): number[] {
  const found = new Set<number>();
  for (const { id } of asSections(section.ssrcs)) {
    const ssrc = asInteger(id, 0, 0xffff_ffff);
    if (ssrc !== null) found.add(ssrc);
  }
  return [...found];
}

function payloadTypes(line: SdpMediaLine, problems: Set<SdpProblem>): number[] {
  const types: number[] = [];
  if (!line.protocol.toUpperCase().includes('RTP/')) return types;
  for (const format of line.formats) {
    const type = /^\d{1,3}$/.test(format) ? Number(format) : 128;
    if (type > 127) problems.add('payload_type_out_of_range');
    else if (!types.includes(type)) types.push(type);
  }
  return types;
}

function codecs(
  types: readonly number[],
  lines: readonly string[],
  section: Section,
  problems: Set<SdpProblem>,
): SdpCodec[] {
  const maps = new Map<number, SdpRtpmap>();
  for (const line of lines) {
    if (!line.startsWith('a=rtpmap:')) continue;
    const map = parseRtpmap(line);
    if (map === null) problems.add('malformed_rtpmap');
    else if (!maps.has(map.payloadType)) maps.set(map.payloadType, map);
  }
  const formats = new Map<number, string>();
  for (const { payload, config } of asSections(section.fmtp)) {
    const text = asText(config, 4096);
    if (typeof payload === 'number' && text !== null && !formats.has(payload)) formats.set(payload, text);
  }
  const found: SdpCodec[] = [];
  for (const type of types) {
    const map = maps.get(type);
    if (map !== undefined) found.push({ ...map, fmtp: formats.get(type) ?? null });
  }
  return found;
}

const UNREADABLE: SdpMediaLine = { type: '', port: 0, portCount: 1, protocol: '', formats: [], cut: false };

/** The values of `a=crypto`. As written: the grammar takes a doubled space for an empty suite. */
function cryptoValues(lines: readonly string[]): string[] {
  const prefix = 'a=crypto:';
  return lines
    .filter((line) => line.startsWith(prefix) && line.length <= 4096)
    .map((line) => line.slice(prefix.length));
}

function readMedia(
  index: number,
  lines: readonly string[],
  section: Section,
  session: Section,
  problems: Set<SdpProblem>,
): SdpMedia {
  // A line that cannot be read keeps its place: answers refer to offers by position (RFC 3264 section 6).
  const line = parseMediaLine(lines[0]!) ?? UNREADABLE;
  if (line === UNREADABLE) problems.add('malformed_media');
  if (line.cut) problems.add('too_many_formats');
  const address = connectionAddress(section) ?? connectionAddress(session);
  if (address === null && line.port !== 0) problems.add('no_connection');
  const types = payloadTypes(line, problems);
  const rtcp = asSection(section.rtcp);
  return {
    index,
    type: line.type,
    port: line.port,
    portCount: line.portCount,
    protocol: line.protocol,
    formats: line.formats,
    payloadTypes: types,
    address,
    codecs: codecs(types, lines, section, problems),
    direction: asDirection(section.direction) ?? asDirection(session.direction) ?? 'sendrecv',
    rtcpPort: asInteger(rtcp?.port, 0, 65_535),
    rtcpAddress: asText(rtcp?.address),
    rtcpMux: section.rtcpMux !== undefined,
    ptimeMs: milliseconds(lines, 'ptime'),
    maxptimeMs: milliseconds(lines, 'maxptime'),
    crypto: cryptoValues(lines),
    fingerprint: fingerprint(section) ?? fingerprint(session),
    setup: asText(section.setup) ?? asText(session.setup),
    mid: asText(section.mid),
    candidates: candidates(section),
    ssrcs: ssrcs(section),
    bandwidthKbps: bandwidthKbps(section),
  };
}

/**
 * A packet time: 1 to 1000 ms, fractions allowed as some senders write them. Read here, because the grammar
 * takes the digits a value begins with for the whole of it.
 */
function milliseconds(lines: readonly string[], name: 'ptime' | 'maxptime'): number | null {
  const prefix = `a=${name}:`;
  const text = lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
  const value = /^\d{1,4}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= 1000 ? value : null;
}

function origin(session: Section): SdpSession['origin'] {
  const found = asSection(session.origin);
  const address = asText(found?.address);
  if (found === null || address === null) return null;
  return {
    username: asText(found.username) ?? '',
    sessionId: asText(found.sessionId) ?? '',
    sessionVersion: asText(found.sessionVersion) ?? '',
    address,
  };
}

/**
 * Parses a session description. Never throws; numbers out of range become null or are left out and noted in
 * `problems`; a media line that cannot be read keeps its index.
 *
 * @returns the session, or a reason: above 64 KiB, 1024 lines or 32 media sections, or nothing of SDP in it
 */
export function parseSdp(text: string): SdpParseResult {
  if (text.trim() === '') return { ok: false, reason: 'empty' };
  if (text.length > SDP_CHARACTERS_MAX) return { ok: false, reason: 'too_long' };
  const lines = splitSdpLines(text);
  if (typeof lines === 'string') return { ok: false, reason: lines };
  const isVersion = (line: string): boolean => line.startsWith('v=');
  if (lines.media.length === 0 && !lines.session.some(isVersion)) return { ok: false, reason: 'not_sdp' };

  const problems = new Set<SdpProblem>();
  if (!lines.session.some(isVersion)) problems.add('no_version');
  const parsed = asSection(parseGrammar([...lines.session, ...lines.media.flat()].join('\r\n'))) ?? {};
  const sections = asSections(parsed.media);
  const sessionOrigin = origin(parsed);
  if (sessionOrigin === null) problems.add('no_origin');
  const media = lines.media.map((own, index) =>
    readMedia(index, own, sections[index] ?? {}, parsed, problems),
  );
  return {
    ok: true,
    session: {
      origin: sessionOrigin,
      name: asText(parsed.name),
      address: connectionAddress(parsed),
      direction: asDirection(parsed.direction),
      media,
      groups: asSections(parsed.groups).map(({ type, mids }) =>
        `${asText(type) ?? ''} ${asText(mids) ?? ''}`.trim(),
      ),
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
