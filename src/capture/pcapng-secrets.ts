/**
 * Decryption secrets in a capture (draft-ietf-opsawg-pcapng 4.7): what Wireshark writes so that others can read TLS.
 *
 *     8 kind of secrets       16 secrets, padded to 4; options; block length again
 *    12 length of the secrets
 */
import type { ChunkReader } from './chunk-reader.ts';
import type { ProblemLog } from './problems.ts';

export const DECRYPTION_SECRETS_BLOCK = 10;

/** "TLSK": a TLS key log. */
const TLS_KEY_LOG = 0x544c534b;
const OVERHEAD = 20;
/** Some 80,000 lines of a key log. They are read in one piece; a longer block is passed over. */
const MAX_SECRETS_BYTES = 16 << 20;

/** Gets the text of a TLS key log that lies in a capture; valid only during the call. */
export type KeyLogListener = (keyLog: Uint8Array) => void;

/** Whether a block of this length is to be read. One that is too long is noted as a problem. */
export function areWanted(reader: ChunkReader, length: number, log: ProblemLog): boolean {
  if (length < OVERHEAD) return false;
  if (length <= MAX_SECRETS_BYTES) return true;
  const offset = reader.base + reader.start;
  log.skip('bad_record', offset, () => {
    return `the decryption secrets at byte ${offset} take ${length} bytes, at most ${MAX_SECRETS_BYTES} are read; they were skipped, give them with --keylog`;
  });
  return false;
}

/** Hands on the key log in the whole block at the reader's start. Other kinds of secrets are ignored. */
export function readSecrets(
  reader: ChunkReader,
  length: number,
  littleEndian: boolean,
  log: ProblemLog,
  listener: KeyLogListener,
): void {
  const { view, bytes, start } = reader;
  if (view.getUint32(start + 8, littleEndian) !== TLS_KEY_LOG) return;
  const claimed = view.getUint32(start + 12, littleEndian);
  const room = length - OVERHEAD;
  if (claimed <= room) {
    listener(bytes.subarray(start + 16, start + 16 + claimed));
    return;
  }
  const offset = reader.base + start;
  log.skip('bad_record', offset, () => {
    return `the decryption secrets at byte ${offset} claim ${claimed} bytes where ${room} can be; they were skipped`;
  });
}
