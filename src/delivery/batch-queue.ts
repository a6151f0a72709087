/** Lines that wait in memory. */
export interface QueuedBatch {
  text: string;
  points: number;
  /** Is it being written somewhere? */
  busy: boolean;
}

/** Batches in memory, bounded by their characters: the oldest makes room. */
export class BatchQueue {
  readonly charactersMax: number;
  private batches: QueuedBatch[] = [];
  private held = 0;

  constructor(charactersMax: number) {
    this.charactersMax = charactersMax;
  }

  get characters(): number {
    return this.held;
  }

  get points(): number {
    return this.batches.reduce((sum, { points }) => sum + points, 0);
  }

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  /** Takes a batch. @returns points that made room for it */
  add(text: string, points: number): number {
    let dropped = 0;
    while (this.held + text.length > this.charactersMax) {
      const oldest = this.batches.find(({ busy }) => !busy);
      if (oldest === undefined) break;
      dropped += oldest.points;
      this.remove(oldest);
    }
    this.batches.push({ text, points, busy: false });
    this.held += text.length;
    return dropped;
  }

  /** The oldest that nobody is busy with. */
  next(): QueuedBatch | null {
    return this.batches.find(({ busy }) => !busy) ?? null;
  }

  remove(batch: QueuedBatch): void {
    const before = this.batches.length;
    this.batches = this.batches.filter((each) => each !== batch);
    if (this.batches.length < before) this.held -= batch.text.length;
  }
}
