import { ABOUT_LOSS, MADE_BY_DROPS } from '../records/doubted-codes.ts';
import { findingEntry } from '../records/finding-codes.ts';
import { gravest } from '../records/severity.ts';
import type { CallState, HeldBackRecord, Severity, Verdict } from '../records/types.ts';
import type { ReportCall, ReportFinding } from './contract.ts';
import type { RecordStore } from './record-store.ts';
import { jsonText } from './wire-text.ts';

/**
 * That the capturing machine lost packets is only known at the end of a capture. Takes the findings which that may
 * explain out of the report, and says in their calls that they were held back.
 */
export function holdBackForDrops(store: RecordStore): void {
  holdBack(store, 'capture_drops', (finding) => MADE_BY_DROPS.has(store.findings.summary(finding).code));
}

/**
 * That a capture holds a sample of the packets is known when some streams are over, and the first ones were judged by then.
 * Takes findings of their loss out of the report.
 */
export function holdBackThinned(store: RecordStore, streams: readonly string[]): void {
  const thinned = new Set(streams);
  if (thinned.size === 0) return;
  holdBack(store, 'capture_thinned', (finding) => {
    const { code, streamId } = store.findings.summary(finding);
    if (streamId === null || !thinned.has(streamId) || !ABOUT_LOSS.has(code)) return false;
    if (code !== 'periodic_impairment') return true;
    const { evidence } = JSON.parse(store.findings.text(finding)) as Pick<ReportFinding, 'evidence'>;
    return evidence.kind === 'loss';
  });
}

function holdBack(store: RecordStore, reason: string, isHeld: (finding: number) => boolean): void {
  const held = new Map<number, HeldBackRecord[]>();
  const gone = [...store.findings.ordered()].filter(isHeld);
  const isGone = new Set(gone);
  for (const call of store.calls.ordered()) {
    const own = store.findingsOf(call).filter((finding) => isGone.has(finding));
    if (own.length > 0)
      held.set(
        call,
        own.map((finding) => heldBack(store, finding, reason)),
      );
  }
  for (const finding of gone) store.removeFinding(finding);
  for (const [call, records] of held) amend(store, call, records);
}

function heldBack(store: RecordStore, finding: number, reason: string): HeldBackRecord {
  const { code, streamId } = store.findings.summary(finding);
  const { direction } = JSON.parse(store.findings.text(finding)) as Pick<HeldBackRecord, 'direction'>;
  return { code, streamId, direction, reason };
}

function amend(store: RecordStore, call: number, records: readonly HeldBackRecord[]): void {
  const summary = store.calls.summary(call);
  const severities = store.findingsOf(call).map((finding) => store.findings.summary(finding));
  const left = new Set(severities.map(({ code }) => code));
  const findings = summary.findings.filter((code) => left.has(code));
  const verdict = verdictWithout(summary, severities);
  store.calls.change(call, { ...summary, findings, verdict }, (text) => {
    const before = JSON.parse(text) as ReportCall;
    return jsonText({
      ...before,
      verdict,
      severity: gravest(severities),
      findings,
      clean: null,
      heldBack: [...before.heldBack, ...records],
    });
  });
}

/** The verdict that `calls/verdict.ts` would have given without what is held back. */
function verdictWithout(
  { verdict, state }: { verdict: Verdict; state: CallState },
  left: readonly { code: string; severity: Severity }[],
): Verdict {
  const ofMedia = left.some(
    ({ code, severity }) => severity !== 'info' && findingEntry(code)?.about !== 'signalling',
  );
  if (ofMedia) return verdict;
  if (verdict === 'signalling' || verdict === 'both') return 'signalling';
  return state === 'failed' || state === 'canceled' ? 'healthy' : 'unknown';
}
