/** Streams left out that are remembered, so that all of each is left out. A power of two. */
export const SHED_MAX = 65_536;
/** Places looked at for one of them; the one that was silent for longest gives way. */
const PLACES = 8;

/**
 * Streams that began while measuring could not keep up, and are not measured for as long as they last: whole streams are
 * missing then, and counted, instead of packets of all.
 */
export class ShedStreams {
  /** How many, and their packets. */
  streams = 0;
  packets = 0;
  private readonly hashes = new Int32Array(SHED_MAX);
  /** When each was last heard; 0 for a free place. */
  private readonly lastUs = new Float64Array(SHED_MAX);
  private readonly idleUs: number;

  /** @param idleUs a stream is over after so long without a packet, us */
  constructor(idleUs: number) {
    this.idleUs = idleUs;
  }

  /** Is this packet one of a stream that is left out? Then it is counted. `hash` is that of the stream's key. */
  holds(hash: number, timeUs: number): boolean {
    if (this.streams === 0) return false;
    for (let k = 0; k < PLACES; k++) {
      const at = (hash + k) & (SHED_MAX - 1);
      if (this.hashes[at] !== hash || timeUs - this.lastUs[at]! > this.idleUs) continue;
      this.lastUs[at] = timeUs;
      this.packets++;
      return true;
    }
    return false;
  }

  /** Leaves out the stream that begins with this packet. */
  add(hash: number, timeUs: number): void {
    let place = hash & (SHED_MAX - 1);
    for (let k = 1; k < PLACES; k++) {
      const at = (hash + k) & (SHED_MAX - 1);
      if (this.lastUs[at]! < this.lastUs[place]!) place = at;
    }
    this.hashes[place] = hash;
    this.lastUs[place] = timeUs;
    this.streams++;
    this.packets++;
  }
}
