import { createCipheriv, createHmac } from 'node:crypto';
import { type ByteConnection, joined, octetsOf, randomOctets } from './byte-connection.ts';
import type { Random } from './random.ts';

export type TlsVersion = '1.2' | '1.3';

const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;
/** TLS_AES_128_GCM_SHA256, and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. */
const SUITES: Record<TlsVersion, number> = { '1.3': 0x1301, '1.2': 0xc02f };

/** Empty lists: a certificate would be looked at. */
const NO_CERTIFICATES_13 = [0, 0, 0, 0];
const NO_CERTIFICATES_12 = [0, 0, 0];

/** What protects the records of one side. */
interface Protection {
  key: Uint8Array;
  iv: Uint8Array;
  sequence: number;
}

/**
 * TLS as it looks to whoever has the secrets: hellos, a handshake that says nothing, and records that the secrets
 * open. Nobody agreed on the secrets (they are drawn), and no certificate is one.
 */
export class TlsConnection implements ByteConnection {
  readonly #below: ByteConnection;
  readonly #version: TlsVersion;
  readonly #random: Random;
  readonly #clientRandom: Uint8Array;
  readonly #serverRandom: Uint8Array;
  readonly #secrets: Record<'master' | 'clientEarly' | 'serverEarly' | 'client' | 'server', Uint8Array>;
  #client: Protection;
  #server: Protection;

  constructor(below: ByteConnection, version: TlsVersion, random: Random) {
    this.#below = below;
    this.#version = version;
    this.#random = random;
    this.#clientRandom = randomOctets(random, 32);
    this.#serverRandom = randomOctets(random, 32);
    this.#secrets = {
      master: randomOctets(random, 48),
      clientEarly: randomOctets(random, 32),
      serverEarly: randomOctets(random, 32),
      client: randomOctets(random, 32),
      server: randomOctets(random, 32),
    };
    [this.#client, this.#server] = version === '1.3' ? this.#traffic() : this.#keyBlock();
  }

  /** The lines of a key log that open it. */
  get keyLog(): string {
    const secrets = this.#secrets;
    const lines: [string, Uint8Array][] =
      this.#version === '1.2'
        ? [['CLIENT_RANDOM', secrets.master]]
        : [
            ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', secrets.clientEarly],
            ['SERVER_HANDSHAKE_TRAFFIC_SECRET', secrets.serverEarly],
            ['CLIENT_TRAFFIC_SECRET_0', secrets.client],
            ['SERVER_TRAFFIC_SECRET_0', secrets.server],
          ];
    return lines.map(([label, secret]) => `${label} ${hex(this.#clientRandom)} ${hex(secret)}\n`).join('');
  }

  open(endNs: number): void {
    this.#below.open(endNs - 4e6);
    if (this.#version === '1.3') this.#handshake13(endNs);
    else this.#handshake12(endNs);
  }

  send(timeNs: number, fromClient: boolean, octets: Uint8Array, isSip: boolean): void {
    this.#below.send(timeNs, fromClient, this.#seal(fromClient, APPLICATION_DATA, octets), isSip);
  }

  close(timeNs: number): void {
    this.#below.close(timeNs);
  }

  /** RFC 8446 2: one round trip; from ServerHello on all is protected. */
  #handshake13(endNs: number): void {
    const sessionId = randomOctets(this.#random, 32);
    const share = joined([0, 0x1d, 0, 32], randomOctets(this.#random, 32));
    const offered = [
      extension(43, [2, 3, 4]),
      extension(10, [0, 2, 0, 0x1d]),
      extension(13, [0, 2, 4, 3]),
      extension(51, joined([0, share.length], share)),
    ];
    this.#plain(endNs - 3e6, true, this.#clientHello(sessionId, offered));
    const chosen = [extension(43, [3, 4]), extension(51, share)];
    const hello = record(HANDSHAKE, this.#serverHello(sessionId, chosen));
    const change = record(CHANGE_CIPHER_SPEC, [1]);
    const [client, server] = [this.#client, this.#server];
    this.#client = this.#from(this.#secrets.clientEarly);
    this.#server = this.#from(this.#secrets.serverEarly);
    const verified = message(15, joined([4, 3], sized(randomOctets(this.#random, 70), 2)));
    const rest = joined(message(8, [0, 0]), message(11, NO_CERTIFICATES_13), verified);
    const flight = this.#seal(false, HANDSHAKE, joined(rest, message(20, randomOctets(this.#random, 32))));
    this.#below.send(endNs - 2e6, false, joined(hello, change, flight), false);
    const finished = this.#seal(true, HANDSHAKE, message(20, randomOctets(this.#random, 32)));
    this.#below.send(endNs - 1e6, true, joined(change, finished), false);
    [this.#client, this.#server] = [client, server];
  }

  /** RFC 5246 7.3: two round trips; Finished is the first protected record of either side. */
  #handshake12(endNs: number): void {
    this.#plain(endNs - 3e6, true, this.#clientHello(new Uint8Array(0), [extension(13, [0, 2, 4, 1])]));
    const certificate = message(11, NO_CERTIFICATES_12);
    const point = joined([3, 0, 0x1d], sized(randomOctets(this.#random, 32), 1));
    const exchange = message(12, joined(point, [4, 1], sized(randomOctets(this.#random, 256), 2)));
    const hello = this.#serverHello(new Uint8Array(0), [extension(0xff01, [0])]);
    this.#plain(endNs - 2e6, false, joined(hello, certificate, exchange, message(14, [])));
    const change = record(CHANGE_CIPHER_SPEC, [1]);
    const finished = (fromClient: boolean): Uint8Array =>
      this.#seal(fromClient, HANDSHAKE, message(20, randomOctets(this.#random, 12)));
    const share = record(HANDSHAKE, message(16, joined([32], randomOctets(this.#random, 32))));
    this.#below.send(endNs - 1e6, true, joined(share, change, finished(true)), false);
    this.#below.send(endNs, false, joined(change, finished(false)), false);
  }

  #plain(timeNs: number, fromClient: boolean, octets: Uint8Array): void {
    this.#below.send(timeNs, fromClient, record(HANDSHAKE, octets), false);
  }

  #clientHello(sessionId: Uint8Array, extensions: readonly Uint8Array[]): Uint8Array {
    const suites = [0, 2, ...octetsOf(SUITES[this.#version], 2)];
    const head = joined([3, 3], this.#clientRandom, [sessionId.length], sessionId, suites, [1, 0]);
    return message(1, joined(head, sized(joined(...extensions), 2)));
  }

  #serverHello(sessionId: Uint8Array, extensions: readonly Uint8Array[]): Uint8Array {
    const suite = [...octetsOf(SUITES[this.#version], 2), 0];
    const head = joined([3, 3], this.#serverRandom, [sessionId.length], sessionId, suite);
    return message(2, joined(head, sized(joined(...extensions), 2)));
  }

  /** A protected record (RFC 8446 5.2; RFC 5246 6.2.3.3 with RFC 5288). */
  #seal(fromClient: boolean, type: number, octets: Uint8Array): Uint8Array {
    const side = fromClient ? this.#client : this.#server;
    const number = octetsOf(side.sequence++, 8);
    if (this.#version === '1.3') {
      const nonce = side.iv.map((octet, i) => octet ^ (i < 4 ? 0 : number[i - 4]!));
      const header = [APPLICATION_DATA, 3, 3, ...octetsOf(octets.length + 1 + 16, 2)];
      return joined(header, encrypt(side.key, nonce, header, joined(octets, [type])));
    }
    const nonce = joined(side.iv, number);
    const covered = [...number, type, 3, 3, ...octetsOf(octets.length, 2)];
    return record(type, joined(number, encrypt(side.key, nonce, covered, octets)));
  }

  #traffic(): [Protection, Protection] {
    return [this.#from(this.#secrets.client), this.#from(this.#secrets.server)];
  }

  /** RFC 8446 7.3. */
  #from(secret: Uint8Array): Protection {
    const expand = (label: string, length: number): Uint8Array => {
      const name = new TextEncoder().encode(`tls13 ${label}`);
      const info = joined(octetsOf(length, 2), [name.length], name, [0, 1]);
      return new Uint8Array(createHmac('sha256', secret).update(info).digest().subarray(0, length));
    };
    return { key: expand('key', 16), iv: expand('iv', 12), sequence: 0 };
  }

  /** RFC 5246 6.3: key expansion by P_SHA256. */
  #keyBlock(): [Protection, Protection] {
    const seed = joined(new TextEncoder().encode('key expansion'), this.#serverRandom, this.#clientRandom);
    const hmac = (data: Uint8Array): Buffer =>
      createHmac('sha256', this.#secrets.master).update(data).digest();
    const a1 = hmac(seed);
    const a2 = hmac(a1);
    const block = joined(hmac(joined(a1, seed)), hmac(joined(a2, seed)));
    return [
      { key: block.slice(0, 16), iv: block.slice(32, 36), sequence: 0 },
      { key: block.slice(16, 32), iv: block.slice(36, 40), sequence: 0 },
    ];
  }
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function sized(octets: Uint8Array, lengthOctets: number): Uint8Array {
  return joined(octetsOf(octets.length, lengthOctets), octets);
}

function record(type: number, octets: Uint8Array | readonly number[]): Uint8Array {
  return joined([type, 3, 3], octetsOf(octets.length, 2), octets);
}

function message(type: number, body: Uint8Array | readonly number[]): Uint8Array {
  return joined([type], octetsOf(body.length, 3), body);
}

function extension(type: number, body: Uint8Array | readonly number[]): Uint8Array {
  return joined(octetsOf(type, 2), octetsOf(body.length, 2), body);
}

function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  covered: readonly number[],
  octets: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  cipher.setAAD(Uint8Array.from(covered));
  const sealed = cipher.update(octets);
  cipher.final();
  return joined(sealed, cipher.getAuthTag());
}
