/** What follows the SRTCP index (RFC 3711 3.4): authentication tags of 0, 4 and 10 octets, with MKIs of 0, 1 and 4. */
const TRAILERS = [0, 1, 4, 5, 8, 10, 11, 14];

/** Trailers of packets that are authenticated only: without MKI. */
const CLEAR_TRAILERS = [4, 10];

/** The index counts a session's RTCP packets: a million last two months. */
const INDEX_MAX = 1 << 20;

/**
 * Is this datagram, whose packets do not lead to its end, encrypted? Then an index with its E bit set stands near
 * the end (RFC 3711 3.4; RFC 7714 puts the tag before it). Anything else is damage.
 *
 * @param end of the datagram, all of it captured
 */
export function hasEncryptedIndex(data: DataView, start: number, end: number): boolean {
  for (const trailer of TRAILERS) {
    const at = end - trailer - 4;
    if (at < start + 8) break;
    const word = data.getUint32(at);
    if (word >>> 31 === 1 && (word & 0x7fff_ffff) < INDEX_MAX) return true;
  }
  return false;
}

/** Is what follows the last packet an index with the E bit clear, and a tag? Then the packets can be read. */
export function isClearIndex(data: DataView, offset: number, end: number): boolean {
  return CLEAR_TRAILERS.includes(end - offset - 4) && data.getUint32(offset) < INDEX_MAX;
}
