/** Timers of Node.js are whole milliseconds and late: the last of the wait is spent looking at the clock. */
const LOOKING_MS = 2;

interface Entry {
  dueMs: number;
  order: number;
  act: () => void;
}

/** Does things at given times of `performance.now()`, in the order of these times. */
export class PreciseQueue {
  private readonly entries: Entry[] = [];
  private order = 0;
  private timer: NodeJS.Timeout | null = null;
  private looking = false;

  at(dueMs: number, act: () => void): void {
    const entry = { dueMs, order: this.order++, act };
    let place = this.entries.length;
    while (place > 0 && isAfter(this.entries[place - 1]!, entry)) place--;
    this.entries.splice(place, 0, entry);
    this.arm();
  }

  get length(): number {
    return this.entries.length;
  }

  private arm(): void {
    const first = this.entries[0];
    if (first === undefined || this.looking) return;
    const waitMs = first.dueMs - performance.now() - LOOKING_MS;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (waitMs > 1) {
      this.timer = setTimeout(() => this.arm(), waitMs);
      return;
    }
    this.looking = true;
    setImmediate(() => this.look());
  }

  private look(): void {
    this.looking = false;
    while (this.entries.length > 0 && this.entries[0]!.dueMs <= performance.now())
      this.entries.shift()!.act();
    this.arm();
  }
}

function isAfter(a: Entry, b: Entry): boolean {
  return a.dueMs > b.dueMs || (a.dueMs === b.dueMs && a.order > b.order);
}
