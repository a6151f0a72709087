import { type Endpoint, Tape } from '../calls/tape.ts';

export const PHONE: Endpoint = { ip: '192.0.2.10', port: 5060 };
export const REGISTRAR: Endpoint = { ip: '203.0.113.5', port: 5060 };

/** One REGISTER and its answer. */
export interface Round {
  from?: Endpoint;
  /** Where it is sent; default the registrar. */
  to?: Endpoint;
  /** Request-URI. */
  uri?: string;
  user?: string;
  callId?: string;
  /** Header values; default the address it is sent from. */
  contacts?: string[];
  expiresS?: number | null;
  credentials?: boolean;
  agent?: string;
  /** null for no answer. */
  answer?: number | null;
  /** Further lines of the answer. */
  headers?: string[];
}

/** A REGISTER as the device sends it. */
export function registerText(round: Round, cseq: number): string {
  const { from = PHONE, user = 'alice', expiresS = 60, credentials = true, uri = 'sip:example.com' } = round;
  const contacts = round.contacts ?? [`<sip:${user}@${from.ip}:${from.port}>`];
  return textOf([
    `REGISTER ${uri} SIP/2.0`,
    ...commonOf(round, cseq),
    ...contacts.map((contact) => `Contact: ${contact}`),
    ...(expiresS === null ? [] : [`Expires: ${expiresS}`]),
    ...(round.agent === undefined ? [] : [`User-Agent: ${round.agent}`]),
    ...(credentials ? ['Authorization: Digest username="a", realm="x", nonce="n", response="0"'] : []),
  ]);
}

/** Writes REGISTERs and what they are answered onto a tape, each as its own transaction. */
export class RegisterTape extends Tape {
  private cseq = 0;

  register(atMs: number, round: Round = {}): void {
    const { from = PHONE, to = REGISTRAR, answer = 200, headers = [] } = round;
    const cseq = ++this.cseq;
    this.sip(atMs, from, to, registerText(round, cseq));
    if (answer === null) return;
    const said = [`SIP/2.0 ${answer} Reason`, ...commonOf(round, cseq), ...headers];
    this.sip(atMs + 10, to, from, textOf(said));
  }
}

function commonOf({ from = PHONE, user = 'alice', callId = 'reg-1' }: Round, cseq: number): string[] {
  return [
    `Via: SIP/2.0/UDP ${from.ip}:${from.port};branch=z9hG4bK-${cseq};rport`,
    `From: <sip:${user}@example.com>;tag=1`,
    `To: <sip:${user}@example.com>`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} REGISTER`,
  ];
}

function textOf(lines: readonly string[]): string {
  return `${[...lines, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}
