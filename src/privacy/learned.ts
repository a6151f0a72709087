/** Shorter ones are in every text. */
const LENGTH_MIN = 3;
/** Names of one run. */
const LEARNED_MAX = 1 << 20;
/** Names that a live probe met lately; there are at most twice as many. */
const RECENT_MAX = 65_536;

/**
 * Names that were replaced somewhere, and are looked for everywhere. A run that ends learns up to its bound; one that
 * does not end forgets what it has not met for longest, and so knows whoever is on the telephone now.
 */
export class Learned {
  private readonly max: number;
  private readonly forgets: boolean;
  private young = new Set<string>();
  private old: ReadonlySet<string> = new Set();

  constructor({ forgets }: { forgets: boolean }) {
    this.forgets = forgets;
    this.max = forgets ? RECENT_MAX : LEARNED_MAX;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  has(word: string): boolean {
    return this.young.has(word) || this.old.has(word);
  }

  add(word: string): void {
    if (word.length < LENGTH_MIN || this.young.has(word)) return;
    if (this.young.size >= this.max) {
      if (!this.forgets) return;
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(word);
  }
}
