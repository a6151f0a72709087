/** What one report block said about loss. */
export interface ReportSample {
  timeUs: number;
  extendedHighestSequence: number;
  cumulativeLost: number;
  /** Blocks of one epoch count on from each other: one reporter, one reception. */
  epoch: number;
}

/** Samples kept between the first and the last. */
const BETWEEN_MAX = 64;

/** A receiver that skipped more numbers than this began anew: at 1000 packets/s, four hours between two reports. */
const ADVANCE_MAX = 1 << 24;

/** The report blocks about one stream, thinned: the first, the last and up to 64 in between. */
export class ReportSamples {
  private readonly kept: ReportSample[] = [];
  private last: ReportSample | null = null;
  private lastReporter = 0;
  private count = 0;
  /** Every so many-th sample is kept. */
  private stride = 1;

  /** Takes one block in order of capture. */
  add(reporter: number, timeUs: number, extendedHighestSequence: number, cumulativeLost: number): void {
    const before = this.last;
    const sample: ReportSample = { timeUs, extendedHighestSequence, cumulativeLost, epoch: 0 };
    if (before !== null) {
      const continued = reporter === this.lastReporter && continues(before, sample);
      sample.epoch = continued ? before.epoch : before.epoch + 1;
    }
    this.last = sample;
    this.lastReporter = reporter;
    if (this.count++ % this.stride !== 0) return;
    this.kept.push(sample);
    if (this.kept.length > BETWEEN_MAX + 1) this.thin();
  }

  /** All that are kept, in order. */
  samples(): ReportSample[] {
    if (this.last === null) return [];
    return this.last === this.kept.at(-1) ? [...this.kept] : [...this.kept, this.last];
  }

  private thin(): void {
    for (let i = 0; 2 * i < this.kept.length; i++) this.kept[i] = this.kept[2 * i]!;
    this.kept.length = Math.ceil(this.kept.length / 2);
    this.stride *= 2;
  }
}

/** Can the counters of one block have grown into those of the next? */
function continues(before: ReportSample, after: ReportSample): boolean {
  const expected = (after.extendedHighestSequence - before.extendedHighestSequence) >>> 0;
  const lost = after.cumulativeLost - before.cumulativeLost;
  return expected < ADVANCE_MAX && lost <= expected && lost >= -expected;
}
