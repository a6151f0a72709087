import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { DelayLevel } from './delay-levels.ts';
import type { DelayPicture } from './delay-picture.ts';
import { aboutStream } from './finding.ts';
import { lasting } from './path-marks.ts';
import type { Thresholds } from './thresholds.ts';

/** Other way from some moment on: by TTL, else by a step of the least delay that neither a restart nor a queue explains. */
export function pathFinding(
  stream: StreamRecord,
  limits: Thresholds,
  delay: DelayPicture,
): FindingRecord | null {
  // Every packet seen twice, before and behind a router: two distances, one path.
  if (stream.duplicates * 2 >= stream.packets) return null;
  return hopsFinding(stream, limits, delay.levels) ?? stepFinding(stream, limits, delay);
}

function hopsFinding(
  stream: StreamRecord,
  limits: Thresholds,
  levels: readonly DelayLevel[],
): FindingRecord | null {
  const values = lasting(stream, ({ ttl }) => ttl, limits.settledMs);
  const before = values[0];
  const after = values[1];
  if (before === undefined || after === undefined) return null;
  const stepMs = stepAround(levels, stream.startUs + after.atMs * 1000);
  const delay = stepMs === null ? '' : `, the least delay ${stepText(stepMs)}`;
  return aboutStream(stream, {
    code: 'path_change',
    severity: Math.abs(stepMs ?? 0) >= limits.pathStepWarningMs ? 'warning' : 'info',
    text:
      `the packets came another way: TTL ${before.value} until then, ${after.value} from then on${delay}` +
      `${values.length > 2 ? `; ${values.length - 1} changes in all` : ''}`,
    evidence: { fromTtl: before.value, toTtl: after.value, stepMs, changes: values.length - 1 },
    startUs: stream.startUs + after.atMs * 1000,
  });
}

function stepText(stepMs: number): string {
  if (Math.abs(stepMs) < 0.5) return 'stayed as it was';
  return `${stepMs > 0 ? 'rose' : 'fell'} by ${Math.abs(stepMs).toFixed(0)} ms`;
}

/** Step of the least delay at a time, where the intervals around it show one. */
function stepAround(levels: readonly DelayLevel[], timeUs: number): number | null {
  const at = levels.findIndex(({ startUs }) => startUs > timeUs);
  const before = levels[(at < 0 ? levels.length : at) - 2];
  const after = at < 0 ? undefined : levels[at];
  if (before?.levelMs == null || after?.levelMs == null) return null;
  return after.levelMs - before.levelMs;
}

function stepFinding(
  stream: StreamRecord,
  limits: Thresholds,
  { steps }: DelayPicture,
): FindingRecord | null {
  const first = steps[0];
  if (first === undefined) return null;
  return aboutStream(stream, {
    code: 'path_change',
    severity: steps.some(({ stepMs }) => Math.abs(stepMs) >= limits.pathStepWarningMs) ? 'warning' : 'info',
    text:
      `the least delay ${stepText(first.stepMs)} and stayed there: the packets came another way` +
      `${steps.length > 1 ? `; ${steps.length} steps in all` : ''}`,
    evidence: { fromTtl: null, toTtl: null, stepMs: first.stepMs, changes: steps.length },
    startUs: first.atUs,
  });
}

/** A marking that changed and stayed so. */
export function remarkedFinding(stream: StreamRecord, limits: Thresholds): FindingRecord | null {
  const values = lasting(stream, ({ dscp }) => dscp, limits.settledMs);
  const before = values[0];
  const after = values[1];
  if (before === undefined || after === undefined) return null;
  return aboutStream(stream, {
    code: 'dscp_changed',
    severity: 'info',
    text:
      `the marking changed from DSCP ${before.value} to ${after.value}` +
      `${values.length > 2 ? `, ${values.length - 1} changes in all` : ''}`,
    evidence: { from: before.value, to: after.value, changes: values.length - 1 },
    startUs: stream.startUs + after.atMs * 1000,
  });
}
