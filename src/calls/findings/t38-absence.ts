import type { Direction, FindingRecord } from '../../records/types.ts';
import { endpointText } from './announced.ts';
import { type CallFacts, DIRECTIONS, endsOf, opposite } from './call-facts.ts';
import { aboutCall, secondsText } from './finding.ts';
import { afterGrace, imageAt, lengthUs, overlapUs, type Span } from './talk-time.ts';

/** Packets the other way that are more than a few probes of an empty line. */
const OTHER_PACKETS_MIN = 10;

/**
 * T.38 that flows one way only. It is said of calls alone that were heard both ways as audio: then the tap sees both ways,
 * and the fax machines have met.
 */
export function t38AbsenceFinding(facts: CallFacts): FindingRecord | null {
  const { call, record, thresholds, streams } = facts;
  const { t38 } = record;
  if (t38 === null || call.shared !== null || call.lacksStreams) return null;
  if (!DIRECTIONS.every((direction) => streams.some((stream) => stream.direction === direction))) return null;
  const spans = afterGrace({ ...facts.talk, talk: faxSpans(facts) }, thresholds.graceMs * 1000);
  if (lengthUs(spans) < thresholds.absentMediaMs * 1000) return null;
  const flows = (direction: Direction): boolean => {
    const flow = t38[direction];
    return flow !== null && overlapUs(spans, flow.startUs, flow.endUs + 1) > 0;
  };
  const missing = DIRECTIONS.find((direction) => !flows(direction) && flows(opposite(direction)));
  if (missing === undefined) return null;
  const other = t38[opposite(missing)]!;
  if (other.packets < OTHER_PACKETS_MIN) return null;
  const { sender, receiver } = endsOf(missing);
  const image = imageAt(call, receiver, spans.at(-1)!.endUs);
  const hasAddress = image !== null && image.address !== null;
  return aboutCall(record, missing, {
    code: 'one_way_media',
    severity: 'critical',
    text:
      `no T.38 from ${sender} to ${receiver} in ${secondsText(lengthUs(spans) / 1000)} s of fax, ` +
      `while ${other.packets} packets went the other way`,
    evidence: {
      callerToCalleePackets: t38.callerToCallee?.packets ?? 0,
      calleeToCallerPackets: t38.calleeToCaller?.packets ?? 0,
      talkMs: lengthUs(spans) / 1000,
      sdpAddress: hasAddress ? endpointText({ ip: image.address!, port: image.port }) : null,
    },
    startUs: spans[0]!.startUs - thresholds.graceMs * 1000,
    endUs: spans.at(-1)!.endUs,
  });
}

/** When both sides had agreed on T.38: within the time that talk and holding divide. */
function faxSpans({ call, talk: { talk, held, changesUs } }: CallFacts): Span[] {
  const spans: Span[] = [];
  for (const { startUs, endUs } of [...talk, ...held].sort((a, b) => a.startUs - b.startUs)) {
    const cuts = [startUs, ...changesUs.filter((us) => us > startUs && us < endUs), endUs];
    for (let i = 1; i < cuts.length; i++) {
      const agreed =
        imageAt(call, 'caller', cuts[i - 1]!) !== null && imageAt(call, 'callee', cuts[i - 1]!) !== null;
      if (agreed) spans.push({ startUs: cuts[i - 1]!, endUs: cuts[i]! });
    }
  }
  return spans;
}
