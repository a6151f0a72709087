import { Lane } from '../../../src/rtp/lanes/lane.ts';
import type { LaneShare } from '../../../src/rtp/lanes/lane-memory.ts';
import type { LaneThreads } from '../../../src/rtp/lanes/lanes.ts';

/** Lanes without threads: between two packets they measure as many runs as a pattern says, one number after the other. */
export class SteppedLanes implements LaneThreads {
  readonly count: number;
  readonly shares: LaneShare[] = [];
  /** Runs that a lane measured, and not the owner of the streams. */
  measured = 0;
  private readonly lanes: Lane[] = [];
  private readonly pattern: readonly number[];
  private turns = 0;

  constructor(count: number, pattern: readonly number[]) {
    this.count = count;
    this.pattern = pattern;
  }

  start(share: LaneShare): void {
    this.shares.push(share);
    this.lanes.push(new Lane(share));
  }

  /** A packet was taken. */
  turn(): void {
    for (const lane of this.lanes) {
      let steps = this.pattern[this.turns++ % this.pattern.length]!;
      while (steps-- > 0 && lane.step()) this.measured++;
    }
  }
}
