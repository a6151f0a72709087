import type { Across } from '../across/across.ts';
import type { MirrorVerdict } from '../across/loss-instants.ts';
import type { StandstillVerdict } from '../across/standstills.ts';
import type { ThinningVerdict } from '../across/thinning.ts';
import type { CaptureRecord } from '../records/types.ts';
import type { CaptureClock } from './capture-clock.ts';

/** What the engine knows of the capture; files and trust need the source as well. */
export interface CaptureAccount extends Omit<CaptureRecord, 'files' | 'trust'> {
  /** Packets cut short by a snap length. */
  snapped: number;
  /** Packets older than one before them, and by how much at most, ms. */
  backwards: number;
  backwardsMaxMs: number;
  /** All packets have one time stamp. */
  stillStamps: boolean;
  /** All stamps are whole tens of milliseconds, and jitter is made of that. */
  coarseStamps: boolean;
  /** A step of the capture's clock that unrelated streams show, and its drift by all senders' clocks. */
  clockStep: { stepMs: number; atUs: number; streams: number } | null;
  clockDrift: { skewPpm: number; senders: number } | null;
  /** Time from one batch of stamps to the next, and the streams whose jitter is made of that. */
  stampBatches: { distanceMs: number; streams: number } | null;
  mirror: MirrorVerdict | null;
  /** Times in which nothing was captured while streams ran, and nobody knows why. */
  standstill: StandstillVerdict | null;
  /** That all streams lack the same share of packets. */
  thinning: ThinningVerdict | null;
  /** Streams that lack packets which their receivers report to have had, and those packets. */
  captureLoss: { streams: number; packets: number };
  /** Calls judged, and those of which the tap does not see one direction. */
  calls: number;
  oneSidedCalls: number;
}

/** What speaks against the capture, by its clock and by what its calls and streams have in common. */
export function doubts(
  clock: CaptureClock,
  across: Across,
): Omit<CaptureAccount, keyof CaptureRecord | 'snapped'> {
  const { distanceMs } = clock.clumps;
  return {
    backwards: clock.backwards,
    backwardsMaxMs: clock.backwardsMaxUs / 1000,
    stillStamps: clock.isStill,
    coarseStamps: clock.isCoarse && !clock.isStill && across.sawJitter,
    clockStep: across.clock.step(),
    clockDrift: across.clock.driftPpm(),
    stampBatches:
      distanceMs === null || across.batched === 0 || clock.isCoarse
        ? null
        : { distanceMs, streams: across.batched },
    mirror: across.losses.verdict(),
    standstill: across.standstills.verdict(),
    thinning: across.thinning.verdict(),
    captureLoss: across.captureLoss,
    calls: across.calls,
    oneSidedCalls: across.oneSided,
  };
}
