import type { FindingRecord } from '../records/types.ts';

/** A time in which no packet of any kind was captured, us. */
export interface Standstill {
  fromUs: number;
  toUs: number;
}

/** Packets of other streams come a little after the last and before the first of one. */
const COVERED_SHARE = 0.9;

/**
 * Says of media that was interrupted that nothing else was captured meanwhile, either. A capture that stood still looks
 * like a network that did: who reads of the one should think of the other.
 */
export function withStandstill(finding: FindingRecord, standstills: readonly Standstill[]): FindingRecord {
  const { code, startUs, endUs, evidence } = finding;
  const { totalMs } = evidence;
  if (code !== 'media_interrupted' || typeof totalMs !== 'number' || endUs === null) return finding;
  let silentUs = 0;
  for (const { fromUs, toUs } of standstills)
    silentUs += Math.max(0, Math.min(endUs, toUs) - Math.max(startUs, fromUs));
  if (silentUs < totalMs * 1000 * COVERED_SHARE) return finding;
  return {
    ...finding,
    text: `${finding.text}; no packet of any kind was captured meanwhile: the capture stood still, or all that it sees`,
    evidence: { ...evidence, captureSilentMs: silentUs / 1000 },
  };
}
