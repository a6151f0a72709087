/** Octets of a batch; it is full when it has so many. */
export const BATCH_BYTES_MAX = 4 << 20;
const FIRST_BYTES = 64 << 10;

/**
 * Lines that wait for others. They are kept as octets: as texts, thousands of them would be moved about by the collector of
 * garbage for as long as they wait.
 */
export class OpenBatch {
  points = 0;
  bytes = 0;
  private buffer = Buffer.allocUnsafe(0);

  get isFull(): boolean {
    return this.bytes >= BATCH_BYTES_MAX;
  }

  /** Takes a line, without line feed. */
  add(line: string): void {
    // UTF-8 takes three octets at most for a UTF-16 unit.
    const needed = this.bytes + line.length * 3 + 1;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, this.bytes);
      this.buffer = larger;
    }
    this.bytes += this.buffer.write(line, this.bytes, 'utf8');
    this.buffer[this.bytes++] = 0x0a;
    this.points++;
  }

  /** All lines, each with its line feed; it is empty then. */
  take(): { lines: Buffer; points: number } {
    const { buffer, bytes, points } = this;
    // What is far too large for what waits would count for less than it takes.
    const lines =
      bytes > buffer.length / 2 ? buffer.subarray(0, bytes) : Buffer.from(buffer.subarray(0, bytes));
    this.buffer = Buffer.allocUnsafe(0);
    this.bytes = 0;
    this.points = 0;
    return { lines, points };
  }
}
