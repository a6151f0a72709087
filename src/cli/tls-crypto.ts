import { createDecipheriv, createHmac } from 'node:crypto';
import type { TlsCrypto } from '../tls/crypto.ts';

const TAG = 16;

/** The ciphers of Node.js, for reading TLS. */
export const nodeCrypto: TlsCrypto = {
  hmac: (hash, key, data) => createHmac(hash, key).update(data).digest(),
  open: (cipher, key, nonce, associated, sealed) => {
    const end = sealed.length - TAG;
    if (end < 0) return null;
    // The types know GCM by these calls; ChaCha20-Poly1305 takes the same.
    const decipher = createDecipheriv(cipher as 'aes-128-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      return null;
    }
    return plain;
  },
};
