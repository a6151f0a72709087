import type { LiveRecord } from '../live/live-records.ts';
import { recordWithoutNumbers } from '../live/redact.ts';
import type { ReportFinding } from '../report/contract.ts';
import { callLine, closingLine, findingLine, ongoingLine, standingLine } from '../report/live-lines.ts';
import type { TextStyle } from '../report/paint.ts';
import { jsonText } from '../report/wire-text.ts';

export interface LivePrinterOptions {
  json: boolean;
  /** Prints healthy calls, too. */
  allCalls: boolean;
  /** Leaves out the numbers and names of users. */
  redactNumbers: boolean;
  style: TextStyle;
  /** Standard output. */
  write(text: string): void;
  /** The line that says where the probe stands; empty takes it away. */
  standing(text: string): void;
}

/** Findings that wait for the call they are about, which follows them at once. */
const WAITING_MAX = 64;

/** Prints what a live probe tells: lines for people, or one JSON object per line. */
export class LivePrinter {
  calls = 0;
  unhealthy = 0;
  private waiting: ReportFinding[] = [];
  private readonly options: LivePrinterOptions;
  private ranMs = 0;

  constructor(options: LivePrinterOptions) {
    this.options = options;
  }

  print(records: readonly LiveRecord[]): void {
    let text = '';
    for (const record of records) {
      this.count(record);
      const shown = this.options.redactNumbers ? recordWithoutNumbers(record) : record;
      text += this.options.json ? `${jsonText(shown)}\n` : this.lineOf(shown);
    }
    if (text === '') return;
    this.options.standing('');
    this.options.write(text);
  }

  /** How long the probe has been running, for its last line. */
  ran(ms: number): void {
    this.ranMs = ms;
  }

  private count(record: LiveRecord): void {
    if (record.type !== 'call') return;
    this.calls++;
    if (record.verdict !== 'healthy') this.unhealthy++;
  }

  private lineOf(record: LiveRecord): string {
    const { style, allCalls, standing } = this.options;
    switch (record.type) {
      case 'finding':
        if (record.callId === null) return findingLine(record, style);
        if (this.waiting.length < WAITING_MAX) this.waiting.push(record);
        return '';
      case 'ongoing':
        return ongoingLine(record, style);
      case 'call': {
        const findings = this.waiting.filter(({ callId }) => callId === record.callId);
        this.waiting = [];
        return allCalls || record.verdict !== 'healthy' ? callLine(record, findings, style) : '';
      }
      case 'status':
        standing(standingLine(record));
        return '';
      case 'capture':
        return closingLine(record, this.calls, this.unhealthy, this.ranMs);
      default:
        return '';
    }
  }
}
