import { isSteadyIn, pieceOf } from '../across/steady-streams.ts';
import { NO_MOMENTS } from '../records/moment-log.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import * as row from '../rtp/stream-row.ts';
import type { CaptureClock } from './capture-clock.ts';

/** Streams that were counted in a piece of time, and whether all were looked at. */
interface Counted {
  steady: number;
  isWhole: boolean;
}

/**
 * Counts the streams that still run and whose delay stayed where it was around a time (us), up to as many as are enough: a call
 * is judged beside others that are not over for long. What was counted is kept until a packet or a stream comes.
 */
export function steadyRunning(rtp: RtpPlane, clock: CaptureClock): (atUs: number, enough: number) => number {
  const counted = new Map<number, Counted>();
  let countedUs = Number.NaN;
  let countedOf = 0;
  return (atUs, enough) => {
    const { activeCount } = rtp.table;
    if (clock.lastUs !== countedUs || activeCount !== countedOf) counted.clear();
    countedUs = clock.lastUs;
    countedOf = activeCount;
    const piece = pieceOf(atUs);
    const known = counted.get(piece);
    if (known !== undefined && (known.isWhole || known.steady >= enough)) return known.steady;
    const now = count(rtp, piece, enough);
    counted.set(piece, now);
    return now.steady;
  };
}

function count(rtp: RtpPlane, piece: number, enough: number): Counted {
  const { table } = rtp;
  let steady = 0;
  for (let i = 0; i < table.activeCount; i++) {
    const slot = table.active[i]!;
    rtp.settle(slot);
    const { intervals, history } = table.notesOf(slot);
    const startUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.FIRST_US]!;
    const spikes = history.spikes ?? NO_MOMENTS;
    if (isSteadyIn({ startUs, intervals, history: { spikes } }, piece)) steady++;
    if (steady >= enough) return { steady, isWhole: false };
  }
  return { steady, isWhole: true };
}
