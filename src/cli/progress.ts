/** What a running replay can say of itself. */
export interface ProgressSource {
  bytesRead: number;
  bytesTotal: number | null;
}

const EVERY_MS = 200;

/** One line on standard error that is rewritten while a replay runs; silent when that is no terminal. */
export class Progress {
  private readonly enabled: boolean;
  private readonly startedAt = performance.now();
  private shownAt = 0;
  private shown = false;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** Shows where reading stands, at most five times a second. */
  update(source: ProgressSource, packets: number): void {
    if (!this.enabled) return;
    const now = performance.now();
    if (now - this.startedAt < 500 || now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    this.shown = true;
    const rate = packets / (now - this.startedAt) / 1000;
    const part =
      source.bytesTotal === null || source.bytesTotal === 0
        ? `${(source.bytesRead / 1e6).toFixed(0)} MB`
        : `${((100 * source.bytesRead) / source.bytesTotal).toFixed(0)} %`;
    process.stderr.write(
      `\r\x1b[K${part}, ${(packets / 1e6).toFixed(1)} million packets, ${rate.toFixed(1)} M/s`,
    );
  }

  /** Takes the line away again. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K');
  }
}
