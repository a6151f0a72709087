import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { expandLabel, prf } from '../../src/tls/crypto.ts';
import { nextSecret } from '../../src/tls/record-cipher.ts';
import { cipherSuite } from '../../src/tls/suites.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const shown = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex');

describe('the arithmetic of TLS', () => {
  test.each([
    // RFC 8448 3, "derive write traffic keys for handshake data" of server and client.
    [
      'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
      '3fce516009c21727d0f2e4e86ee403bc',
      '5d313eb2671276ee13000b30',
    ],
    [
      'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21',
      'dbfaa693d1762c5b666af5d950258d01',
      '5bd3c71b836e0b76bb73265f',
    ],
  ])('HKDF-Expand-Label by the trace of RFC 8448 3: %s', (secret, key, iv) => {
    expect(shown(expandLabel(nodeCrypto, 'sha256', hex(secret), 'key', 16))).toBe(key);
    expect(shown(expandLabel(nodeCrypto, 'sha256', hex(secret), 'iv', 12))).toBe(iv);
  });

  test('the PRF of TLS 1.2 with SHA-256 by the vector that the TLS working group published', () => {
    const secret = hex('9bbe436ba940f017b17652849a71db35');
    const seed = hex('a0ba9f936cda311827a6f796ffd5198c');
    expect(shown(prf(nodeCrypto, 'sha256', secret, 'test label', seed, 100))).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
        '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
        '87347b66',
    );
  });

  test('a tag that is not right opens nothing', () => {
    const open = (sealed: Uint8Array): Uint8Array | null =>
      nodeCrypto.open('aes-128-gcm', new Uint8Array(16), new Uint8Array(12), new Uint8Array(0), sealed);
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 2.
    const good = hex('0388dace60b6a392f328c2b971b2fe78 ab6e47d42cec13bdf53a67b21257bddf');
    expect(shown(open(good))).toBe('00'.repeat(16));
    for (let i = 0; i < good.length; i++) {
      const bent = good.slice();
      bent[i]! ^= 1;
      expect(open(bent)).toBeNull();
    }
    expect(open(good.subarray(0, 15))).toBeNull();
    expect(open(new Uint8Array(0))).toBeNull();
  });

  test('secrets keep their length through a KeyUpdate', () => {
    for (const [suite, length] of [
      [0x1301, 32],
      [0x1302, 48],
      [0x1303, 32],
    ] as const) {
      expect(nextSecret(nodeCrypto, cipherSuite(suite)!, new Uint8Array(length))).toHaveLength(length);
    }
  });

  test.each([
    [0xc02f, 'aes-128-gcm'],
    [0x009d, 'aes-256-gcm'],
    [0xcca8, 'chacha20-poly1305'],
    [0x1302, 'aes-256-gcm'],
    [0xc013, undefined],
    [0x002f, undefined],
    [0xc0ac, undefined],
    [0x1304, undefined],
  ])('suite %i', (id, cipher) => expect(cipherSuite(id)?.cipher).toBe(cipher));
});
