import type { FindingCode } from '../../records/finding-codes.ts';
import type { CallRecord, Direction, FindingRecord, Severity, StreamRecord } from '../../records/types.ts';
import { isHeld } from '../../sip/sdp.ts';
import type { Call, Side } from '../call.ts';
import { wasHeld } from '../descriptions.ts';
import { timedOut } from '../dialog.ts';
import { ABSENT_MEDIA_US } from './thresholds.ts';

/** Final codes that are the callee's answer or the absence of one, not a failure of the service. */
const USER_OUTCOMES = new Set([401, 407, 408, 480, 486, 487, 600, 603]);
const NEGOTIATION_CODES = new Set([415, 488, 606]);

/** What the capture as a whole allows to be said. */
export interface Visibility {
  /** End of the capture, or capture time now. */
  nowUs: number;
  /** Some RTP was seen: its absence elsewhere means something. */
  mediaSeen: boolean;
}

/** What is wrong with a call as a whole: its set-up, and media that should be there and is not. */
export function callFindings(
  call: Call,
  record: CallRecord,
  streams: readonly StreamRecord[],
  visibility: Visibility,
): FindingRecord[] {
  const found = [setupFinding(call, record, visibility), ...absentMedia(call, record, streams, visibility)];
  return found.filter((finding) => finding !== null);
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

/** One-way media and no media (standards 7.4): only where both sides asked for two-way audio all along. */
function absentMedia(
  call: Call,
  record: CallRecord,
  streams: readonly StreamRecord[],
  visibility: Visibility,
): FindingRecord[] {
  if (call.answerUs === null || wasHeld(call) || call.sharesMedia || !visibility.mediaSeen) return [];
  if (!wantsAudio(call, 'caller') || !wantsAudio(call, 'callee')) return [];
  const talkUs = (call.endUs ?? visibility.nowUs) - call.answerUs;
  if (talkUs < ABSENT_MEDIA_US) return [];
  const packets = (direction: Direction): number =>
    streams.reduce((sum, stream) => sum + (stream.direction === direction ? stream.packets : 0), 0);
  const forward = packets('callerToCallee');
  const backward = packets('calleeToCaller');
  const evidence = { callerToCalleePackets: forward, calleeToCallerPackets: backward, talkMs: talkUs / 1000 };
  const seconds = (talkUs / 1e6).toFixed(0);
  if (forward === 0 && backward === 0) {
    return [
      finding(
        record,
        'no_media',
        'critical',
        null,
        `answered, but no audio either way in ${seconds} s`,
        evidence,
      ),
    ];
  }
  if (forward > 0 && backward > 0) return [];
  const missing: Direction = forward === 0 ? 'callerToCallee' : 'calleeToCaller';
  const [from, to] = missing === 'callerToCallee' ? ['caller', 'callee'] : ['callee', 'caller'];
  const text = `no audio from ${from} to ${to} in ${seconds} s, while ${Math.max(forward, backward)} packets went the other way`;
  return [finding(record, 'one_way_media', 'critical', missing, text, evidence)];
}

/** Does the newest description of a side ask for two-way audio? */
function wantsAudio(call: Call, side: Side): boolean {
  for (let i = call.descriptions.length - 1; i >= 0; i--) {
    const description = call.descriptions[i]!;
    if (description.side !== side || description.pending || description.refused) continue;
    return description.media.some(
      (media) => media.type === 'audio' && media.port > 0 && media.direction === 'sendrecv' && !isHeld(media),
    );
  }
  return false;
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
