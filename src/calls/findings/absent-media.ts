import type { Direction, FindingRecord } from '../../records/types.ts';
import { isHeld } from '../../sip/sdp.ts';
import type { Call, Side } from '../call.ts';
import { wasHeld } from '../descriptions.ts';
import { type CallCase, callFinding } from './case.ts';
import { ABSENT_MEDIA_US } from './thresholds.ts';

/** One-way media and no media (standards 7.4): only where both sides asked for two-way audio all along. */
export function absentMedia(found: CallCase): FindingRecord | null {
  const { call, streams, visibility } = found;
  if (call.answerUs === null || wasHeld(call) || call.sharesMedia || !visibility.mediaSeen) return null;
  if (!wantsAudio(call, 'caller') || !wantsAudio(call, 'callee')) return null;
  const talkUs = (call.endUs ?? visibility.nowUs) - call.answerUs;
  if (talkUs < ABSENT_MEDIA_US) return null;
  const packets = (direction: Direction): number =>
    streams.reduce((sum, stream) => sum + (stream.direction === direction ? stream.packets : 0), 0);
  const forward = packets('callerToCallee');
  const backward = packets('calleeToCaller');
  const evidence = { callerToCalleePackets: forward, calleeToCallerPackets: backward, talkMs: talkUs / 1000 };
  const seconds = (talkUs / 1e6).toFixed(0);
  if (forward === 0 && backward === 0) {
    const text = `answered, but no audio either way in ${seconds} s`;
    return callFinding(found, 'no_media', 'critical', text, evidence);
  }
  if (forward > 0 && backward > 0) return null;
  const missing: Direction = forward === 0 ? 'callerToCallee' : 'calleeToCaller';
  const [from, to] = missing === 'callerToCallee' ? ['caller', 'callee'] : ['callee', 'caller'];
  const text = `no audio from ${from} to ${to} in ${seconds} s, while ${Math.max(forward, backward)} packets went the other way`;
  return callFinding(found, 'one_way_media', 'critical', text, evidence, { direction: missing });
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
