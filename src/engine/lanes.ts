/** What whoever starts threads needs to lend the engine some that measure. */
export { Lane } from '../rtp/lanes/lane.ts';
export type { LaneShare } from '../rtp/lanes/lane-memory.ts';
export { LANES_MAX, LaneDied, type LaneThreads } from '../rtp/lanes/lanes.ts';
