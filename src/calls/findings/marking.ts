import { dscpText, markedText } from '../../records/dscp.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { type MarkingPolicy, markedMs } from '../marking.ts';
import { type CallCase, callFinding } from './case.ts';
import { aboutStream } from './finding.ts';

/** Marked for so much of its time, a stream is not unmarked. */
const MARKED_SHARE = 0.25;

/** The marking that most of a stream had; null where the capture shows none. */
function mainDscp(stream: StreamRecord): number | null {
  const { path } = stream.history;
  let best: number | null = null;
  let longest = -1;
  const times = new Map<number, number>();
  for (let i = 0; i < path.length; i++) {
    const { dscp, atMs } = path[i]!;
    if (dscp === null) continue;
    const lasted = (path[i + 1]?.atMs ?? stream.durationMs) - atMs;
    times.set(dscp, (times.get(dscp) ?? 0) + lasted);
  }
  for (const [dscp, lasted] of times) {
    if (lasted <= longest) continue;
    longest = lasted;
    best = dscp;
  }
  return best;
}

/** Voice that is not marked as voice. `others`: streams of the same call. */
export function unmarkedFinding(
  stream: StreamRecord,
  others: readonly StreamRecord[],
  { voice }: MarkingPolicy,
): FindingRecord | null {
  const dscp = mainDscp(stream);
  if (voice.length === 0 || dscp === null || voice.includes(dscp)) return null;
  // A stream that was marked for a good part of its life is dscp_changed only.
  if (markedMs(stream.history.path, stream.durationMs, voice) >= stream.durationMs * MARKED_SHARE)
    return null;
  const opposite = others.find((other) => other.direction !== stream.direction && other.direction !== null);
  const otherDscp = opposite === undefined ? null : mainDscp(opposite);
  const contrast =
    otherDscp !== null && voice.includes(otherDscp) ? '; the other direction is marked as voice' : '';
  return aboutStream(stream, {
    code: 'dscp_unmarked',
    severity: 'info',
    text: `${markedText(dscp)}, voice is ${dscpText(voice[0]!)}${contrast}`,
    evidence: { traffic: 'rtp', dscp, expectedDscp: voice[0]!, otherDirectionDscp: otherDscp },
  });
}

/** Signalling of one side that never is marked as this network has it. */
export function unmarkedSignalling({ record, marking }: CallCase): FindingRecord[] {
  const { signalling } = marking;
  if (signalling.length === 0) return [];
  const { caller, callee } = record.signalling.dscp;
  const isMarked = (seen: readonly number[]): boolean => seen.some((dscp) => signalling.includes(dscp));
  const sides = [
    { side: 'caller', direction: 'callerToCallee', seen: caller, other: callee },
    { side: 'callee', direction: 'calleeToCaller', seen: callee, other: caller },
  ] as const;
  return sides
    .filter(({ seen }) => seen.length > 0 && !isMarked(seen))
    .map(({ side, direction, seen, other }) => {
      const contrast = isMarked(other) ? '; the other side marks it' : '';
      const text = `signalling of the ${side}'s side is ${markedText(seen[0]!)}, and should be ${signalling.map(dscpText).join(' or ')}${contrast}`;
      const evidence = {
        traffic: 'sip',
        dscp: seen[0]!,
        expectedDscp: signalling[0]!,
        otherDirectionDscp: other[0] ?? null,
      };
      return callFinding({ record }, 'dscp_unmarked', 'info', text, evidence, { direction });
    });
}
