import type { ScoredInterval } from '../../records/interval-log.ts';
import type { FindingRecord, StreamRecord, WhatIfRecord } from '../../records/types.ts';
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
  const bestDepthMs = depthThatHelps(stream.whatIf, played);
  const asleep = powerSave(stream);
  return aboutStream(stream, {
    code: 'late_discard',
    severity: played.discardRatio >= limits.discardCriticalRatio ? 'critical' : 'warning',
    text: discardText(played, model) + adviceText(stream.whatIf, played, bestDepthMs) + powerSaveText(asleep),
    evidence: {
      discardRatio: played.discardRatio,
      lateRatio: played.lateRatio,
      earlyRatio: played.earlyRatio,
      droppedRatio: played.droppedRatio,
      discarded: Math.round(played.discardRatio * stream.expected),
      playout: model,
      nominalMs: played.nominalMs,
      bestDepthMs,
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

/** A depth helps when it leaves no more than this share of what was thrown away, and helps much with no more than that. */
const HELPED_SHARE = 0.5;
const MUCH_HELPED_SHARE = 0.25;
/** Deeper buffers are not in use: their delay alone spoils a conversation. */
const DEPTH_MAX_MS = 300;

/** The depth that scores best, where it does so for what it keeps, and not for being shorter alone. */
function depthThatHelps(whatIf: WhatIfRecord | null, { discardRatio }: Played): number | null {
  if (whatIf === null || whatIf.gain === 0) return null;
  const best = whatIf.curve.find(({ depthMs }) => depthMs === whatIf.bestDepthMs);
  return best !== undefined && best.discardRatio <= discardRatio * HELPED_SHARE ? best.depthMs : null;
}

/** Which depth to choose; or that none would do, which is an advice, too: to look at the delay's cause instead. */
function adviceText(whatIf: WhatIfRecord | null, { discardRatio }: Played, depthMs: number | null): string {
  if (depthMs !== null) return `; a buffer of ${depthMs} ms would do best`;
  const inUse = (whatIf?.curve ?? []).filter((at) => at.depthMs <= DEPTH_MAX_MS);
  if (inUse.length === 0 || inUse.some((at) => at.discardRatio <= discardRatio * MUCH_HELPED_SHARE))
    return '';
  return `; no buffer up to ${DEPTH_MAX_MS} ms would have helped much`;
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
