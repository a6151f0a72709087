/** Values that are longer are read each time. */
const LENGTH_MAX = 256;
/** So many are remembered; then all are forgotten at once, which costs less than an order of use. */
const VALUES_MAX = 2048;

/**
 * Remembers what was read out of header values: within a dialog, message after message says the same From, To and Via.
 * For readers whose answer depends on the text alone and is never changed.
 */
export class RecentlyRead<T> {
  private readonly known = new Map<string, T>();
  private readonly read: (value: string) => T;

  constructor(read: (value: string) => T) {
    this.read = read;
  }

  /** What `read` makes of a value. */
  of(value: string): T {
    const before = this.known.get(value);
    if (before !== undefined) return before;
    const found = this.read(value);
    if (value.length > LENGTH_MAX) return found;
    if (this.known.size >= VALUES_MAX) this.known.clear();
    this.known.set(value, found);
    return found;
  }
}
