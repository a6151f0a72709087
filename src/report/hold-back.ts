import { MADE_BY_DROPS } from '../records/doubted-codes.ts';
import { findingEntry } from '../records/finding-codes.ts';
import { gravest } from '../records/severity.ts';
import type { CallState, HeldBackRecord, Severity, Verdict } from '../records/types.ts';
import type { ReportCall } from './contract.ts';
import type { RecordStore } from './record-store.ts';
import { jsonText } from './wire-text.ts';

/**
 * That the capturing machine lost packets is only known at the end of a capture. Takes the findings which that may
 * explain out of the report, and says in their calls that they were held back.
 */
export function holdBackForDrops(store: RecordStore): void {
  const held = new Map<number, HeldBackRecord[]>();
  for (const call of store.calls.ordered()) {
    const own = store.findingsOf(call).filter((finding) => isMadeByDrops(store, finding));
    if (own.length > 0)
      held.set(
        call,
        own.map((finding) => heldBack(store, finding)),
      );
  }
  for (const finding of store.findings.ordered()) {
    if (isMadeByDrops(store, finding)) store.removeFinding(finding);
  }
  for (const [call, records] of held) amend(store, call, records);
}

function isMadeByDrops(store: RecordStore, finding: number): boolean {
  return MADE_BY_DROPS.has(store.findings.summary(finding).code);
}

function heldBack(store: RecordStore, finding: number): HeldBackRecord {
  const { code, streamId } = store.findings.summary(finding);
  const { direction } = JSON.parse(store.findings.text(finding)) as Pick<HeldBackRecord, 'direction'>;
  return { code, streamId, direction, reason: 'capture_drops' };
}

function amend(store: RecordStore, call: number, records: readonly HeldBackRecord[]): void {
  const summary = store.calls.summary(call);
  const findings = summary.findings.filter((code) => !MADE_BY_DROPS.has(code));
  const severities = store.findingsOf(call).map((finding) => store.findings.summary(finding));
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
