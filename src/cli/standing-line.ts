/** A line on standard error that is rewritten where that is a terminal, and not there at all otherwise. */
export class StandingLine {
  private readonly enabled: boolean;
  private shown = false;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** Shows a text in place of the one before; an empty one takes it away. */
  show(text: string): void {
    if (!this.enabled) return;
    if (text === '') {
      this.clear();
      return;
    }
    const columns = process.stderr.columns || 80;
    process.stderr.write(`\r\x1b[K${text.slice(0, columns - 1)}`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K');
    this.shown = false;
  }
}
