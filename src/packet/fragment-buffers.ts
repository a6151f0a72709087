/** A buffer, and a view of the same memory. */
export interface FragmentBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly data: DataView;
}

/** Two usual fragments of a datagram fit the smallest; no datagram is longer than the largest. */
const SMALLEST = 4096;
const SIZES = 5;

/** Buffers of 4, 8, 16, 32 and 64 KiB, used again and again, that never take more than a given memory. */
export class FragmentBuffers {
  readonly bytesMax: number;
  #allocated = 0;
  readonly #spare: FragmentBuffer[][] = Array.from({ length: SIZES }, () => []);

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** A buffer for `length` octets, or null when that would be too much memory. */
  take(length: number): FragmentBuffer | null {
    const size = sizeOf(length);
    const spare = this.#spare[size]!.pop();
    if (spare !== undefined) return spare;
    const capacity = SMALLEST << size;
    if (this.#allocated + capacity > this.bytesMax && !this.#drop(capacity)) return null;
    this.#allocated += capacity;
    const bytes = new Uint8Array(capacity);
    return { bytes, data: new DataView(bytes.buffer) };
  }

  give(buffer: FragmentBuffer): void {
    this.#spare[sizeOf(buffer.bytes.length)]!.push(buffer);
  }

  /** Lets go of spare buffers of other sizes until there is room for a new one. */
  #drop(capacity: number): boolean {
    for (const spares of this.#spare) {
      while (spares.length > 0 && this.#allocated + capacity > this.bytesMax) {
        this.#allocated -= spares.pop()!.bytes.length;
      }
    }
    return this.#allocated + capacity <= this.bytesMax;
  }
}

function sizeOf(length: number): number {
  let size = 0;
  while (SMALLEST << size < length) size++;
  return size;
}
