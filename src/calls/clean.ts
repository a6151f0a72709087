import type { CallRecord, CleanRecord, Direction, FindingRecord, StreamRecord } from '../records/types.ts';
import { DIRECTIONS } from './findings/call-facts.ts';
import type { Thresholds } from './findings/thresholds.ts';

/**
 * "Clean at this point": signalling and both directions of media were seen, and nothing is wrong with either, so that
 * support can look at the headset. Null where something is wrong, or where a part of it was not seen. The last
 * millisecond of a call that goes on is not waited for: only calls that are over are judged.
 */
export function cleanAtThisPoint(
  record: CallRecord,
  streams: readonly StreamRecord[],
  findings: readonly FindingRecord[],
  { expectedMin }: Pick<Thresholds, 'expectedMin'>,
): CleanRecord | null {
  if (record.verdict !== 'healthy' || record.state !== 'answered') return null;
  if (record.heldBack.length > 0 || findings.some(isTrouble)) return null;
  const ways = DIRECTIONS.map((direction) =>
    streams.filter((stream) => stream.direction === direction && stream.expected >= expectedMin),
  );
  if (ways.some((own) => own.length === 0)) return null;
  return {
    checked: [
      signallingLine(record),
      ...ways.flat().map(mediaLine),
      ...faxLines(record),
      ...reportLines(streams),
    ],
    notSeen: notSeen(streams),
  };
}

/** Whoever changed the network in mid-call may have heard it, however well it went. */
function isTrouble({ code, severity }: FindingRecord): boolean {
  return severity !== 'info' || code === 'media_moved';
}

function signallingLine({ setup, signalling, releasedBy }: CallRecord): string {
  const answered =
    setup.answerDelayMs === null ? 'answered' : `answered after ${(setup.answerDelayMs / 1000).toFixed(1)} s`;
  const repeated =
    signalling.retransmissions === 0
      ? 'nothing sent twice'
      : `${signalling.retransmissions} messages sent twice`;
  return `signalling: ${answered}, ${repeated}${releasedBy === null ? '' : `, released by the ${releasedBy}`}`;
}

function mediaLine(stream: StreamRecord): string {
  const { direction, codec, packets, lost, jitterMs, quality } = stream;
  const jitter = jitterMs.p95 === null ? 'jitter not known' : `jitter ${jitterMs.p95.toFixed(1)} ms (p95)`;
  const score = quality === null ? 'no score' : `MOS ${quality.mosLq.toFixed(2)}`;
  return `media ${wayWords(direction)}: ${codec ?? 'codec unknown'}, ${packets} packets, ${lost} lost, ${jitter}, ${score}`;
}

function wayWords(direction: Direction | null): string {
  return direction === 'callerToCallee' ? 'to the callee' : 'to the caller';
}

function faxLines({ t38 }: CallRecord): string[] {
  return DIRECTIONS.flatMap((direction) => {
    const fax = t38?.[direction] ?? null;
    if (fax === null) return [];
    return [
      `fax ${wayWords(direction)}: T.38, ${fax.expected} packets due, ${fax.lost} lost, ${fax.recovered} of these made good`,
    ];
  });
}

function reportLines(streams: readonly StreamRecord[]): string[] {
  const compared = streams.filter(({ rtcp }) => rtcp.lossCompared !== null);
  if (compared.length === 0) return [];
  const lost = compared.reduce((sum, { rtcp }) => sum + (rtcp.lossAfterProbe ?? 0), 0);
  return [
    `receivers' reports on ${compared.length} of ${streams.length} streams: ${lost} packets lost behind the probe`,
  ];
}

function notSeen(streams: readonly StreamRecord[]): string[] {
  const silent = streams.filter(({ rtcp }) => rtcp.lossCompared === null);
  const lines: string[] = [];
  if (silent.length > 0) {
    lines.push(
      `what lies behind the probe: no receiver's report on ${silent.length} of ${streams.length} streams`,
    );
  }
  const unheard = streams.filter(({ media }) => media.deadAir === null);
  if (unheard.length > 0) lines.push(`whether anybody speaks: not looked at in ${unheard.length} streams`);
  lines.push('the telephones themselves: microphone, headset, loudspeaker');
  return lines;
}
