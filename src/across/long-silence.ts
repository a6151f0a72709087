import type { FindingRecord } from '../records/types.ts';
import type { CallBeside } from './across.ts';
import type { TapView } from './tap-view.ts';

/**
 * Says of missing media that nothing has come there for long: an outage of all calls between two networks looks like a
 * mirror that has lost one of them, and whoever reads of it should think of both.
 */
export function withSilence(finding: FindingRecord, found: CallBeside, view: TapView): FindingRecord {
  const nowUs = finding.endUs ?? finding.startUs;
  const lastUs = lastSeenUs(finding.code, nowUs, found, view);
  if (lastUs === null) return finding;
  const silentMs = (nowUs - lastUs) / 1000;
  const hours = (silentMs / 3_600_000).toFixed(1);
  const where = finding.code === 'no_media' ? 'between their networks' : 'that way';
  return {
    ...finding,
    text:
      `${finding.text}; no call has brought media ${where} for ${hours} h, and calls did before: ` +
      'all of them fail there, or the tap has lost sight of it',
    evidence: { ...finding.evidence, othersSilentMs: silentMs },
  };
}

function lastSeenUs(
  code: FindingRecord['code'],
  nowUs: number,
  { bare, missing }: CallBeside,
  view: TapView,
): number | null {
  if (code === 'no_media')
    return bare === null ? null : view.silentBetweenSince(bare.caller, bare.callee, nowUs);
  if (code !== 'one_way_media' || missing === null) return null;
  return view.silentWaySince(missing.src, missing.dst, nowUs);
}
