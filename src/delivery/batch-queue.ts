/** Lines that wait in memory. */
export interface QueuedBatch {
  /** Each with its line feed. */
  lines: Buffer;
  points: number;
  /** Is it being written somewhere? */
  busy: boolean;
}

/** Batches in memory, bounded by their octets: the oldest makes room. */
export class BatchQueue {
  readonly bytesMax: number;
  private batches: QueuedBatch[] = [];
  private held = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.held;
  }

  get points(): number {
    return this.batches.reduce((sum, { points }) => sum + points, 0);
  }

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  /** Takes a batch. @returns points that made room for it */
  add(lines: Buffer, points: number): number {
    let dropped = 0;
    while (this.held + lines.length > this.bytesMax) {
      const oldest = this.batches.find(({ busy }) => !busy);
      if (oldest === undefined) break;
      dropped += oldest.points;
      this.remove(oldest);
    }
    this.batches.push({ lines, points, busy: false });
    this.held += lines.length;
    return dropped;
  }

  /** The oldest that nobody is busy with. */
  next(): QueuedBatch | null {
    return this.batches.find(({ busy }) => !busy) ?? null;
  }

  remove(batch: QueuedBatch): void {
    const before = this.batches.length;
    this.batches = this.batches.filter((each) => each !== batch);
    if (this.batches.length < before) this.held -= batch.lines.length;
  }
}
