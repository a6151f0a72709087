const BITS = 1 << 17;

/**
 * Hosts to which messages were seen to go. Where a capture never shows anything on its way to a host, the answers to
 * that host's requests do not pass the tap either, and their absence means nothing. Kept as a bitmap of digests: it
 * never grows, and of a thousand hosts it takes about eight that were not seen for seen.
 */
export class HeardHosts {
  private readonly bits = new Uint32Array(BITS / 32);

  /** Notes a receiver by its digest (`receiverHost`). */
  add(digest: number): void {
    const bit = (digest ^ (digest >>> 17)) & (BITS - 1);
    this.bits[bit >>> 5] = this.bits[bit >>> 5]! | (1 << (bit & 31));
  }

  /** Was anything seen on its way to this host? */
  has(digest: number): boolean {
    const bit = (digest ^ (digest >>> 17)) & (BITS - 1);
    return (this.bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }
}
