import { type SharedAge, sharedAgeEvidence, withSharedAge } from '../records/shared-age.ts';
import type { ReportFinding } from './contract.ts';
import type { RecordStore } from './record-store.ts';
import { jsonText } from './wire-text.ts';

/**
 * Calls are judged one after the other, and the first of those that turn bad at one age do so before there is a second.
 * At the end of a capture all are known: says so in the findings of all of them, with the same numbers.
 */
export function settleAges(store: RecordStore, ages: readonly SharedAge[]): void {
  if (ages.length === 0) return;
  const known = new Map<string, SharedAge>();
  for (const age of ages) for (const code of age.codes) known.set(`${age.streamId} ${code}`, age);
  for (const finding of store.findings.ordered()) {
    const summary = store.findings.summary(finding);
    const age = known.get(`${summary.streamId} ${summary.code}`);
    if (age !== undefined) store.findings.change(finding, summary, (text) => settled(text, age));
  }
}

function settled(text: string, age: SharedAge): string {
  const finding = JSON.parse(text) as ReportFinding;
  // What has another signature is something else; and so is what only grows with age.
  if ('signature' in finding.evidence && !('onsetAgeMs' in finding.evidence)) return text;
  const evidence = { ...finding.evidence, ...sharedAgeEvidence(age) };
  return jsonText({ ...finding, text: withSharedAge(finding.text, age), evidence });
}
