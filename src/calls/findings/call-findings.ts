import type { FindingCode } from '../../records/finding-codes.ts';
import type { CallRecord, Direction, FindingRecord, Severity } from '../../records/types.ts';
import type { Call } from '../call.ts';
import { timedOut } from '../dialog.ts';
import type { Visibility } from './call-facts.ts';

/** Final codes that are the callee's answer or the absence of one, not a failure of the service. */
const USER_OUTCOMES = new Set([401, 407, 408, 480, 486, 487, 600, 603]);
const NEGOTIATION_CODES = new Set([415, 488, 606]);

/** What is wrong with the signalling of a call. */
export function callFindings(call: Call, record: CallRecord, visibility: Visibility): FindingRecord[] {
  return [setupFinding(call, record, visibility)].filter((finding) => finding !== null);
}

function setupFinding(call: Call, record: CallRecord, visibility: Visibility): FindingRecord | null {
  const code = call.finalCode;
  if (record.state === 'failed' && timedOut(call, visibility.nowUs)) {
    return finding(record, 'setup_timeout', 'critical', null, 'INVITE got no answer at all within 32 s', {
      waitedMs: (visibility.nowUs - (call.inviteUs ?? visibility.nowUs)) / 1000,
    });
  }
  if (record.state !== 'failed' || code === null || USER_OUTCOMES.has(code)) return null;
  const negotiation = NEGOTIATION_CODES.has(code);
  return finding(
    record,
    negotiation ? 'codec_negotiation_failed' : 'setup_failed',
    code >= 500 && code < 600 ? 'critical' : 'warning',
    null,
    negotiation ? `the two sides found no common media: refused with ${code}` : `set-up failed with ${code}`,
    { finalCode: code, afterMs: record.durationMs },
  );
}

function finding(
  record: CallRecord,
  code: FindingCode,
  severity: Severity,
  direction: Direction | null,
  text: string,
  evidence: FindingRecord['evidence'],
): FindingRecord {
  return {
    code,
    severity,
    callId: record.callId,
    streamId: null,
    direction,
    startUs: record.startUs,
    endUs: record.endUs,
    text,
    evidence,
  };
}
