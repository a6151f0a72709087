/** The event loop has a turn after so many blocks, a few milliseconds of work. */
const BLOCKS_PER_TURN = 8;

/** A ring whose blocks are read in turn with those of others. */
export interface TurnTaker {
  /** Finds out how many blocks wait; at the beginning of every turn. */
  look(): void;
  /** When the first packet of the next block that waits was stamped, us; infinite when none does. */
  readonly nextUs: number;
  /** Hands over the packets of that block and gives it back. */
  take(): void;
}

/**
 * The rings that one thread reads. Blocks are read in the order of their first packets' stamps, whichever ring they lie in: after
 * a standstill each ring holds seconds, and read one after the other they would send time to and fro.
 */
export class RingTurns {
  readonly #takers = new Set<TurnTaker>();
  #scheduled = false;

  add(taker: TurnTaker): void {
    this.#takers.add(taker);
  }

  remove(taker: TurnTaker): void {
    this.#takers.delete(taker);
  }

  /** Reads what waits in a turn of the event loop of its own, where an exception is one of this program. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.turn()) this.schedule();
    });
  }

  /** Reads a few blocks; true when there are more. */
  turn(): boolean {
    for (const taker of this.#takers) taker.look();
    for (let i = 0; i < BLOCKS_PER_TURN; i++) {
      const next = this.#earliest();
      if (next === null) return false;
      next.take();
    }
    return this.#earliest() !== null;
  }

  #earliest(): TurnTaker | null {
    let earliest: TurnTaker | null = null;
    let earliestUs = Number.POSITIVE_INFINITY;
    for (const taker of this.#takers) {
      const { nextUs } = taker;
      if (nextUs >= earliestUs) continue;
      earliest = taker;
      earliestUs = nextUs;
    }
    return earliest;
  }
}
