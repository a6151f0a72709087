/**
 * The secrets of TLS sessions, as programs write them to the file named by SSLKEYLOGFILE (RFC 9850):
 * `label client_random secret`, in hex, one to a line.
 */

/** The secrets of one session. Which ones there are depends on the version. */
export interface SessionSecrets {
  /** TLS 1.2: the master secret (`CLIENT_RANDOM`). */
  master: Uint8Array | null;
  /** TLS 1.3: the traffic secrets of both sides, during and after the handshake. */
  clientHandshake: Uint8Array | null;
  serverHandshake: Uint8Array | null;
  client: Uint8Array | null;
  server: Uint8Array | null;
}

/** Labels by the place that their secret has in a session. */
const LABELS: ReadonlyMap<string, number> = new Map([
  ['CLIENT_RANDOM', 0],
  ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 1],
  ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 2],
  ['CLIENT_TRAFFIC_SECRET_0', 3],
  ['SERVER_TRAFFIC_SECRET_0', 4],
]);
/** Longest secret there is: a master secret, and the output of SHA-384. */
const SECRET_MAX = 48;
/** A place is the secret's length and the secret. */
const PLACE = 1 + SECRET_MAX;
/** Secrets that are of no use here: they open nothing that SIP sends. */
const UNUSED: ReadonlySet<string> = new Set([
  'RSA',
  'EARLY_EXPORTER_SECRET',
  'EXPORTER_SECRET',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'ECH_SECRET',
  'ECH_CONFIG',
]);
/** Later secrets follow from the first. */
const LATER = /^(?:CLIENT|SERVER)_TRAFFIC_SECRET_[1-9N]\d*$/;
const RANDOM_LENGTH = 32;
const LINE = /^([A-Z0-9_]{3,64}) ([0-9a-fA-F]{64}) ([0-9a-fA-F]{2,96})$/;
const LINE_MAX = 512;
/** Sessions remembered, some 700 octets each. */
const SESSIONS_MAX = 131_072;

export interface KeyLogCounters {
  /** Secrets taken. */
  secrets: number;
  /** Lines that are neither a secret nor a comment nor empty. */
  malformed: number;
  /** Sessions forgotten to make room. */
  forgotten: number;
}

/** Secrets by client random. The oldest sessions make room when there are too many. */
export class TlsKeys {
  readonly counters: KeyLogCounters = { secrets: 0, malformed: 0, forgotten: 0 };
  readonly #sessions = new Map<string, Uint8Array>();
  readonly #sessionsMax: number;

  constructor(sessionsMax: number = SESSIONS_MAX) {
    this.#sessionsMax = sessionsMax;
  }

  /** Sessions known. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes the lines of a key log. The bytes are text; whatever is wrong with a line is counted. */
  add(bytes: Uint8Array): void {
    let start = 0;
    for (let at = 0; at <= bytes.length; at++) {
      if (at < bytes.length && bytes[at] !== 0x0a) continue;
      this.#line(bytes, start, at);
      start = at + 1;
    }
  }

  /** What is known about the session with this client random (32 octets at `offset`). */
  find(bytes: Uint8Array, offset: number): SessionSecrets | null {
    if (this.#sessions.size === 0) return null;
    const random = Buffer.from(bytes.buffer, bytes.byteOffset + offset, RANDOM_LENGTH);
    const session = this.#sessions.get(random.toString('hex'));
    if (session === undefined) return null;
    const secret = (place: number): Uint8Array | null => {
      const at = place * PLACE;
      const length = session[at]!;
      return length === 0 ? null : session.slice(at + 1, at + 1 + length);
    };
    return {
      master: secret(0),
      clientHandshake: secret(1),
      serverHandshake: secret(2),
      client: secret(3),
      server: secret(4),
    };
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, LINE_MAX + 1);
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, length)
      .toString('latin1')
      .trim();
    if (line === '' || line.startsWith('#')) return;
    const match = line.length > LINE_MAX ? null : LINE.exec(line);
    const label = match?.[1] ?? line.slice(0, line.indexOf(' '));
    const place = LABELS.get(label);
    if (match === null || match[3]!.length % 2 !== 0 || place === undefined) {
      if (!UNUSED.has(label) && !LATER.test(label)) this.counters.malformed++;
      return;
    }
    this.counters.secrets++;
    const secret = Buffer.from(match[3]!, 'hex');
    const session = this.#session(match[2]!.toLowerCase());
    session[place * PLACE] = secret.length;
    session.set(secret, place * PLACE + 1);
  }

  #session(random: string): Uint8Array {
    const known = this.#sessions.get(random);
    if (known !== undefined) return known;
    if (this.#sessions.size >= this.#sessionsMax) {
      this.counters.forgotten++;
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    }
    const session = new Uint8Array(LABELS.size * PLACE);
    this.#sessions.set(random, session);
    return session;
  }
}
