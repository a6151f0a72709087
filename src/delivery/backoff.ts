/** When to try again: after a second, then two, four, ... at most so long. */
export class Backoff {
  private readonly firstMs: number;
  private readonly maxMs: number;
  private failures = 0;
  private notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor({ firstMs = 1000, maxMs }: { firstMs?: number; maxMs: number }) {
    this.firstMs = firstMs;
    this.maxMs = maxMs;
  }

  /** Failures since it last worked. */
  get failuresInRow(): number {
    return this.failures;
  }

  /** May it be tried now? */
  isDue(nowMs: number): boolean {
    return nowMs >= this.notBeforeMs;
  }

  /** It failed. @param atLeastMs what the other side asked for */
  failedAt(nowMs: number, atLeastMs = 0): void {
    const wait = this.firstMs * 2 ** Math.min(16, this.failures);
    this.failures++;
    this.notBeforeMs = nowMs + Math.min(this.maxMs, Math.max(wait, atLeastMs));
  }

  /** It worked. */
  worked(): void {
    this.failures = 0;
    this.notBeforeMs = Number.NEGATIVE_INFINITY;
  }
}
