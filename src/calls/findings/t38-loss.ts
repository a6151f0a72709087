import type { T38Record } from '../../records/t38-record.ts';
import type { Direction, FindingRecord } from '../../records/types.ts';
import { type CallFacts, DIRECTIONS, endsOf } from './call-facts.ts';
import { aboutCall, percentText } from './finding.ts';

/** Unrecovered packets from which on a page is hardly readable, or is sent again and again. */
const CRITICAL_RATIO = 0.01;
/** Of fewer packets one is no ratio. */
const EXPECTED_MIN = 50;

/** Lost fax data that no redundancy made good. What was recovered is in the record of the call, and no finding. */
export function t38Findings(facts: CallFacts): FindingRecord[] {
  const found: FindingRecord[] = [];
  for (const direction of DIRECTIONS) {
    const fax = facts.record.t38?.[direction] ?? null;
    // Of packets that the capture cut, it is not known what they would have made good.
    if (fax !== null && fax.unrecovered > 0 && fax.cutPackets === 0)
      found.push(lossFinding(facts, direction, fax));
  }
  return found;
}

function lossFinding({ record }: CallFacts, direction: Direction, fax: T38Record): FindingRecord {
  const { expected, lost, recovered, unrecovered, unrecoveredInPage, unrecoveredRatio } = fax;
  const heavy = unrecoveredRatio >= CRITICAL_RATIO && expected >= EXPECTED_MIN;
  const { sender, receiver } = endsOf(direction);
  const inPage =
    unrecoveredInPage > 0 ? `, ${unrecoveredInPage} of them in a page` : ', none of them in a page';
  return aboutCall(record, direction, {
    code: 't38_loss',
    severity: unrecoveredInPage === 0 ? 'info' : heavy ? 'critical' : 'warning',
    text:
      `${unrecovered} of ${expected} T.38 packets from ${sender} to ${receiver} were lost for good ` +
      `(${percentText(unrecoveredRatio)} %)${inPage}; ${protectionText(fax)}`,
    evidence: {
      expected,
      lost,
      recovered,
      unrecovered,
      unrecoveredRatio,
      unrecoveredInPage,
      longestLossRun: fax.longestLossRun,
      errorCorrection: fax.errorCorrection,
      redundancyDepth: fax.redundancyDepth,
      fecSpan: fax.fecSpan,
    },
    startUs: fax.startUs,
    endUs: fax.endUs,
  });
}

function protectionText({
  errorCorrection,
  redundancyDepth,
  fecSpan,
  recovered,
  longestLossRun,
}: T38Record): string {
  if (errorCorrection === null) return 'nothing protects them';
  const how =
    errorCorrection === 'fec'
      ? `parity over ${fecSpan} packets`
      : `${redundancyDepth} ${redundancyDepth === 1 ? 'copy' : 'copies'} of each`;
  return `${how} made good ${recovered === 1 ? 'one other' : `${recovered} others`}, and up to ${longestLossRun} were lost in a row`;
}
