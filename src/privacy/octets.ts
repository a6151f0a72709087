/** Octets as a text of as many characters. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Writes such a text where it came from. */
export function putLatin1(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

/** The sum of 16-bit words that Internet checksums are made of; `start` counts as even (RFC 1071). */
export function wordSum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at + 1 < end; at += 2) sum += bytes[at]! * 256 + bytes[at + 1]!;
  if ((end - start) % 2 === 1) sum += bytes[end - 1]! * 256;
  return sum;
}

/**
 * Brings a checksum in line with octets that changed, without looking at the others: a cut packet keeps the checksum of
 * the whole one, and a wrong one stays wrong (RFC 1624).
 */
export function amendChecksum(bytes: Uint8Array, at: number, before: number, after: number): void {
  const old = bytes[at]! * 256 + bytes[at + 1]!;
  let sum = (~old & 0xffff) + after + (0xffff * 65_536 - before);
  // Ones' complement: carries come back in.
  while (sum > 0xffff) sum = (sum % 65_536) + Math.floor(sum / 65_536);
  const amended = ~sum & 0xffff;
  bytes[at] = amended >> 8;
  bytes[at + 1] = amended & 255;
}
