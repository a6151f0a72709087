import { createCipheriv } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import type { ByteConnection } from '../../src/synth/byte-connection.ts';
import { randomFor } from '../../src/synth/random.ts';
import { TlsConnection } from '../../src/synth/tls-connection.ts';
import { expandLabel } from '../../src/tls/crypto.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { TlsSession } from '../../src/tls/session.ts';
import { BYE, INVITE, OK_RESPONSE } from '../sip/examples.ts';
import { type Line, type LiveSession, liveSession, makeCredentials } from './live-session.ts';

const rsa = makeCredentials('rsa');
const ec = makeCredentials('ec');

const DIALOGUE: Line[] = [
  { fromClient: true, text: INVITE },
  { fromClient: false, text: OK_RESPONSE },
  { fromClient: true, text: `${'x'.repeat(40_000)}` },
  { fromClient: false, text: BYE },
  { fromClient: true, text: BYE },
];
const CLIENT = DIALOGUE.filter((line) => line.fromClient)
  .map((line) => line.text)
  .join('');
const SERVER = DIALOGUE.filter((line) => !line.fromClient)
  .map((line) => line.text)
  .join('');

function keysOf(text: string): TlsKeys {
  const keys = new TlsKeys();
  keys.add(Buffer.from(text));
  return keys;
}

interface Read {
  client: string;
  server: string;
  session: TlsSession;
}

/** Feeds a session; `|` marks a gap. The client is side 0 unless told otherwise. */
function read({ sent, keyLog }: LiveSession, cut = [100_000], clientSide = 0, keys = keysOf(keyLog)): Read {
  const out = ['', ''];
  const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
    out[side] += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
  });
  let i = 0;
  for (const { fromClient, bytes } of sent) {
    const side = fromClient ? clientSide : 1 - clientSide;
    for (let at = 0; at < bytes.length; i++) {
      const size = Math.min(cut[i % cut.length]!, bytes.length - at);
      session.push(side, bytes, at, size);
      at += size;
    }
  }
  session.settle();
  return { client: out[clientSide]!, server: out[1 - clientSide]!, session };
}

describe.skipIf(rsa === null || ec === null)('sessions of Node.js itself (skipped without openssl)', () => {
  test.each<[string, 'rsa' | 'ec', object]>([
    ['ECDHE-RSA-AES128-GCM-SHA256', 'rsa', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-RSA-AES256-GCM-SHA384', 'rsa', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-RSA-CHACHA20-POLY1305', 'rsa', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ec', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ec', { maxVersion: 'TLSv1.2' }],
    ['DHE-RSA-AES256-GCM-SHA384', 'rsa', { maxVersion: 'TLSv1.2', dhparam: 'auto' }],
    ['AES128-GCM-SHA256', 'rsa', { maxVersion: 'TLSv1.2' }],
    ['AES256-GCM-SHA384', 'rsa', { maxVersion: 'TLSv1.2' }],
    ['TLS_AES_128_GCM_SHA256', 'rsa', {}],
    ['TLS_AES_256_GCM_SHA384', 'ec', {}],
    ['TLS_CHACHA20_POLY1305_SHA256', 'rsa', {}],
  ])('%s, %s key, %j', async (ciphers, kind, options) => {
    const live = await liveSession(DIALOGUE, (kind === 'rsa' ? rsa : ec)!, { ciphers, ...options });
    expect(live.cipher).toBe(ciphers);
    for (const clientSide of [0, 1]) {
      const { client, server, session } = read(live, [100_000], clientSide);
      expect(client).toBe(CLIENT);
      expect(server).toBe(SERVER);
      expect(session).toMatchObject({ outcome: 'decrypted', undecryptable: 0 });
    }
    expect(read(live, [1, 7, 1460, 3]).client).toBe(CLIENT);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a resumed session of %s', async (version) => {
    const options = { minVersion: version, maxVersion: version };
    const server = { ticketKeys: Buffer.alloc(48, 7) };
    const first = await liveSession(DIALOGUE, ec!, options, server);
    expect(first.resumed).toBe(false);
    const second = await liveSession(DIALOGUE, ec!, { ...options, session: first.session! }, server);
    expect(second.resumed).toBe(true);
    expect(read(second)).toMatchObject({ client: CLIENT, server: SERVER });
    expect(read(second, [100_000], 0, keysOf(first.keyLog)).session.outcome).toBe('noKeys');
  });

  test("a renegotiation in TLS 1.2 (RFC 5746): the second handshake is in the first one's records", async () => {
    const renegotiate = (client: TLSSocket): Promise<void> =>
      new Promise((resolve, reject) => {
        client.renegotiate({ rejectUnauthorized: false }, (error) =>
          error === null ? resolve() : reject(error),
        );
      });
    const live = await liveSession(DIALOGUE, ec!, { maxVersion: 'TLSv1.2' }, {}, renegotiate);
    expect(live.keyLog.match(/CLIENT_RANDOM/g)).toHaveLength(2);
    expect(read(live)).toMatchObject({ client: CLIENT, server: SERVER, session: { undecryptable: 0 } });
    expect(read(live, [1, 700]).client).toBe(CLIENT);
  });

  test('a HelloRetryRequest before (RFC 8446 4.1.4)', async () => {
    const live = await liveSession(DIALOGUE, ec!, { ecdhCurve: 'X25519:P-384' }, { ecdhCurve: 'P-384' });
    const hellos = records(live).filter(({ fromClient, bytes }) => fromClient && bytes[0] === 22);
    expect(hellos).toHaveLength(2);
    expect(read(live)).toMatchObject({ client: CLIENT, server: SERVER });
  });
});

/** The records of a session one by one. */
function records({ sent }: LiveSession): { fromClient: boolean; bytes: Uint8Array }[] {
  const rest = new Map<boolean, Uint8Array>();
  return sent.flatMap(({ fromClient, bytes }) => {
    let held = Buffer.concat([rest.get(fromClient) ?? new Uint8Array(0), bytes]);
    const whole: LiveSession['sent'] = [];
    while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
      const length = 5 + held.readUInt16BE(3);
      whole.push({ fromClient, bytes: new Uint8Array(held.subarray(0, length)) });
      held = held.subarray(length);
    }
    rest.set(fromClient, new Uint8Array(held));
    return whole;
  });
}

describe.skipIf(ec === null).each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s, when something is missing',
  (version) => {
    const numbered = Array.from(
      { length: 200 },
      (_, i): Line => ({ fromClient: i % 2 === 0, text: `<${i}>` }),
    );
    const isOld = version === 'TLSv1.2';
    let live: LiveSession;
    let parts: LiveSession['sent'];
    /** Index of the first record with application data. */
    let firstData: number;

    beforeAll(async () => {
      live = await liveSession(numbered, ec!, { minVersion: version, maxVersion: version });
      expect(live.protocol).toBe(version);
      parts = records(live);
      firstData = -1;
      let pushed = 0;
      const session = new TlsSession({ keys: keysOf(live.keyLog), crypto: nodeCrypto }, () => {
        if (firstData < 0) firstData = pushed;
      });
      for (const { fromClient, bytes } of parts) {
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
        pushed++;
      }
    });

    function feed(
      pieces: readonly (LiveSession['sent'][number] | 'client lost' | 'server lost')[],
      keyLog = live.keyLog,
    ): Read {
      const keys = keysOf(keyLog);
      const out = ['', ''];
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
        out[side] += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
      });
      for (const piece of pieces) {
        if (typeof piece === 'string') session.gap(piece === 'client lost' ? 0 : 1);
        else session.push(piece.fromClient ? 0 : 1, piece.bytes, 0, piece.bytes.length);
      }
      session.settle();
      return { client: out[0]!, server: out[1]!, session };
    }

    const sentBy = (client: boolean, from = 0): string =>
      numbered
        .slice(from)
        .filter((line) => line.fromClient === client)
        .map((line) => line.text)
        .join('');

    test('records lost in the middle: their number is found again', () => {
      for (const missing of [1, 30, 60, 150]) {
        const pieces = [
          ...parts.slice(0, firstData + 20),
          'client lost',
          'server lost',
          ...parts.slice(firstData + 20 + missing),
        ] as const;
        const { client, server, session } = feed(pieces);
        const { text: nextClient } = numbered.slice(20 + missing).find((line) => line.fromClient)!;
        expect(client.split('|')[1]!.startsWith(nextClient) || missing === 150).toBe(true);
        expect(client.split('|')[0]).toBe(
          numbered
            .slice(0, 20)
            .filter((line) => line.fromClient)
            .map((line) => line.text)
            .join(''),
        );
        expect(client.endsWith('<198>')).toBe(true);
        expect(server.endsWith('<199>')).toBe(true);
        expect(session.outcome).toBe('decrypted');
      }
    });

    test('half a record lost, and what is left of it looks like anything', () => {
      const torn = { fromClient: true, bytes: parts[firstData + 4]!.bytes.subarray(3) };
      const { client } = feed([
        ...parts.slice(0, firstData + 4),
        'client lost',
        torn,
        ...parts.slice(firstData + 5),
      ]);
      expect(client).toBe(sentBy(true).replace('<4>', '|'));
    });

    test('no keys', () => {
      const { client, session } = feed(parts, '# nothing\n');
      expect(client).toBe('');
      expect(session.outcome).toBe('noKeys');
      expect(session.allocated).toBe(0);
    });

    test('keys that come a little late', () => {
      const keys = new TlsKeys();
      let text = '';
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes) => {
        if (side === 0) text += Buffer.from(bytes).toString();
      });
      for (const [i, { fromClient, bytes }] of parts.entries()) {
        if (i === firstData + 50) keys.add(Buffer.from(live.keyLog));
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
      }
      expect(text).toBe(sentBy(true));
      expect(session.allocated).toBe(0);
    });

    test('joined after the handshake', () => {
      expect(feed(parts.slice(firstData)).session.outcome).toBe('noHandshake');
      expect(feed(['client lost', 'server lost', ...parts.slice(firstData)]).session.outcome).toBe(
        'noHandshake',
      );
    });

    test('one side only', () => {
      const { client, session } = feed(parts.filter(({ fromClient }) => fromClient));
      expect(client).toBe('');
      expect(session.outcome).toBe('noHandshake');
      expect(feed(parts.filter(({ fromClient }) => !fromClient)).session.outcome).toBe('noHandshake');
    });

    test('the other side comes late: its records wait', () => {
      const sides = [true, false].map((client) => parts.filter(({ fromClient }) => fromClient === client));
      expect(feed([...sides[0]!, ...sides[1]!])).toMatchObject({
        client: sentBy(true),
        server: sentBy(false),
      });
      expect(feed([...sides[1]!, ...sides[0]!])).toMatchObject({
        client: sentBy(true),
        server: sentBy(false),
      });
    });

    test("keys of another session under this one's name", () => {
      const wrong = live.keyLog.replaceAll(/[0-9a-f]{4}(?=\n|$)/g, '0000');
      const { client, session } = feed(parts, wrong);
      expect(client).toBe('');
      expect(session.outcome).toBe('failed');
      expect(session.undecryptable).toBeGreaterThan(10);
    });

    test.runIf(!isOld)('without the secrets of the handshake, the traffic itself is read', () => {
      const traffic = live.keyLog.split('\n').filter((line) => line.includes('_TRAFFIC_SECRET_0'));
      expect(feed(parts, traffic.join('\n'))).toMatchObject({ client: sentBy(true), server: sentBy(false) });
      expect(feed(parts, traffic[0]!).session.outcome).toBe('noKeys');
    });

    test('memory given back in mid-connection', () => {
      const keys = keysOf(live.keyLog);
      let text = '';
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
        if (side === 0) text += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
      });
      for (const [i, { fromClient, bytes }] of parts.entries()) {
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
        if (i === firstData + 9) session.release();
      }
      expect(session.allocated).toBe(0);
      expect(text).toBe(sentBy(true).replace('<10>', '|<10>'));
    });

    test('damaged records are left out and counted', () => {
      const damaged = parts.map(({ fromClient, bytes }, i) => {
        if (i !== firstData + 6) return { fromClient, bytes };
        const bent = bytes.slice();
        bent[bent.length - 1] = bent.at(-1)! ^ 1;
        return { fromClient, bytes: bent };
      });
      const { client, session } = feed(damaged);
      expect(client).toBe(sentBy(true).replace('<6>', '|'));
      expect(session.undecryptable).toBe(1);
    });
  },
);

/** What lies under a connection of the generator: keeps what it sends. */
class Sink implements ByteConnection {
  readonly sent: LiveSession['sent'] = [];
  open(): void {}
  close(): void {}
  send(_: number, fromClient: boolean, bytes: Uint8Array): void {
    this.sent.push({ fromClient, bytes });
  }
}

/** A TLS 1.3 record of AES-128-GCM, sealed with what RFC 8446 7.3 makes of a traffic secret. */
function sealed(secret: Uint8Array, sequence: number, type: number, content: Uint8Array): Uint8Array {
  const nonce = expandLabel(nodeCrypto, 'sha256', secret, 'iv', 12);
  nonce[11]! ^= sequence;
  const header = Uint8Array.of(23, 3, 3, 0, content.length + 1 + 16);
  const key = expandLabel(nodeCrypto, 'sha256', secret, 'key', 16);
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header);
  const body = Buffer.concat([cipher.update(Uint8Array.from([...content, type])), cipher.final()]);
  return Uint8Array.from([...header, ...body, ...cipher.getAuthTag()]);
}

describe('TlsSession', () => {
  test('takes new keys after each KeyUpdate (RFC 8446 4.6.3), also when it is in pieces', () => {
    const below = new Sink();
    const connection = new TlsConnection(below, '1.3', randomFor(1, 'update'));
    connection.open(0);
    const line = connection.keyLog.split('\n').find((text) => text.startsWith('CLIENT_TRAFFIC_SECRET_0'))!;
    let secret = new Uint8Array(Buffer.from(line.split(' ')[2]!, 'hex'));
    const update = Uint8Array.of(24, 0, 0, 1, 0);
    for (let generation = 0; generation < 4; generation++) {
      const text = new TextEncoder().encode(`<${generation}>`);
      below.send(0, true, sealed(secret, 0, 23, text));
      below.send(0, true, sealed(secret, 1, 22, update.subarray(0, generation)));
      below.send(0, true, sealed(secret, 2, 22, update.subarray(generation)));
      secret = new Uint8Array(expandLabel(nodeCrypto, 'sha256', secret, 'traffic upd', 32));
    }
    const live = { sent: below.sent, keyLog: connection.keyLog, protocol: null, cipher: '' };
    const { client, session } = read(live);
    expect(client).toBe('<0><1><2><3>');
    expect(session.undecryptable).toBe(0);
  });

  test('finds its way when ChangeCipherSpec of TLS 1.2 was lost', () => {
    const below = new Sink();
    const connection = new TlsConnection(below, '1.2', randomFor(2, 'lost'));
    connection.open(0);
    const finished = below.sent.findIndex(
      ({ fromClient, bytes }) => fromClient && bytes.includes(20) && bytes[0] === 22 && bytes[5] === 16,
    );
    for (const text of ['<0>', '<1>']) connection.send(0, true, new TextEncoder().encode(text), true);
    let out = '';
    const session = new TlsSession(
      { keys: keysOf(connection.keyLog), crypto: nodeCrypto },
      (_, bytes, gap) => {
        out += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
      },
    );
    for (const [i, { fromClient, bytes }] of below.sent.entries()) {
      if (i === finished) session.gap(0);
      else session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
    }
    expect(finished).toBeGreaterThan(0);
    expect(out).toBe('|<0><1>');
  });

  test.skipIf(rsa === null)('a cipher suite without authenticated encryption', async () => {
    const live = await liveSession(DIALOGUE, rsa!, {
      ciphers: 'ECDHE-RSA-AES128-SHA256',
      maxVersion: 'TLSv1.2',
    });
    expect(read(live).session.outcome).toBe('unsupported');
  });

  test('what only begins like TLS', () => {
    for (const bytes of [
      [22, 4],
      [22, 3, 9],
      [22, 3, 1, 0, 0],
      [22, 3, 1, 255, 255],
    ]) {
      const session = new TlsSession({ keys: new TlsKeys(), crypto: nodeCrypto }, () => {});
      session.push(0, Uint8Array.from(bytes), 0, bytes.length);
      expect(session.outcome).toBe('foreign');
      expect(session.allocated).toBe(0);
    }
  });

  test.skipIf(ec === null)(
    'any bytes, and any damage to a session, end normally and within bounds',
    async () => {
      const lives = await Promise.all(
        (['TLSv1.2', 'TLSv1.3'] as const).map((maxVersion) =>
          liveSession(DIALOGUE.slice(0, 2), ec!, { maxVersion }),
        ),
      );
      const damage = fc.record({
        flips: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }),
        gaps: fc.array(fc.nat(60), { maxLength: 4 }),
        noise: fc.array(fc.tuple(fc.nat(60), fc.uint8Array({ maxLength: 300 })), { maxLength: 4 }),
      });
      fc.assert(
        fc.property(
          fc.constantFrom(...lives),
          damage,
          fc.integer({ min: 1, max: 600 }),
          (live, { flips, gaps, noise }, size) => {
            const session = new TlsSession({ keys: keysOf(live.keyLog), crypto: nodeCrypto }, () => {});
            let piece = 0;
            for (const { fromClient, bytes } of live.sent) {
              const bent = bytes.slice();
              for (const [where, mask] of flips) if (where % 3 === 0) bent[where % bent.length]! ^= mask;
              for (let at = 0; at < bent.length; at += size, piece++) {
                if (gaps.includes(piece)) session.gap(fromClient ? 0 : 1);
                for (const [when, any] of noise)
                  if (when === piece) session.push(when % 2, any, 0, any.length);
                session.push(fromClient ? 0 : 1, bent, at, Math.min(size, bent.length - at));
                expect(session.allocated).toBeLessThan(400_000);
              }
            }
            session.settle();
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
