import type { ScoredInterval } from '../../records/interval-log.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText } from './finding.ts';
import { followsPause } from './jitter.ts';
import { powerSave, powerSaveEvidence, powerSaveText } from './power-save.ts';
import type { Restart } from './restarted-media.ts';
import { badStretch, isBreak } from './stretch.ts';
import type { Thresholds } from './thresholds.ts';

/** What one model of a receiver's buffer did with a stream. */
type Played = StreamRecord['playout'][string];

/** Least share of late packets among those thrown away. */
const LATE_SHARE = 0.25;

/** Packets that came, and that the playout model of the score threw away. */
export function discardFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  const { quality } = stream;
  if (quality === null) return null;
  const model = quality.assumptions.playout;
  const played = stream.playout[model];
  if (played === undefined || played.discardRatio < limits.discardWarningRatio) return null;
  // A buffer that only shortens itself, as under a sender's fast clock, drops packets that were in time.
  if (played.lateRatio + played.earlyRatio < played.discardRatio * LATE_SHARE) return null;
  if (isAfterBreak(stream, restarts)) return null;
  const bad = badStretch(stream, ({ discarded }) => discarded > 0);
  const best = stream.whatIf;
  const asleep = powerSave(stream);
  const helped = best !== null && best.gain > 0 ? `; a buffer of ${best.bestDepthMs} ms would do best` : '';
  return aboutStream(stream, {
    code: 'late_discard',
    severity: played.discardRatio >= limits.discardCriticalRatio ? 'critical' : 'warning',
    text: discardText(played, model) + helped + powerSaveText(asleep),
    evidence: {
      discardRatio: played.discardRatio,
      lateRatio: played.lateRatio,
      earlyRatio: played.earlyRatio,
      droppedRatio: played.droppedRatio,
      discarded: Math.round(played.discardRatio * stream.expected),
      playout: model,
      nominalMs: played.nominalMs,
      bestDepthMs: best?.bestDepthMs ?? null,
      ...powerSaveEvidence(asleep),
    },
    ...(bad === null ? {} : { startUs: bad.startUs, endUs: Math.min(bad.endUs, stream.endUs) }),
  });
}

/** So much of what was thrown away is said to be all of it. */
const NEARLY_ALL = 0.9;

/** How many packets the buffer threw away, which, and why most of them. */
function discardText(played: Played, model: string): string {
  const share = `${percentText(played.discardRatio)} % of packets`;
  const buffer = `the receiver's buffer (${model}, ${played.nominalMs.toFixed(0)} ms)`;
  const { lateRatio, earlyRatio, droppedRatio } = played;
  if (lateRatio >= played.discardRatio * NEARLY_ALL) return `${share} came too late for ${buffer}`;
  const most = Math.max(lateRatio, earlyRatio, droppedRatio);
  let why = 'too late';
  if (most === earlyRatio) why = 'for want of room or as spikes of the delay';
  else if (most === droppedRatio) why = 'to shorten its delay again';
  return `${share} were thrown away by ${buffer}, most of them ${why}`;
}

/** Whether all discards lie in intervals after holds, long silences and restarts, where a receiver begins anew as well. */
function isAfterBreak({ intervals }: StreamRecord, restarts: readonly Restart[]): boolean {
  const resumedUs = restarts.map(({ atUs }) => atUs);
  let before: ScoredInterval | null = null;
  let discards = false;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    if (interval.discarded > 0) {
      const isNew = before !== null && isBreak(before, interval);
      if (!isNew && !followsPause(interval, resumedUs)) return false;
      discards = true;
    }
    before = interval;
  }
  return discards;
}
