import type { TextLog } from './text-log.ts';

const FIRST_CAPACITY = 256;

/** The text of a record, made when it is asked for. */
export type Render = () => string;

/**
 * The records of one kind: the full text in the log, a small summary in memory, and their order in typed columns.
 * A record is named by its sequence number, which counts from 0 in order of arrival. The first ones are held as they
 * are: most reports show few of their records, and only those need a text.
 */
export class RecordList<Summary> {
  private readonly log: TextLog;
  private readonly summaries: Summary[] = [];
  /** Records without a text in the log yet, from sequence number 0 on. */
  private held: Render[] = [];
  private times = new Float64Array(FIRST_CAPACITY);
  private ties = new Float64Array(FIRST_CAPACITY);
  private offsets = new Float64Array(FIRST_CAPACITY);
  private lengths = new Uint32Array(FIRST_CAPACITY);
  private sorted: Uint32Array | null = null;
  /** Records taken out again, and changes to the texts of others. */
  private readonly removed = new Set<number>();
  private readonly changes = new Map<number, (text: string) => string>();
  private veil: ((text: string) => string) | null = null;

  constructor(log: TextLog) {
    this.log = log;
  }

  get length(): number {
    return this.summaries.length;
  }

  /**
   * Adds a record and answers its sequence number.
   *
   * @param timeUs what the records are sorted by
   * @param tie decides between records of the same time; those of the same tie stay in order of arrival
   * @param hold whether the record may stay as it is; once one did not, none may
   */
  add(timeUs: number, tie: number, summary: Summary, render: Render, hold: boolean): number {
    const sequence = this.summaries.length;
    if (sequence === this.times.length) this.grow(sequence * 2);
    this.times[sequence] = timeUs;
    this.ties[sequence] = tie;
    this.summaries.push(summary);
    this.sorted = null;
    if (hold) this.held.push(render);
    else this.write(sequence, render());
    return sequence;
  }

  /** Writes the records that are held to the log and lets go of them. */
  release(): void {
    const held = this.held;
    this.held = [];
    for (const [sequence, render] of held.entries()) this.write(sequence, render());
  }

  private write(sequence: number, text: string): void {
    this.offsets[sequence] = this.log.end;
    this.lengths[sequence] = this.log.append(text);
  }

  /** The summary of a record. */
  summary(sequence: number): Summary {
    return this.summaries[sequence]!;
  }

  /** The full text of a record, read from memory or disk, or made of the record that is held. */
  text(sequence: number): string {
    const render = this.held[sequence];
    const text =
      render === undefined ? this.log.read(this.offsets[sequence]!, this.lengths[sequence]!) : render();
    const change = this.changes.get(sequence);
    const changed = change === undefined ? text : change(text);
    return this.veil === null ? changed : this.veil(changed);
  }

  /** Takes a record out: it keeps its number, and is in no list any more. */
  remove(sequence: number): void {
    this.removed.add(sequence);
    this.sorted = null;
  }

  isRemoved(sequence: number): boolean {
    return this.removed.has(sequence);
  }

  /** Gives a record another summary, and changes its text, as it is by now, whenever that is read. */
  change(sequence: number, summary: Summary, change: (text: string) => string): void {
    this.summaries[sequence] = summary;
    const before = this.changes.get(sequence);
    this.changes.set(sequence, before === undefined ? change : (text) => change(before(text)));
  }

  /** From now on every summary and text is read through these. */
  cover(summaryOf: (summary: Summary) => Summary, textOf: (text: string) => string): void {
    for (const [sequence, summary] of this.summaries.entries()) this.summaries[sequence] = summaryOf(summary);
    this.veil = textOf;
  }

  /** All sequence numbers in the order of the contract. */
  ordered(): Uint32Array {
    if (this.sorted === null) {
      const { times, ties } = this;
      const every = Uint32Array.from(this.summaries.keys());
      const all = this.removed.size === 0 ? every : every.filter((sequence) => !this.removed.has(sequence));
      this.sorted = all.sort((a, b) => times[a]! - times[b]! || ties[a]! - ties[b]! || a - b);
    }
    return this.sorted;
  }

  private grow(capacity: number): void {
    this.times = copied(this.times, new Float64Array(capacity));
    this.ties = copied(this.ties, new Float64Array(capacity));
    this.offsets = copied(this.offsets, new Float64Array(capacity));
    const lengths = new Uint32Array(capacity);
    lengths.set(this.lengths);
    this.lengths = lengths;
  }
}

function copied(from: Float64Array<ArrayBuffer>, to: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  to.set(from);
  return to;
}
