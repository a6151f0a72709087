/**
 * SDP lines (RFC 8866), and the two kinds of line that sdp-transform does not read right.
 *
 * sdp-transform 3 loses the whole `m=` line when it has a port count (`49170/2`) or a media type with a
 * hyphen, and cuts encoding names at characters that tokens may have (`+`, `!`): those two are read here.
 */
import { parseDecimal } from './text.ts';

export const SDP_CHARACTERS_MAX = 65_536;
export const SDP_LINES_MAX = 1024;
export const SDP_MEDIA_MAX = 32;
/** Payload types, or other formats, of one media line. */
export const SDP_FORMATS_MAX = 64;

/**
 * The attributes read at all. Only these reach the grammar: the others would cost time, and some of its
 * expressions are not meant for hostile input.
 */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'candidate',
  'crypto',
  'fingerprint',
  'fmtp',
  'group',
  'inactive',
  'maxptime',
  'mid',
  'ptime',
  'recvonly',
  'rtcp',
  'rtcp-mux',
  'rtcp-mux-only',
  'rtpmap',
  'sendonly',
  'sendrecv',
  'setup',
  'ssrc',
]);

/** Types that describe something the observer uses. */
const TYPES = 'vosctbma';

/** The lines of a description, sorted into the session's and each media section's. */
export interface SdpLines {
  /** Lines without their end, white space made regular. */
  readonly session: readonly string[];
  /** Each begins with its `m=` line. */
  readonly media: readonly (readonly string[])[];
}

/** White space as the grammar wants it: real equipment pads, tabs and trails. */
function regular(line: string): string {
  const text = line.trimEnd();
  if (text[0] === 's') return text;
  if (text[0] === 'a') return text.replace(/^a=\s*([^\s:]+)\s*:\s*/, 'a=$1:');
  return text.replace(/[ \t]+/g, ' ').replace(/^(.)= /, '$1=');
}

function attributeName(line: string): string {
  const end = line.indexOf(':');
  return line.slice(2, end < 0 ? undefined : end).trim();
}

/**
 * Sorts the lines of a description. CRLF, LF and CR all end a line; lines of no interest are left out.
 *
 * @returns the lines, or which bound they exceed
 */
export function splitSdpLines(text: string): SdpLines | 'too_many_lines' | 'too_many_media' {
  const all = text.split(/\r\n|\r|\n/, SDP_LINES_MAX + 2);
  if (all.at(-1) === '') all.pop();
  if (all.length > SDP_LINES_MAX) return 'too_many_lines';
  const session: string[] = [];
  const media: string[][] = [];
  for (const raw of all) {
    if (raw[1] !== '=' || !TYPES.includes(raw[0]!)) continue;
    const line = regular(raw);
    if (line[0] === 'm') {
      if (media.length >= SDP_MEDIA_MAX) return 'too_many_media';
      media.push([line]);
    } else if (line[0] !== 'a' || ATTRIBUTES.has(attributeName(line))) {
      (media.at(-1) ?? session).push(line);
    }
  }
  return { session, media };
}

/** What an `m=` line says. */
export interface SdpMediaLine {
  readonly type: string;
  readonly port: number;
  readonly portCount: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** More formats than are kept. */
  readonly cut: boolean;
}

const MEDIA_LINE = /^m=([^\s/]{1,64}) (\d{1,5})(?:\/(\d{1,5}))? (\S{1,64})(?: (.*))?$/;

/** Reads an `m=` line (RFC 8866 5.14). Null when it has no type, port or protocol, or a port above 65535. */
export function parseMediaLine(line: string): SdpMediaLine | null {
  const parts = MEDIA_LINE.exec(line);
  if (parts === null) return null;
  const port = Number(parts[2]);
  const portCount = parts[3] === undefined ? 1 : Number(parts[3]);
  if (port > 65_535 || portCount < 1 || portCount > 65_535) return null;
  const formats = (parts[5] ?? '').split(' ', SDP_FORMATS_MAX + 1).filter((format) => format !== '');
  return {
    type: parts[1]!,
    port,
    portCount,
    protocol: parts[4]!,
    formats: formats.slice(0, SDP_FORMATS_MAX),
    cut: formats.length > SDP_FORMATS_MAX,
  };
}

/** One `a=rtpmap`. */
export interface SdpRtpmap {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | null;
}

const RTPMAP = /^a=rtpmap:(\d{1,3})\s+([^\s/]{1,64})\s*\/\s*(\d{1,7})(?:\s*\/\s*(\d{1,3}))?/;

/**
 * Reads an `a=rtpmap` line (RFC 8866 6.6): payload type 0 to 127, clock 1 Hz to 1 MHz. Null otherwise.
 * Parameters that are no channel count are left out.
 */
export function parseRtpmap(line: string): SdpRtpmap | null {
  const parts = RTPMAP.exec(line);
  if (parts === null) return null;
  const payloadType = Number(parts[1]);
  const clockRate = Number(parts[3]);
  if (payloadType > 127 || clockRate < 1 || clockRate > 1_000_000) return null;
  const channels = parseDecimal(parts[4] ?? '', 255);
  return { payloadType, name: parts[2]!, clockRate, channels: channels === 0 ? null : channels };
}
