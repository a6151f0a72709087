import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { liveSession, makeCredentials } from './live-session.ts';
import { CLIENT, DIALOGUE, keysOf, read, records, SERVER } from './read-session.ts';

const rsa = makeCredentials('rsa');
const ec = makeCredentials('ec');

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
