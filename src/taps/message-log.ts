import { destinationIp, sourceIp } from '../packet/address.ts';
import type { Endpoint } from '../records/types.ts';
import type { Hop } from '../sip/hop.ts';
import { parseSipMessage, type SipMessage } from '../sip/message.ts';

/** Messages of one tap that are remembered, and their octets. */
export const MESSAGES_MAX = 20_000;
export const MESSAGE_BYTES_MAX = 33_554_432;
/** Sights of one message in a capture of several points. */
export const MESSAGE_SIGHTS_MAX = 8;

/** One message as it passed one point, for the first time there. */
export interface MessageSight {
  tap: number;
  timeUs: number;
  src: Endpoint | null;
  dst: Endpoint | null;
  ttl: number;
  message: SipMessage;
}

/** The SIP messages of a tap by what names them on every hop: Call-ID, CSeq, method, status. */
export class MessageLog {
  readonly sights = new Map<string, MessageSight[]>();
  /** Messages that found no room. */
  leftOut = 0;
  private readonly tap: number;
  private readonly severalPoints: boolean;
  private messages = 0;
  private bytes = 0;

  constructor(tap: number, severalPoints: boolean) {
    this.tap = tap;
    this.severalPoints = severalPoints;
  }

  /** Takes one message; retransmissions and what cannot be read are passed over. */
  take(
    bytes: Uint8Array,
    start: number,
    length: number,
    truncated: boolean,
    timeUs: number,
    hop: Hop | null,
    ttl: number,
  ): void {
    const parsed = parseSipMessage(bytes, start, length, { truncated });
    if (!parsed.ok) return;
    const { message } = parsed;
    const key = `${message.callId} ${message.cseq} ${message.method} ${message.status ?? ''}`;
    const known = this.sights.get(key) ?? [];
    const [src, dst] = [endpoint(hop, 'src'), endpoint(hop, 'dst')];
    if (known.some((sight) => !this.severalPoints || isSameSight(sight, src, dst, ttl))) return;
    if (known.length >= MESSAGE_SIGHTS_MAX) return;
    if (this.messages >= MESSAGES_MAX || this.bytes + length > MESSAGE_BYTES_MAX) {
      this.leftOut++;
      return;
    }
    this.messages++;
    this.bytes += length;
    known.push({ tap: this.tap, timeUs, src, dst, ttl, message });
    this.sights.set(key, known);
  }
}

function isSameSight(sight: MessageSight, src: Endpoint | null, dst: Endpoint | null, ttl: number): boolean {
  return sight.ttl === ttl && isSame(sight.src, src) && isSame(sight.dst, dst);
}

function isSame(a: Endpoint | null, b: Endpoint | null): boolean {
  return a === b || (a !== null && b !== null && a.ip === b.ip && a.port === b.port);
}

function endpoint(hop: Hop | null, side: 'src' | 'dst'): Endpoint | null {
  if (hop === null) return null;
  return side === 'src'
    ? { ip: sourceIp(hop), port: hop.srcPort }
    : { ip: destinationIp(hop), port: hop.dstPort };
}
