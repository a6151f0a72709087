import { formatAddress } from './address.ts';
import { type Random, randomFor } from './random.ts';
import { wireAddress } from './resolve.ts';
import type { Scenario } from './scenario.ts';
import type { RegistrationEvent, RegistrationSpec } from './signalling-spec.ts';
import type { HostExchange, HostMessage } from './standalone.ts';
import { otherRepeats } from './timers.ts';

const TURNAROUND_MS = 8;

/** A registration as the outputs name it. */
export function registrationName(spec: RegistrationSpec): string {
  return `sip:${spec.user}@${spec.domain ?? 'example.com'}`;
}

/** All REGISTERs of one device and what its registrar answers. */
export function registrationMessages(
  scenario: Scenario,
  spec: RegistrationSpec,
  index: number,
): HostExchange {
  const writer = new RegistrationWriter(scenario, spec, randomFor(scenario.seed ?? 1, 'registration', index));
  for (const event of spec.events) writer.event(event);
  const { clientIp, clientPort, registrarIp } = addressesOf(spec, index);
  return {
    client: { ip: clientIp, port: clientPort },
    server: { ip: registrarIp, port: 5060 },
    transport: spec.transport ?? 'udp',
    messages: writer.messages,
  };
}

function addressesOf(
  spec: RegistrationSpec,
  index: number,
): { clientIp: string; clientPort: number; registrarIp: string } {
  return {
    clientIp: spec.ip ?? `192.0.2.${100 + (index % 100)}`,
    clientPort: spec.sipPort ?? 5060,
    registrarIp: spec.registrarIp ?? '203.0.113.5',
  };
}

/** The contact a device names: its own address. */
export function contactOf(scenario: Scenario, spec: RegistrationSpec, index: number, port?: number): string {
  const { clientIp, clientPort } = addressesOf(spec, index);
  const ip = formatAddress(wireAddress(scenario, clientIp));
  return `sip:${spec.user}@${ip.includes(':') ? `[${ip}]` : ip}:${port ?? clientPort}`;
}

class RegistrationWriter {
  readonly messages: HostMessage[] = [];
  readonly #scenario: Scenario;
  readonly #spec: RegistrationSpec;
  readonly #random: Random;
  readonly #callId: string;
  readonly #tag: string;
  #cseq: number;

  constructor(scenario: Scenario, spec: RegistrationSpec, random: Random) {
    this.#scenario = scenario;
    this.#spec = spec;
    this.#random = random;
    this.#callId = `${random.hex(24)}@${spec.domain ?? 'example.com'}`;
    this.#tag = random.hex(8);
    this.#cseq = 1 + random.int(1000);
  }

  /** One round: REGISTER, the challenge, REGISTER with credentials, the final response. */
  event(event: RegistrationEvent): void {
    const { challenged = true, answer = 200, copies = 0 } = event;
    let atMs = event.atMs;
    if (challenged && answer !== null) {
      this.#round(atMs, event, false, 401, 0);
      atMs += 2 * TURNAROUND_MS;
    }
    const code = answer === 'wrong_password' ? 401 : answer;
    this.#round(atMs, event, challenged, code, copies);
    if (answer === 'wrong_password') this.#round(atMs + 2 * TURNAROUND_MS, event, true, 401, 0);
  }

  #round(
    atMs: number,
    event: RegistrationEvent,
    credentials: boolean,
    code: number | null,
    copies: number,
  ): void {
    this.#cseq++;
    const branch = this.#random.hex(16);
    const text = this.#request(event, branch, credentials);
    const repeats =
      this.#spec.transport === 'tcp' ? [] : code === null ? otherRepeats() : otherRepeats().slice(0, copies);
    for (const after of [0, ...repeats]) this.messages.push({ timeMs: atMs + after, fromClient: true, text });
    if (code === null) return;
    const timeMs = atMs + (repeats.at(-1) ?? 0) + TURNAROUND_MS;
    this.messages.push({ timeMs, fromClient: false, text: this.#response(event, branch, code) });
  }

  #request(event: RegistrationEvent, branch: string, credentials: boolean): string {
    const { domain = 'example.com', expiresS } = this.#spec;
    const all = event.kind === 'unregister_all';
    return lines([
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: ${this.#via(branch)}`,
      'Max-Forwards: 70',
      ...this.#names(false),
      `Contact: ${all ? '*' : `<${this.#contact(event)}>`}`,
      `Expires: ${event.kind === 'register' ? expiresS : 0}`,
      ...(credentials ? ['Authorization: Digest username="x", realm="x", nonce="n", response="0"'] : []),
      `User-Agent: ${this.#spec.userAgent ?? 'ExamplePhone/4.2'}`,
    ]);
  }

  #response(event: RegistrationEvent, branch: string, code: number): string {
    const granted = event.kind === 'register' && code === 200;
    return lines([
      `SIP/2.0 ${code} ${code === 200 ? 'OK' : 'Refused'}`,
      `Via: ${this.#via(branch)}`,
      ...this.#names(true),
      ...(granted ? [`Contact: <${this.#contact(event)}>;expires=${this.#spec.expiresS}`] : []),
      ...(code === 401 ? ['WWW-Authenticate: Digest realm="x", nonce="n"'] : []),
      'Server: ExampleRegistrar/1',
    ]);
  }

  #names(withTag: boolean): string[] {
    const name = registrationName(this.#spec);
    return [
      `From: <${name}>;tag=${this.#tag}`,
      `To: <${name}>${withTag ? ';tag=registrar' : ''}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${this.#cseq} REGISTER`,
    ];
  }

  #contact(event: RegistrationEvent): string {
    const index = this.#scenario.registrations!.indexOf(this.#spec);
    return contactOf(this.#scenario, this.#spec, index, event.port);
  }

  #via(branch: string): string {
    const transport = (this.#spec.transport ?? 'udp').toUpperCase();
    return `SIP/2.0/${transport} device.example.com:5060;branch=z9hG4bK${branch};rport`;
  }
}

/** A message without body. */
export function lines(headers: readonly string[]): string {
  return `${[...headers, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}
