import type { HistoryRecord } from '../../src/compare/history-sides.ts';
import type { StatusRecord } from '../../src/live/live-records.ts';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { callTold, findingTold, statusTold, streamTold } from '../metrics/records.ts';

/* Lines of a history. Times in seconds after midnight of a day. */

export const MIDNIGHT_US = Date.UTC(2026, 10, 20) * 1000;
export const HOUR_S = 3600;
const at = (seconds: number): number => MIDNIGHT_US + seconds * 1e6;

/** A record as its line holds it. */
export function asLine(record: object): HistoryRecord {
  return JSON.parse(JSON.stringify(record)) as HistoryRecord;
}

export function start(seconds: number): HistoryRecord {
  return { type: 'start', run: 1, time: isoMicros(at(seconds)), sources: [] };
}

export function status(seconds: number, changes: Partial<StatusRecord> = {}): HistoryRecord {
  return asLine(statusTold(1000, { time: isoMicros(at(seconds)), uptimeMs: 3_600_000, ...changes }));
}

/** A status every ten seconds. */
export function* statuses(
  from: number,
  to: number,
  changes: Partial<StatusRecord> = {},
): Generator<HistoryRecord> {
  for (let seconds = from; seconds <= to; seconds += 10) yield status(seconds, changes);
}

export interface ToldCall {
  callId: string;
  from: number;
  /** Seconds; 20 if absent. */
  long?: number;
  lost?: number;
  jitterMs?: number;
  changes?: Partial<CallRecord>;
}

/** A call with one stream of a thousand packets, and the finding of it where it lost some. */
export function* call({ callId, from, long = 20, lost = 0, jitterMs = 5, changes = {} }: ToldCall) {
  const times = { startUs: at(from), endUs: at(from + long) };
  const jitter = {
    p50: jitterMs,
    p95: jitterMs,
    p99: jitterMs,
    max: jitterMs,
    mean: jitterMs,
    samples: 1000,
  };
  const sent: Partial<StreamRecord> = { expected: 1000, lost, jitterMs: jitter };
  yield asLine(streamTold({ id: `s ${callId}`, callId, ...times, ...sent }));
  const findings = lost > 20 ? ['random_loss'] : [];
  for (const code of findings) yield asLine(findingTold({ callId, code, severity: 'warning' }));
  const own = { id: `c ${callId}`, callId, answerUs: at(from), streams: [`s ${callId}`], findings };
  yield asLine(callTold({ ...times, ...own, ...changes }));
}
