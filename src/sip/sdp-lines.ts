/**
 * The two kinds of SDP line that decide what media is (RFC 8866): `m=` and `a=rtpmap`.
 */
import { parseDecimal } from './text.ts';

export const SDP_CHARACTERS_MAX = 65_536;
export const SDP_LINES_MAX = 1024;
export const SDP_MEDIA_MAX = 32;
/** Payload types, or other formats, of one media line. */
export const SDP_FORMATS_MAX = 64;
/** SSRCs that one media section announces, and one description. Of simulcast with repair flows, a dozen. */
export const SDP_SECTION_SSRCS_MAX = 64;
export const SDP_SSRCS_MAX = 128;
/** ICE candidates of one description. */
export const SDP_CANDIDATES_MAX = 128;

const TOKEN_MAX = 64;
const PORT_MAX = 65_535;

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

/**
 * Reads the value of an `m=` line (RFC 8866 5.14), white space around it taken off. Null when it has no type, port
 * or protocol, or a port above 65535.
 */
export function parseMediaLine(value: string): SdpMediaLine | null {
  // One format more than fits, so that a line that just fits is not reported.
  const words = value.split(/\s+/, 3 + SDP_FORMATS_MAX + 1);
  const [type = '', ports = '', protocol = ''] = words;
  const slash = ports.indexOf('/');
  const port = parseDecimal(slash < 0 ? ports : ports.slice(0, slash), PORT_MAX);
  const portCount = slash < 0 ? 1 : parseDecimal(ports.slice(slash + 1), PORT_MAX);
  if (port === null || portCount === null || portCount < 1) return null;
  if (type === '' || type.length > TOKEN_MAX || type.includes('/')) return null;
  if (protocol === '' || protocol.length > TOKEN_MAX) return null;
  const formats = words.slice(3);
  const cut = formats.length > SDP_FORMATS_MAX;
  if (cut) formats.pop();
  return { type, port, portCount, protocol, formats, cut };
}

/** One `a=rtpmap`. */
export interface SdpRtpmap {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | null;
}

const RTPMAP = /^(\d{1,3})\s+([^\s/]{1,64})\s*\/\s*(\d{1,7})(?:\s*\/\s*(\d{1,3}))?/;

/**
 * Reads the value of an `a=rtpmap` (RFC 8866 6.6): payload type 0 to 127, clock 1 Hz to 1 MHz. Null otherwise.
 * Parameters that are no channel count are left out.
 */
export function parseRtpmap(value: string): SdpRtpmap | null {
  const parts = RTPMAP.exec(value);
  if (parts === null) return null;
  const payloadType = Number(parts[1]);
  const clockRate = Number(parts[3]);
  if (payloadType > 127 || clockRate < 1 || clockRate > 1_000_000) return null;
  const channels = parseDecimal(parts[4] ?? '', 255);
  return { payloadType, name: parts[2]!, clockRate, channels: channels === 0 ? null : channels };
}
