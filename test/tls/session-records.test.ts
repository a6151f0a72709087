import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import type { ByteConnection } from '../../src/synth/byte-connection.ts';
import { randomFor } from '../../src/synth/random.ts';
import { TlsConnection } from '../../src/synth/tls-connection.ts';
import { expandLabel } from '../../src/tls/crypto.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { TlsSession } from '../../src/tls/session.ts';
import { type LiveSession, liveSession, makeCredentials } from './live-session.ts';
import { DIALOGUE, keysOf, read } from './read-session.ts';

const rsa = makeCredentials('rsa');
const ec = makeCredentials('ec');

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
