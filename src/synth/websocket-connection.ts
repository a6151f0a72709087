import { type ByteConnection, joined, octetsOf, randomOctets } from './byte-connection.ts';
import type { Random } from './random.ts';

const TEXT = 0x81;
const MASKED = 0x80;

/** SIP over WebSocket (RFC 7118): the upgrade, then one text frame for each message, masked from the client. */
export class WebSocketConnection implements ByteConnection {
  readonly #below: ByteConnection;
  readonly #host: string;
  readonly #random: Random;

  constructor(below: ByteConnection, host: string, random: Random) {
    this.#below = below;
    this.#host = host;
    this.#random = random;
  }

  open(endNs: number): void {
    this.#below.open(endNs - 2e6);
    const key = Buffer.from(randomOctets(this.#random, 16)).toString('base64');
    const request = [
      'GET / HTTP/1.1',
      `Host: ${this.#host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Protocol: sip',
      'Sec-WebSocket-Version: 13',
    ];
    const answer = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      // What it should be is SHA-1 of the key; nobody here checks.
      'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      'Sec-WebSocket-Protocol: sip',
    ];
    this.#below.send(endNs - 1e6, true, head(request), false);
    this.#below.send(endNs, false, head(answer), false);
  }

  send(timeNs: number, fromClient: boolean, octets: Uint8Array, isSip: boolean): void {
    const { length } = octets;
    const mask = fromClient ? MASKED : 0;
    const size = length < 126 ? [mask | length] : [mask | 126, ...octetsOf(length, 2)];
    if (!fromClient) {
      this.#below.send(timeNs, false, joined([TEXT], size, octets), isSip);
      return;
    }
    const key = randomOctets(this.#random, 4);
    const hidden = octets.map((octet, i) => octet ^ key[i & 3]!);
    this.#below.send(timeNs, true, joined([TEXT], size, key, hidden), isSip);
  }

  close(timeNs: number): void {
    this.#below.close(timeNs);
  }
}

function head(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}
