import type { UnheardRecord } from '../records/rtcp-record.ts';
import type { SourceReports } from '../rtcp/source.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { TapLoss } from './tap-loss.ts';

/** A receiver is known to count when so many blocks went further than the one before. */
const ADVANCES_MIN = 2;
/** One report may be made so soon after another that nothing came in between. */
const STILL_MIN = 2;

/**
 * What passed the tap while the receiver's reports, up to the last one, show that it got nothing any more: they name the
 * same highest number, or have no block about the stream (RFC 3550 6.4). Null where they do not show that, or the
 * sender sent nothing. Loss that ends shows in the next block that goes further, and is counted there.
 */
export function unheardMedia(measured: StreamMeasurement, reports: SourceReports): UnheardRecord | null {
  const { last, advances, advancedUs, stillReports, stillUs } = reports;
  if (last === null || advances < ADVANCES_MIN || stillReports < STILL_MIN) return null;
  if (measured.restarts + measured.interruptions > 0 || advancedUs < measured.startUs) return null;
  const tap = new TapLoss(measured);
  const position = tap.positionOf(last.extendedHighestSequence, advancedUs);
  const untilUs = Math.min(stillUs, measured.endUs);
  if (position === null || untilUs <= advancedUs) return null;
  const due = tap.dueBy(untilUs) - position;
  const packets = Math.round(due - (tap.lostThrough(position + due) - tap.lostThrough(position)));
  if (packets <= 0) return null;
  // By the last block that went further it may have been deaf for a while.
  const sinceUs = Math.max(0, tap.dueBy(advancedUs) - position) * (measured.ptimeMs ?? 20) * 1000;
  const startUs = Math.max(measured.startUs, advancedUs - sinceUs);
  return { startUs, durationMs: (untilUs - startUs) / 1000, packets, reports: stillReports };
}
