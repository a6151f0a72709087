import type { FindingCode } from '../../records/finding-codes.ts';
import type { CallRecord, Direction, FindingRecord, Severity, StreamRecord } from '../../records/types.ts';

/** What a detector decides; whose finding it is follows from what it looked at. */
export interface Verdict {
  code: FindingCode;
  severity: Severity;
  /** One sentence for the engineer, with the figures in it. */
  text: string;
  /** The measurements that made it fire. */
  evidence: FindingRecord['evidence'];
  /** Since and until when; the whole stream or call if absent. */
  startUs?: number;
  endUs?: number | null;
}

/** A finding about one stream. */
export function aboutStream(stream: StreamRecord, verdict: Verdict): FindingRecord {
  const { code, severity, text, evidence, startUs = stream.startUs, endUs = stream.endUs } = verdict;
  return {
    code,
    severity,
    callId: stream.callId,
    streamId: stream.id,
    direction: stream.direction,
    startUs,
    endUs,
    text,
    evidence,
  };
}

/** A finding about a call as a whole, or about one direction of it. */
export function aboutCall(record: CallRecord, direction: Direction | null, verdict: Verdict): FindingRecord {
  const { code, severity, text, evidence, startUs = record.startUs, endUs = record.endUs } = verdict;
  return { code, severity, callId: record.callId, streamId: null, direction, startUs, endUs, text, evidence };
}

/** A span of milliseconds as seconds, the way people read them: `4.2`, `31`. */
export function secondsText(ms: number): string {
  return (ms / 1000).toFixed(ms < 9950 ? 1 : 0);
}

/** Percent with as many digits as it is worth: `0.15`, `1.2`, `12`. */
export function percentText(ratio: number): string {
  const percent = ratio * 100;
  return percent.toFixed(percent < 1 ? 2 : percent < 10 ? 1 : 0);
}
