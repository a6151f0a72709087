import { extname } from 'node:path';
import { maskReported } from '../privacy/reported.ts';
import type { ReportAlerts } from '../report/alerts-contract.ts';
import type { Evidence, Pointer } from '../report/html/evidence-contract.ts';
import type { Report } from '../report/report.ts';
import { everything } from '../report/selection.ts';
import { unlinked } from './covered-alerts.ts';
import { type ChosenPseudonyms, privacyOf } from './pseudonym-options.ts';

/** What is shown of a replay. */
export interface Shown {
  report: Report;
  evidence: Evidence | null;
}

/**
 * A report in which pseudonyms stand for people. The records are covered in place: whatever reads them afterwards, in
 * whichever form, sees no name.
 */
export function coverReport(chosen: ChosenPseudonyms, { report, evidence }: Shown): Shown {
  const { names } = chosen;
  const mask = <T>(value: T): T => maskReported(names, value);
  const { records, capture, alerts, search } = report;
  const selection = report.selection ?? everything(records);
  // Names first: findings quote them.
  for (const sequence of records.calls.ordered()) mask(records.calls.summary(sequence));
  for (const sequence of selection.calls) mask(JSON.parse(records.calls.text(sequence)));
  for (const sequence of records.registrations.ordered()) mask(records.registrations.summary(sequence));
  records.cover(mask);
  const question = search?.question ?? null;
  return {
    report: {
      ...report,
      capture: { ...mask(capture), files: capture.files.map(unnamed) },
      ...(alerts === undefined ? {} : { alerts: coverAlerts(mask, alerts) }),
      ...(search === undefined
        ? {}
        : {
            search: {
              question:
                question === null || question.party === null
                  ? question
                  : { ...question, party: mask({ party: question.party }).party },
              others: mask(search.others),
            },
          }),
      privacy: privacyOf(chosen),
    },
    evidence:
      evidence === null
        ? null
        : coverEvidence(
            evidence,
            mask,
            report.capture.files.map(({ path }) => path),
          ),
  };
}

/** Alerts without the names in them, and without links. */
function coverAlerts(mask: <T>(value: T) => T, alerts: ReportAlerts): ReportAlerts {
  const { raised, heldBack, pending } = mask(alerts);
  return {
    raised: raised.map((alert) => ({ ...alert, worst: unlinked(alert.worst) })),
    heldBack,
    pending,
  };
}

/** A path may say whose capture it is. */
function unnamed<T extends { path: string }>(file: T, index: number): T {
  return { ...file, path: fileName(file.path, index) };
}

/** What stands for the name of a file: its place, and of a capture what kind it is. */
export function fileName(path: string, index: number): string {
  return `capture-${index + 1}${/^\.(?:pcap|pcapng|cap)$/.test(extname(path)) ? extname(path) : ''}`;
}

function coverEvidence(evidence: Evidence, mask: <T>(value: T) => T, paths: readonly string[]): Evidence {
  const pointer = (found: Pointer | null): Pointer | null => {
    if (found === null) return null;
    const { file, frames, goesOn } = found;
    // A filter by names would find nothing in the capture that has them; numbers of frames do.
    const filter = frames === null ? null : `frame.number>=${frames.first} && frame.number<=${frames.last}`;
    return { file: file === null ? null : fileName(file, paths.indexOf(file)), frames, goesOn, filter };
  };
  return {
    ladder: (call) => mask(evidence.ladder(call)),
    finding: (finding) => pointer(evidence.finding(finding)),
    stream: (stream) => pointer(evidence.stream(stream)),
  };
}
