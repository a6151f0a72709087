const MIN = 4096;

/**
 * Bytes of a stream that wait for the rest of what they belong to: appended at the end, taken at the start. Readers
 * look at `bytes` between `start` and `end`. What they may let it grow to is theirs to bound.
 */
export class ByteQueue {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** First byte not yet taken. */
  start = 0;
  /** One past the last byte. */
  end = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.end - this.start;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.bytes.length;
  }

  /** Appends a copy. Amortised linear, also for single bytes. */
  append(bytes: Uint8Array, offset: number, length: number): void {
    if (this.end + length > this.bytes.length) {
      const needed = this.length + length;
      this.#moveTo(needed <= this.bytes.length ? this.bytes : new Uint8Array(Math.max(MIN, 2 * needed)));
    }
    this.bytes.set(bytes.subarray(offset, offset + length), this.end);
    this.end += length;
  }

  /** Takes bytes away from the start; `count` is at most `length`. */
  take(count: number): void {
    this.start += count;
  }

  /** Gives back memory that what waits does not need. To be called when all that is complete was taken. */
  trim(): void {
    if (this.length === 0) this.free();
    else if (this.bytes.length > Math.max(2 * MIN, 4 * this.length)) {
      this.#moveTo(new Uint8Array(Math.max(MIN, 2 * this.length)));
    }
  }

  /** Drops everything and gives all memory back. */
  free(): void {
    this.bytes = new Uint8Array(0);
    this.start = 0;
    this.end = 0;
  }

  #moveTo(target: Uint8Array<ArrayBuffer>): void {
    const kept = this.length;
    if (target === this.bytes) target.copyWithin(0, this.start, this.end);
    else target.set(this.bytes.subarray(this.start, this.end));
    this.bytes = target;
    this.start = 0;
    this.end = kept;
  }
}
