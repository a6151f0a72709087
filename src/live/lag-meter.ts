/** How often the event loop is asked. */
const EVERY_MS = 100;

/** Measures for how long an event loop stood still. */
export class LagMeter {
  private readonly timer: NodeJS.Timeout;
  private readonly now: () => number;
  private dueMs: number;
  private worstMs = 0;

  constructor(now: () => number) {
    this.now = now;
    this.dueMs = now() + EVERY_MS;
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.timer.unref();
  }

  /** The longest standstill since the last call, ms. */
  read(): number {
    this.look();
    const worstMs = this.worstMs;
    this.worstMs = 0;
    return worstMs;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const nowMs = this.now();
    this.worstMs = Math.max(this.worstMs, nowMs - this.dueMs);
    this.dueMs = nowMs + EVERY_MS;
  }
}
