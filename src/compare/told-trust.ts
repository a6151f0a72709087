import type { TrustReason } from '../records/types.ts';
import { overlaps, type TimeSpan } from '../report/search/time-window.ts';
import { timeOf } from './call-marks.ts';
import { finite, type Loose } from './call-sample.ts';
import type { SideFacts, UntrustedCalls } from './contract.ts';
import { DoubtedTimes } from './doubted-times.ts';
import { ToldCoverage } from './told-coverage.ts';

/** What of a status is looked at. */
interface StatusLine {
  time: string;
  uptimeMs: number;
  recording: boolean;
  trust: Trust;
}

/** What of the account of a recording is looked at. */
interface ClosingLine {
  startTime: string;
  endTime: string;
  trust: Trust;
}

interface Trust {
  verdict: SideFacts['trust']['verdict'];
  reasons: TrustReason[];
}

/** Of which times a history tells, and when what it tells is not to be believed. */
export class ToldTrust {
  private readonly coverage = new ToldCoverage();
  private readonly doubts = new DoubtedTimes();

  /** Takes the record of the next line; of most there is nothing to learn. */
  take(record: { type: string }): void {
    if (record.type === 'start') this.coverage.start();
    else if (record.type === 'status') this.standing(record as Loose<StatusLine>);
    else if (record.type === 'capture') this.closing(record as Loose<ClosingLine>);
  }

  /** A call or stream was measured in this time. */
  measured({ fromUs, toUs }: TimeSpan): void {
    this.coverage.measured(fromUs, toUs);
  }

  /** All times of which something is told, in order. */
  told(): TimeSpan[] {
    return this.coverage.told();
  }

  /** The reasons to doubt the capture within a time. */
  reasonsIn(span: TimeSpan): TrustReason[] {
    return this.doubts.trustIn(span).reasons;
  }

  /** Those of all that ran while the capture was not untrusted, and what is left out with that. */
  believed<T extends { ran: TimeSpan }>(all: readonly T[]): { calls: T[]; untrusted: UntrustedCalls } {
    const doubted = this.doubts.untrusted();
    const isDoubted = ({ ran }: T): boolean => overlaps(doubted, ran.fromUs, ran.toUs);
    const [calls, others] = [all.filter((call) => !isDoubted(call)), all.filter(isDoubted)];
    const reasons = new Map<string, TrustReason>();
    for (const span of doubted) {
      if (!others.some(({ ran }) => overlaps([span], ran.fromUs, ran.toUs))) continue;
      for (const reason of this.reasonsIn(span)) reasons.set(reason.code, reason);
    }
    return { calls, untrusted: { calls: others.length, reasons: [...reasons.values()] } };
  }

  private standing({ time, uptimeMs, recording, trust }: Loose<StatusLine>): void {
    const timeUs = timeOf(time);
    if (timeUs === null) return;
    const uptimeUs = (finite(uptimeMs) ?? 0) * 1000;
    const isRecording = recording === true;
    this.coverage.standing({ timeUs, uptimeUs, isRecording });
    if (!isRecording) this.doubts.standing(timeUs, uptimeUs, trust ?? null);
  }

  /** The account of a recording is the only one that goes by its times. */
  private closing({ startTime, endTime, trust }: Loose<ClosingLine>): void {
    const [fromUs, toUs] = [timeOf(startTime), timeOf(endTime)];
    if (fromUs === null || toUs === null || !this.coverage.isOfRecording) return;
    this.coverage.measured(fromUs, toUs);
    this.doubts.recording(fromUs, toUs, trust ?? null);
  }
}
