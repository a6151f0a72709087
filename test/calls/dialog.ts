import type { Endpoint, Tape, Train } from './tape.ts';

export type Side = 'caller' | 'callee';

export interface Peer {
  user: string;
  ip: string;
  sipPort: number;
  rtpPort: number;
}

export const ALICE: Peer = { user: 'alice', ip: '192.0.2.10', sipPort: 5060, rtpPort: 20_000 };
export const BOB: Peer = { user: 'bob', ip: '198.51.100.20', sipPort: 5060, rtpPort: 30_000 };

/** One m-line of a session description. */
export interface MediaLine {
  type?: string;
  port: number;
  protocol?: string;
  /** `[payload type, rtpmap]`; an rtpmap of null leaves the line out. */
  codecs: [payloadType: number, rtpmap: string | null][];
  /** Further lines, such as `a=sendonly`. */
  lines?: string[];
}

const PCMU: MediaLine['codecs'] = [
  [0, 'PCMU/8000'],
  [101, 'telephone-event/8000'],
];

/** A session description at `ip`. */
export function sessionOf(ip: string, ...media: MediaLine[]): string {
  const family = ip.includes(':') ? 'IP6' : 'IP4';
  const head = ['v=0', `o=- 1 1 IN ${family} ${ip}`, 's=-', `c=IN ${family} ${ip}`, 't=0 0'];
  const body = media.flatMap(({ type = 'audio', port, protocol = 'RTP/AVP', codecs, lines = [] }) => [
    `m=${type} ${port} ${protocol} ${codecs.map(([payloadType]) => payloadType).join(' ')}`,
    ...codecs.flatMap(([payloadType, map]) => (map === null ? [] : [`a=rtpmap:${payloadType} ${map}`])),
    ...lines,
  ]);
  return `${[...head, ...body].join('\r\n')}\r\n`;
}

/** A plain description of one audio stream of a peer. */
export function audioOf(
  peer: Peer,
  over: { port?: number; codecs?: MediaLine['codecs']; lines?: string[] } = {},
): string {
  return sessionOf(peer.ip, {
    port: over.port ?? peer.rtpPort,
    codecs: over.codecs ?? PCMU,
    lines: over.lines ?? [],
  });
}

/** What varies from message to message. */
export interface MessageOptions {
  /** Who sent the request; default the caller. */
  by?: Side;
  cseq?: number;
  sdp?: string;
  /** Tag of the callee; null for none. Default the dialog's, on an initial INVITE or CANCEL none. */
  calleeTag?: string | null;
  /** Sent from and to other places than the two peers (a proxy's hop). */
  hop?: [from: Endpoint, to: Endpoint];
  /** Further header lines. */
  headers?: string[];
  /** Names the transaction; default by method, side and CSeq. */
  branch?: string;
  /** Request-URI. */
  uri?: string;
  /** Body in place of a session description, and its type. */
  body?: string;
  contentType?: string;
}

/** Writes the messages of one dialog onto a tape. */
export class Dialog {
  readonly callId: string;
  readonly caller: Peer;
  readonly callee: Peer;
  readonly callerTag: string;
  readonly calleeTag = 'to-tag';
  private readonly tape: Tape;

  constructor(
    tape: Tape,
    callId = 'call-1@example.com',
    caller = ALICE,
    callee = BOB,
    callerTag = 'from-tag',
  ) {
    this.tape = tape;
    this.callerTag = callerTag;
    this.callId = callId;
    this.caller = caller;
    this.callee = callee;
  }

  /** One request. */
  request(atMs: number, method: string, options: MessageOptions = {}): void {
    const { by = 'caller', cseq = 1 } = options;
    const target = `sip:${this.peer(other(by)).user}@${host(this.peer(other(by)).ip)}`;
    const start = `${method} ${options.uri ?? target} SIP/2.0`;
    const outside = (method === 'INVITE' && cseq === 1 && by === 'caller') || method === 'CANCEL';
    this.write(atMs, by, start, method, by, cseq, options, outside ? null : this.calleeTag);
  }

  /** One response to a request of `by`. */
  response(atMs: number, code: number, method: string, options: MessageOptions = {}): void {
    const { by = 'caller', cseq = 1 } = options;
    const tag = code === 100 ? null : this.calleeTag;
    this.write(atMs, other(by), `SIP/2.0 ${code} Reason`, method, by, cseq, options, tag);
  }

  /** INVITE, 180, 200, ACK: answered a second after `atMs`. Offer and answer are plain unless given. */
  answered(atMs: number, offer = audioOf(this.caller), answer = audioOf(this.callee)): void {
    this.request(atMs, 'INVITE', { sdp: offer });
    this.response(atMs + 200, 180, 'INVITE');
    this.response(atMs + 1000, 200, 'INVITE', { sdp: answer });
    this.request(atMs + 1010, 'ACK');
  }

  /** A re-INVITE with its 200 and ACK. */
  reinvited(atMs: number, by: Side, cseq: number, offer: string, answer: string): void {
    const calleeTag = this.calleeTag;
    this.request(atMs, 'INVITE', { by, cseq, sdp: offer, calleeTag });
    this.response(atMs + 30, 200, 'INVITE', { by, cseq, sdp: answer });
    this.request(atMs + 40, 'ACK', { by, cseq });
  }

  /** BYE and its 200. */
  released(atMs: number, by: Side = 'caller', cseq = 50): void {
    this.request(atMs, 'BYE', { by, cseq });
    this.response(atMs + 10, 200, 'BYE', { by, cseq });
  }

  /** RTP from one side to the other, between their usual ports. */
  media(from: Side, atMs: number, count: number, over: Partial<Train> = {}): void {
    const ssrc = from === 'caller' ? 0x0a0a0a0a : 0x0b0b0b0b;
    this.tape.rtp({ from: this.rtpOf(from), to: this.rtpOf(other(from)), ssrc, atMs, count, ...over });
  }

  /** Both directions. */
  conversation(atMs: number, count: number, over: Partial<Train> = {}): void {
    this.media('caller', atMs, count, over);
    this.media('callee', atMs + 7, count, over);
  }

  /** Where a side receives RTP. */
  rtpOf(side: Side): Endpoint {
    const { ip, rtpPort } = this.peer(side);
    return { ip, port: rtpPort };
  }

  private peer(side: Side): Peer {
    return side === 'caller' ? this.caller : this.callee;
  }

  private write(
    atMs: number,
    sender: Side,
    start: string,
    method: string,
    by: Side,
    cseq: number,
    options: MessageOptions,
    usualTag: string | null,
  ): void {
    const calleeTag = options.calleeTag === undefined ? usualTag : options.calleeTag;
    const caller = `<sip:${this.caller.user}@example.com>;tag=${this.callerTag}`;
    const callee = `<sip:${this.callee.user}@example.com>${calleeTag === null ? '' : `;tag=${calleeTag}`}`;
    const body = options.body ?? options.sdp ?? '';
    const headers = [
      start,
      `Via: SIP/2.0/UDP ${host(this.peer(by).ip)}:5060;branch=${options.branch ?? `z9hG4bK-${method}-${by}-${cseq}`}`,
      `From: ${by === 'caller' ? caller : callee}`,
      `To: ${by === 'caller' ? callee : caller}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(options.headers ?? []),
      ...(body === '' ? [] : [`Content-Type: ${options.contentType ?? 'application/sdp'}`]),
      `Content-Length: ${body.length}`,
    ];
    const place = (side: Side): Endpoint => ({ ip: this.peer(side).ip, port: this.peer(side).sipPort });
    const [from, to] = options.hop ?? [place(sender), place(other(sender))];
    this.tape.sip(atMs, from, to, `${headers.join('\r\n')}\r\n\r\n${body}`);
  }
}

function other(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}

function host(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}
