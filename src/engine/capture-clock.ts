import type { StampFaults, StepBack } from '../across/across.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { StampClumps } from './stamp-clumps.ts';

/** A pause of the whole capture longer than this, or one damaged time stamp. */
const LEAP_US = 600_000_000;
/** Interfaces and merged files disagree by less than this; more is a clock that was set. */
const CLOCK_STEP_US = 10_000_000;
/** Housekeeping happens every second of capture time. */
const SWEEP_US = 1_000_000;

/** Live packets may reach the engine so much later than they were stamped. */
const LATENESS_US = 2_000_000;

/** Going back by more than this is a step of the clock: interfaces of one machine differ by less. */
const STEP_BACK_US = 100_000;
const STEPS_KEPT = 256;
const REMEMBERED_US = 3_600_000_000;
/** Stamps that must all be multiples of this before it is taken for the clock's resolution. */
const COARSE_US = 10_000;
const SAMPLES_MIN = 100;
/** Stamps that must all be the same before there is taken to be no clock: of every batch, 32 are looked at. */
const STILL_MIN = 30;

/** Capture time: where it stands, when housekeeping is due, and what was odd about it. All times in us. */
export class CaptureClock {
  /** First time seen; NaN before it. */
  firstUs = Number.NaN;
  /** Latest time seen, or what the clock was set back to. */
  lastUs = Number.NEGATIVE_INFINITY;
  /** The first packet is housekeeping, too: an empty one that starts the count. */
  nextSweepUs = Number.NEGATIVE_INFINITY;
  /** Packets older than one before them, and by how much at most. */
  backwards = 0;
  backwardsMaxUs = 0;
  /** When it went back by a step. */
  readonly stepsBack: StepBack[] = [];
  /** Since when no packet had come when housekeeping became due by one, us; NaN when it became due by itself. */
  silentFromUs = Number.NaN;
  /** How stamps are given in batches. */
  readonly clumps = new StampClumps();
  private samples = 0;
  private offTens = 0;
  /** Stamps looked at that differ from the first of them. */
  private offFirst = 0;
  private sampledUs = Number.NaN;
  /** Where a leap went that is not confirmed yet. */
  private leapUs = Number.NaN;
  /** Latest time seen before the clock was set back. */
  private latestUs = Number.NEGATIVE_INFINITY;
  /** Where time went on without packets, and when the last of them came. */
  private ranToUs = Number.NaN;
  private ranFromUs = Number.NaN;

  /** Time of the last packet, us. */
  get endUs(): number {
    return Math.max(this.latestUs, this.lastUs);
  }

  /**
   * A packet is at or past `nextSweepUs`. A leap has to be confirmed by a second packet before anything is given up.
   * @returns whether housekeeping is due
   */
  advance(timeUs: number): boolean {
    if (timeUs - this.lastUs > LEAP_US && !(Math.abs(timeUs - this.leapUs) < CLOCK_STEP_US)) {
      this.leapUs = timeUs;
      // The very first packet has nothing to leap from.
      if (this.lastUs !== Number.NEGATIVE_INFINITY) return false;
    }
    this.silentFromUs = this.lastUs === this.ranToUs ? this.ranFromUs : this.lastUs;
    this.lastUs = timeUs;
    if (Number.isNaN(this.firstUs)) this.firstUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
    return true;
  }

  /**
   * Time has reached `nowUs` on the packets' own clock, packets or not. Capture time follows at a distance, so that
   * those still on their way are not late.
   * @returns whether housekeeping is due
   */
  run(nowUs: number): boolean {
    const reachedUs = nowUs - LATENESS_US;
    // Before the first packet there is nothing to end. A leap is for packets to confirm.
    if (!(reachedUs >= this.nextSweepUs) || this.lastUs === Number.NEGATIVE_INFINITY) return false;
    if (reachedUs - this.lastUs > LEAP_US) return false;
    this.silentFromUs = Number.NaN;
    if (this.lastUs !== this.ranToUs) this.ranFromUs = this.lastUs;
    this.lastUs = Math.max(this.lastUs, reachedUs);
    this.ranToUs = this.lastUs;
    this.nextSweepUs = this.lastUs + SWEEP_US;
    // Without an end to the capture, only steps that running streams have seen count.
    while (this.stepsBack.length > 0 && this.stepsBack[0]!.fromUs < reachedUs - REMEMBERED_US) {
      this.stepsBack.shift();
    }
    return true;
  }

  /** A packet is older than one before it. */
  noteBackwards(timeUs: number): void {
    this.backwards++;
    this.backwardsMaxUs = Math.max(this.backwardsMaxUs, this.lastUs - timeUs);
    if (this.lastUs - timeUs > STEP_BACK_US) this.noteStep(timeUs);
    if (this.lastUs - timeUs <= CLOCK_STEP_US) return;
    // The clock was set back, or one stamp was far ahead: capture time goes on from here.
    this.latestUs = Math.max(this.latestUs, this.lastUs);
    this.lastUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
  }

  /** All packets until the latest time is reached again show one step. */
  private noteStep(timeUs: number): void {
    const last = this.stepsBack.at(-1);
    if (last !== undefined && last.fromUs === this.lastUs) last.toUs = Math.min(last.toUs, timeUs);
    else if (this.stepsBack.length < STEPS_KEPT) this.stepsBack.push({ fromUs: this.lastUs, toUs: timeUs });
  }

  /** Looks at the stamps of some packets of a batch. */
  sample(batch: PacketBatch): void {
    const { timeUs, count } = batch;
    this.clumps.look(batch);
    const stride = Math.max(1, count >> 5);
    for (let i = 0; i < count; i += stride) {
      const time = timeUs[i]!;
      if (this.samples++ === 0) this.sampledUs = time;
      if (time !== this.sampledUs) this.offFirst++;
      if (time % COARSE_US !== 0) this.offTens++;
    }
  }

  /** Whether all stamps looked at are whole tens of milliseconds, or the same. */
  get isCoarse(): boolean {
    return this.isStill || (this.samples >= SAMPLES_MIN && this.offTens === 0);
  }

  /** Whether all stamps looked at are the same: there was no clock. */
  get isStill(): boolean {
    return this.samples >= STILL_MIN && this.offFirst === 0;
  }

  /** What is wrong with the stamps so far. */
  get faults(): StampFaults {
    return { stepsBack: this.stepsBack, isCoarse: this.isCoarse, batches: this.clumps };
  }
}
