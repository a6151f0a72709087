/** The newest of something, up to a number: the oldest makes room. */
export class Newest<T> {
  private kept: T[] = [];
  /** Where the oldest is, once there is no room. */
  private oldest = 0;
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  push(one: T): void {
    if (this.kept.length < this.most) {
      this.kept.push(one);
      return;
    }
    this.kept[this.oldest] = one;
    this.oldest = (this.oldest + 1) % this.most;
  }

  /** All of them, in no order that means anything. */
  all(): readonly T[] {
    return this.kept;
  }

  /** Forgets those that do not meet a condition. */
  keep(meets: (one: T) => boolean): void {
    const inOrder = [...this.kept.slice(this.oldest), ...this.kept.slice(0, this.oldest)];
    this.kept = inOrder.filter(meets);
    this.oldest = 0;
  }
}
