import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText } from './finding.ts';
import type { Thresholds } from './thresholds.ts';

/** Where packets were lost, by what receivers report against what the tap saw. */
export function lossPlaceFindings(stream: StreamRecord, limits: Thresholds): FindingRecord[] {
  const { lossCompared, lossBeforeProbe, lossBeforeProbeRatio, lossAfterProbe, lossAfterProbeRatio } =
    stream.rtcp;
  if (lossCompared === null || lossCompared < limits.expectedMin) return [];
  const found: FindingRecord[] = [];
  if (lossBeforeProbe !== null && (lossBeforeProbeRatio ?? 0) >= limits.lossWarningRatio) {
    found.push(
      aboutStream(stream, {
        code: 'loss_before_probe',
        severity: 'info',
        text: `${percentText(lossBeforeProbeRatio!)} % of packets were lost on the way to the probe: the receiver lacks them, too`,
        evidence: { ratio: lossBeforeProbeRatio, lost: lossBeforeProbe, compared: lossCompared },
      }),
    );
  }
  if (lossAfterProbe !== null && (lossAfterProbeRatio ?? 0) >= limits.lossWarningRatio) {
    found.push(
      aboutStream(stream, {
        code: 'loss_after_probe',
        severity: lossAfterProbeRatio! >= limits.lossCriticalRatio ? 'critical' : 'warning',
        text: `${percentText(lossAfterProbeRatio!)} % of packets were lost behind the probe: it saw them, the receiver did not, and scores here leave them out`,
        evidence: { ratio: lossAfterProbeRatio, lost: lossAfterProbe, compared: lossCompared },
      }),
    );
  }
  return found;
}
