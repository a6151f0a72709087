import type { UnheardRecord } from '../../records/rtcp-record.ts';
import type { Direction, FindingRecord } from '../../records/types.ts';
import { audioOf, type CallFacts, endsOf } from './call-facts.ts';
import { aboutStream, secondsText } from './finding.ts';
import type { Span } from './talk-time.ts';
import type { Thresholds } from './thresholds.ts';

/**
 * A direction that goes on at the tap and reaches its receiver no more: by the receiver's reports up to the last, while both
 * sides asked to be heard. Null where none does.
 */
export function unheardFinding(facts: CallFacts, direction: Direction): FindingRecord | null {
  const { talk, thresholds } = facts;
  const { sender, receiver } = endsOf(direction);
  for (const stream of audioOf(facts, direction)) {
    const { unheard } = stream.rtcp;
    if (unheard === null || unheard.packets < thresholds.expectedMin) continue;
    const silentUs = missedUs(unheard, thresholds, talk.talk);
    if (silentUs < thresholds.stoppedMs * 1000) continue;
    const ageMs = (unheard.startUs - stream.startUs) / 1000;
    return aboutStream(stream, {
      code: 'media_stopped',
      severity: 'critical',
      text:
        `media from ${sender} to ${receiver} stopped reaching the ${receiver} after ${secondsText(ageMs)} s, behind the probe: ` +
        `${unheard.packets} packets passed here in ${secondsText(unheard.durationMs)} s, and none arrived by ${unheard.reports} of its reports`,
      evidence: {
        silentMs: silentUs / 1000,
        lastPacketAgeMs: ageMs,
        behindProbe: true,
        packetsPassed: unheard.packets,
        reports: unheard.reports,
      },
      startUs: unheard.startUs,
    });
  }
  return null;
}

/** How long it was to be heard and was not, us. */
function missedUs(
  { startUs, durationMs }: UnheardRecord,
  { graceMs }: Thresholds,
  talk: readonly Span[],
): number {
  const endUs = startUs + durationMs * 1000;
  let sumUs = 0;
  for (const span of talk) {
    // A receiver that is about to hold stops listening before its signalling has passed.
    const toUs = Math.min(span.endUs - graceMs * 1000, endUs);
    sumUs += Math.max(0, toUs - Math.max(span.startUs, startUs));
  }
  return sumUs;
}
