import { createHash } from 'node:crypto';

/** Characters of a reference. */
export const CALL_REF_LENGTH = 12;

/**
 * A short reference to a call: what stands in an exemplar and in the address of its page. It says nothing about the
 * parties, and is the same for all records that name the Call-ID.
 */
export function callRef(callId: string): string {
  return createHash('sha256').update(callId, 'utf8').digest('hex').slice(0, CALL_REF_LENGTH);
}
