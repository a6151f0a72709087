import { isHeld, parseSdp, type SdpMedia } from '../sip/sdp.ts';

/** What one media section says, as far as it decides who hears whom. */
export interface SdpMediaSummary {
  readonly type: string;
  /** `ip:port`; null when the media is refused (port 0) or no address is given. */
  readonly address: string | null;
  readonly refused: boolean;
  readonly protocol: string;
  /** `PCMA/8000`, the number where nothing names it; in order of preference. */
  readonly codecs: readonly string[];
  readonly direction: string;
  readonly held: boolean;
  readonly ptimeMs: number | null;
  /** Encryption that is offered or taken: `SDES`, `DTLS`. */
  readonly encryption: string | null;
}

export interface SdpSummary {
  readonly media: readonly SdpMediaSummary[];
  /** Why it could not be read; null when it could. */
  readonly unreadable: string | null;
}

const MEDIA_SHOWN = 4;
const CODECS_SHOWN = 12;
const TEXT_MAX = 64;

/** Payload types that need no rtpmap (RFC 3551 6), those that are met. */
const STATIC_CODECS: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  3: 'GSM/8000',
  4: 'G723/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  13: 'CN/8000',
  15: 'G728/8000',
  18: 'G729/8000',
};

/** The summary of a session description. */
export function describeSdp(text: string): SdpSummary {
  const parsed = parseSdp(text);
  if (!parsed.ok) return { media: [], unreadable: parsed.reason };
  return { media: parsed.session.media.slice(0, MEDIA_SHOWN).map(describeMedia), unreadable: null };
}

function describeMedia(media: SdpMedia): SdpMediaSummary {
  const { type, port, protocol, address, direction, ptimeMs, crypto, fingerprint } = media;
  return {
    type: clip(type),
    address: port === 0 || address === null ? null : clip(socketText(address, port)),
    refused: port === 0,
    protocol: clip(protocol),
    codecs: codecsOf(media).slice(0, CODECS_SHOWN).map(clip),
    direction,
    held: isHeld(media),
    ptimeMs,
    encryption: crypto.length > 0 ? 'SDES' : fingerprint === null ? null : 'DTLS',
  };
}

function codecsOf({ payloadTypes, codecs, formats }: SdpMedia): string[] {
  if (payloadTypes.length === 0) return [...formats];
  return payloadTypes.map((payloadType) => {
    const named = codecs.find((codec) => codec.payloadType === payloadType);
    return named === undefined
      ? (STATIC_CODECS[payloadType] ?? String(payloadType))
      : `${named.name}/${named.clockRate}`;
  });
}

function socketText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function clip(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}\u2026`;
}
