import type { FindingRecord } from '../../records/types.ts';
import { type CallCase, callFinding } from './case.ts';
import { secondsText } from './finding.ts';

/** A call that was over as soon as it was answered. Often a voice mailbox that nobody wanted: information only. */
export function shortCall(found: CallCase): FindingRecord | null {
  const { call, record, thresholds } = found;
  if (call.answerUs === null || call.endUs === null || record.state !== 'answered') return null;
  // One that was handed over goes on elsewhere.
  if (call.sip.rare.transfers.length > 0) return null;
  const talkMs = (call.endUs - call.answerUs) / 1000;
  if (talkMs < 0 || talkMs >= thresholds.shortCallMs) return null;
  const by = call.releasedBy === null ? '' : ` by the ${call.releasedBy}`;
  const text = `over ${secondsText(talkMs)} s after the answer, released${by}`;
  return callFinding(found, 'short_call', 'info', text, {
    talkMs,
    thresholdMs: thresholds.shortCallMs,
    releasedBy: call.releasedBy,
    packets: found.streams.reduce((sum, stream) => sum + stream.packets, 0),
  });
}
