/**
 * A keyed function: the same key and text give the same 32 octets, and nobody without the key can tell which
 * (HMAC-SHA256; handed in, the core has no ciphers).
 */
export type Keyed = (text: string) => Uint8Array;

/** The first 48 bits of what a text gives, as a number. */
export function keyedNumber(keyed: Keyed, text: string): number {
  const octets = keyed(text);
  let value = 0;
  for (let i = 0; i < 6; i++) value = value * 256 + octets[i]!;
  return value;
}

/**
 * Shuffles the values in place, by key. A single cycle (Sattolo) leaves no value where it was; otherwise every order is
 * as likely as any other (Fisher and Yates).
 */
export function shuffle(keyed: Keyed, label: string, values: number[], singleCycle: boolean): void {
  let octets = new Uint8Array(0);
  let used = 0;
  let block = 0;
  for (let i = values.length - 1; i > 0; i--) {
    if (used + 2 > octets.length) {
      octets = new Uint8Array(keyed(`${label}|${block++}`));
      used = 0;
    }
    const random = octets[used]! * 256 + octets[used + 1]!;
    used += 2;
    const j = random % (singleCycle ? i : i + 1);
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
}

/** Values remembered of one kind; when there are more, all are forgotten and computed again. */
const REMEMBERED_MAX = 65_536;

/** Remembers what was computed, within a bound. */
export class Remembered<T> {
  private readonly values = new Map<string, T>();
  private readonly compute: (key: string) => T;

  constructor(compute: (key: string) => T) {
    this.compute = compute;
  }

  get(key: string): T {
    const known = this.values.get(key);
    if (known !== undefined) return known;
    if (this.values.size >= REMEMBERED_MAX) this.values.clear();
    const value = this.compute(key);
    this.values.set(key, value);
    return value;
  }
}
