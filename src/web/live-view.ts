import type { LiveOngoing, LiveRecord, StartRecord, StatusRecord } from '../live/live-records.ts';
import type { Verdict } from '../records/types.ts';
import type { ReportFinding } from '../report/contract.ts';

/** Findings that the status page shows. */
const FINDINGS_SHOWN = 20;

/** What the status page shows besides calls: the newest of everything. */
export class LiveView {
  status: StatusRecord | null = null;
  started: StartRecord | null = null;
  /** Everything was told; nothing comes any more. */
  isOver = false;
  /** Calls since the start of the process. */
  readonly calls: Record<Verdict, number> = { healthy: 0, signalling: 0, media: 0, both: 0, unknown: 0 };
  /** The newest findings that are more than information, the newest first. */
  readonly findings: ReportFinding[] = [];

  /** Takes records. */
  records(records: readonly LiveRecord[]): void {
    for (const record of records) {
      if (record.type === 'status') this.status = record;
      else if (record.type === 'start') this.started = record;
      else if (record.type === 'call') this.calls[record.verdict]++;
      else if (record.type === 'capture') this.isOver = true;
      else if (record.type === 'finding' && record.severity !== 'info') this.note(record);
      else if (record.type === 'ongoing') this.note(asFinding(record));
    }
  }

  private note(finding: ReportFinding): void {
    this.findings.unshift(finding);
    if (this.findings.length > FINDINGS_SHOWN) this.findings.pop();
  }
}

/** What is told of a call that is up, as a finding of it. */
function asFinding({ code, severity, callId, direction, time, text }: LiveOngoing): ReportFinding {
  const unknown = { streamId: null, endTime: null, evidence: {}, party: null };
  return { code, severity, callId, direction, startTime: time, text, ...unknown };
}
