import type { Across } from '../across/across.ts';
import { STANDSTILL_US } from '../across/standstills.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import type { CaptureClock } from './capture-clock.ts';

/** A stream whose newest packet is older than this when nothing came any more was not running. */
const RUNNING_US = 200_000;

/** Housekeeping is due: if it is by a packet, and none had come for long while streams ran, that is remembered. */
export function noteStandstill({ silentFromUs, lastUs }: CaptureClock, rtp: RtpPlane, across: Across): void {
  if (!(lastUs - silentFromUs >= STANDSTILL_US)) return;
  across.standstills.add(silentFromUs, lastUs, rtp.runningSince(silentFromUs - RUNNING_US));
}
