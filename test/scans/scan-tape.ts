import { type Endpoint, Tape } from '../calls/tape.ts';

export const STRANGER: Endpoint = { ip: '203.0.113.66', port: 5071 };
export const PBX: Endpoint = { ip: '192.0.2.5', port: 5060 };

/** One request outside of any dialog, and its answer. */
export interface Knock {
  method: 'OPTIONS' | 'INVITE' | 'REGISTER';
  /** Who is asked for; of REGISTER, who is to be registered. */
  user: string;
  from?: Endpoint;
  to?: Endpoint;
  /** User of From; default a name that is no number. */
  caller?: string;
  agent?: string;
  callId?: string;
  cseq?: number;
  credentials?: boolean;
  /** In order; null for no answer. */
  answers?: number[] | null;
}

/** Writes what strangers ask, and what they are told. */
export class ScanTape extends Tape {
  private asked = 0;

  knock(atMs: number, knock: Knock): void {
    const { method, user, from = STRANGER, to = PBX, agent, answers = [404], cseq = 1 } = knock;
    const number = ++this.asked;
    const caller = method === 'REGISTER' ? user : (knock.caller ?? 'anyone');
    const names = (tag: string): string[] => [
      `Via: SIP/2.0/UDP ${from.ip}:${from.port};branch=z9hG4bK-k${number};rport`,
      `From: <sip:${caller}@${to.ip}>;tag=f${number}`,
      `To: <sip:${user}@${to.ip}>${tag}`,
      `Call-ID: ${knock.callId ?? `knock-${number}@${from.ip}`}`,
    ];
    const common = (tag = ''): string[] => [...names(tag), `CSeq: ${cseq} ${method}`];
    const uri = method === 'REGISTER' ? `sip:${to.ip}` : `sip:${user}@${to.ip}`;
    const request = [
      ...common(),
      `Contact: <sip:${caller}@${from.ip}:${from.port}>`,
      ...(method === 'REGISTER' ? ['Expires: 60'] : []),
      ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
      ...(knock.credentials
        ? ['Authorization: Digest username="a", realm="x", nonce="n", response="0"']
        : []),
    ];
    this.sip(atMs, from, to, messageOf(`${method} ${uri}`, request));
    for (const [i, status] of (answers ?? []).entries()) {
      const tag = status === 100 ? '' : `;tag=t${number}`;
      this.sip(atMs + 10 + i * 200, to, from, messageOf(`SIP/2.0 ${status} Reason`, common(tag)));
    }
    if (method !== 'INVITE' || answers === null) return;
    const ack = [...names(`;tag=t${number}`), `CSeq: ${cseq} ACK`];
    this.sip(atMs + 30 + answers.length * 200, from, to, messageOf(`ACK ${uri}`, ack));
  }
}

function messageOf(start: string, headers: readonly string[]): string {
  const line = start.startsWith('SIP/2.0') ? start : `${start} SIP/2.0`;
  return `${[line, ...headers, 'Max-Forwards: 70', 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}

/** 203.0.113.x and so on: the nth of a row of hosts. */
export function hostOf(n: number, network = '198.51'): Endpoint {
  return { ip: `${network}.${100 + (n >> 8)}.${n & 255}`, port: 5060 };
}
