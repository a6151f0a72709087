import { mergedSpans, type TimeSpan } from '../report/search/time-window.ts';

/** A probe says every ten seconds where it stands; where that is missing for longer, nobody measured, or nothing was kept. */
export const SILENT_MAX_US = 60e6;
/** A status speaks of the ten seconds before it. */
const STATUS_US = 10e6;

/** What a status says of the time, in microseconds. */
export interface Standing {
  timeUs: number;
  uptimeUs: number;
  /** Of a capture that was played in: its times say nothing of whether anybody measured. */
  isRecording: boolean;
}

/** Of which times a history tells: from start to start (a run), by the statuses of a probe, or by what a recording holds. */
export class ToldCoverage {
  private spans: TimeSpan[] = [];
  private last: TimeSpan | null = null;
  private isRecording = false;

  /** A run began. */
  start(): void {
    this.last = null;
    this.isRecording = false;
  }

  standing({ timeUs, uptimeUs, isRecording }: Standing): void {
    if (isRecording && !this.isRecording) this.last = null;
    this.isRecording = isRecording;
    if (isRecording) return;
    const { last } = this;
    const sinceUs = last === null ? Number.NaN : timeUs - last.toUs;
    if (last !== null && sinceUs >= 0 && sinceUs <= SILENT_MAX_US) last.toUs = timeUs;
    else this.begin(timeUs - Math.min(STATUS_US, Math.max(0, uptimeUs)), timeUs);
  }

  /** Whether the run that is told now is a recording, as far as is known. */
  get isOfRecording(): boolean {
    return this.isRecording;
  }

  /** Something was measured in this time; of a probe's times its statuses tell. */
  measured(fromUs: number, toUs: number): void {
    if (!this.isRecording && this.last !== null) return;
    this.isRecording = true;
    if (this.last === null) this.begin(fromUs, toUs);
    else {
      this.last.fromUs = Math.min(this.last.fromUs, fromUs);
      this.last.toUs = Math.max(this.last.toUs, toUs);
    }
  }

  /** All that there is, in order. */
  told(): TimeSpan[] {
    return mergedSpans(this.spans);
  }

  private begin(fromUs: number, toUs: number): void {
    this.last = { fromUs, toUs };
    this.spans.push(this.last);
  }
}

/** What of a span is in none of these, as far as it is long enough to count. */
export function gapsIn(span: TimeSpan, told: readonly TimeSpan[], leastUs = SILENT_MAX_US): TimeSpan[] {
  const gaps: TimeSpan[] = [];
  let atUs = span.fromUs;
  for (const { fromUs, toUs } of [...told, { fromUs: span.toUs, toUs: span.toUs }]) {
    const untilUs = Math.min(fromUs, span.toUs);
    if (untilUs - atUs >= leastUs) gaps.push({ fromUs: atUs, toUs: untilUs });
    atUs = Math.max(atUs, toUs);
    if (atUs >= span.toUs) break;
  }
  return gaps;
}
