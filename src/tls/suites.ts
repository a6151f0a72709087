import type { AeadName, HashName } from './crypto.ts';

/** What a cipher suite says about the protection of records. */
export interface CipherSuite {
  readonly cipher: AeadName;
  readonly hash: HashName;
  readonly keyLength: number;
}

const AES_128: CipherSuite = { cipher: 'aes-128-gcm', hash: 'sha256', keyLength: 16 };
const AES_256: CipherSuite = { cipher: 'aes-256-gcm', hash: 'sha384', keyLength: 32 };
const CHACHA: CipherSuite = { cipher: 'chacha20-poly1305', hash: 'sha256', keyLength: 32 };

/**
 * The authenticated suites of TLS 1.2 (RFC 5288, 5289, 5487, 7905) and TLS 1.3 (RFC 8446 B.4). How the keys were
 * agreed on (RSA, DHE, ECDHE, PSK) makes no difference to whoever has the secrets.
 */
const SUITES: ReadonlyMap<number, CipherSuite> = new Map([
  ...[0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a6, 0x00a8, 0x00aa, 0x00ac].map(
    (id) => [id, AES_128] as const,
  ),
  ...[0x009d, 0x009f, 0x00a1, 0x00a3, 0x00a5, 0x00a7, 0x00a9, 0x00ab, 0x00ad].map(
    (id) => [id, AES_256] as const,
  ),
  ...[0xc02b, 0xc02d, 0xc02f, 0xc031, 0xd001].map((id) => [id, AES_128] as const),
  ...[0xc02c, 0xc02e, 0xc030, 0xc032, 0xd002].map((id) => [id, AES_256] as const),
  ...[0xcca8, 0xcca9, 0xccaa, 0xccab, 0xccac, 0xccad, 0xccae].map((id) => [id, CHACHA] as const),
  [0x1301, AES_128],
  [0x1302, AES_256],
  [0x1303, CHACHA],
]);

/** What protects the records of a suite; null for suites that are not read (CBC, CCM, export, NULL). */
export function cipherSuite(id: number): CipherSuite | null {
  return SUITES.get(id) ?? null;
}
