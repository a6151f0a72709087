import type { CallRecord, FindingRecord, Severity } from '../../records/types.ts';
import type { Retried } from '../retries.ts';
import { secondsText } from './finding.ts';

/** Findings that say that an attempt failed. */
const FAILURES: ReadonlySet<string> = new Set(['setup_failed', 'setup_timeout', 'codec_negotiation_failed']);
const LOWERED: Readonly<Record<Severity, Severity>> = { critical: 'warning', warning: 'info', info: 'info' };

/**
 * Says of a failed attempt that it was tried again and answered, as far as that is known when it is judged: the attempt
 * failed, its user got through. Its findings count one step less.
 */
export function withAnsweredRetry(
  record: CallRecord,
  findings: readonly FindingRecord[],
  retried: Retried | null,
): FindingRecord[] {
  if (retried === null || retried.answered === null) return [...findings];
  const { callId, destination, inviteUs, answerUs } = retried.answered;
  const afterMs = (us: number): number => Math.max(0, us - retried.failedUs) / 1000;
  const [retriedAfterMs, answeredAfterMs] = [afterMs(inviteUs), afterMs(answerUs)];
  record.signalling = { ...record.signalling, retriedAs: callId, retriedAfterMs };
  const at = destination === null ? '' : ` at ${destination}`;
  const words = `tried again${at} ${secondsText(retriedAfterMs)} s later, and answered`;
  return findings.map((finding) =>
    FAILURES.has(finding.code)
      ? {
          ...finding,
          severity: LOWERED[finding.severity],
          text: `${finding.text}; ${words}`,
          evidence: { ...finding.evidence, retriedAs: callId, retriedAfterMs, answeredAfterMs },
        }
      : finding,
  );
}
