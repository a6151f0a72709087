import type { ReportCall, ReportFinding } from '../report/contract.ts';

/** Findings that wait for the call they are about, which follows them at once. */
export const FINDINGS_WAITING_MAX = 4096;

/** Findings are told just before their call, and only the call knows where they belong: until then they wait here. */
export class WaitingFindings {
  private waiting: ReportFinding[] = [];
  private readonly tell: (finding: ReportFinding, call: ReportCall | null) => void;

  /** @param tell takes each finding once, with its call where that was told */
  constructor(tell: (finding: ReportFinding, call: ReportCall | null) => void) {
    this.tell = tell;
  }

  finding(finding: ReportFinding): void {
    if (finding.callId === null || this.waiting.length >= FINDINGS_WAITING_MAX) this.tell(finding, null);
    else this.waiting.push(finding);
  }

  /** Tells the findings about this call. */
  call(call: ReportCall): void {
    if (this.waiting.length === 0) return;
    const others: ReportFinding[] = [];
    for (const finding of this.waiting) {
      if (finding.callId === call.callId) this.tell(finding, call);
      else others.push(finding);
    }
    this.waiting = others;
  }

  /** Findings whose call was not told are told without it. To be called every few seconds. */
  settle(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const finding of waiting) this.tell(finding, null);
  }
}
