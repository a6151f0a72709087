/** So many deaths within the window, and starting again is no help. */
const DEATHS_MAX = 5;
const WINDOW_MS = 600_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/** How soon measuring is started again after it died, and when that is given up. */
export class Restarts {
  /** Deaths since the beginning. */
  deaths = 0;
  private recentMs: number[] = [];

  /** Measuring died. @returns how long to wait before it is started again, ms; null to give up */
  died(nowMs: number): number | null {
    this.deaths++;
    this.recentMs = this.recentMs.filter((ms) => nowMs - ms < WINDOW_MS);
    this.recentMs.push(nowMs);
    if (this.recentMs.length >= DEATHS_MAX) return null;
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** (this.recentMs.length - 1));
  }
}
