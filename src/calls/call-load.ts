import type { Call } from './call.ts';

const SECOND_US = 1_000_000;

/** How many calls were up at one time, and how many were tried within one second. */
export class CallLoad {
  /** Calls answered and not over. */
  active = 0;
  /** The most there were at one time, and when that was first reached. */
  peak = 0;
  peakUs = Number.NaN;
  /** The most INVITEs of new calls within one second of capture time, and which second that was. */
  peakAttempts = 0;
  peakAttemptsUs = Number.NaN;
  private second = Number.NaN;
  private attempts = 0;

  /** A call moved on: counts it as up from its answer to its end. */
  follow(call: Call, timeUs: number): void {
    const up = call.answerUs !== null && call.endUs === null;
    if (!up) this.leave(call);
    if (!up || call.sip.up) return;
    call.sip.up = true;
    this.active++;
    if (this.active <= this.peak) return;
    this.peak = this.active;
    this.peakUs = timeUs;
  }

  /** A call is not followed any more. */
  leave(call: Call): void {
    if (call.sip.up) this.active--;
    call.sip.up = false;
  }

  /** A new call is tried. */
  attempt(timeUs: number): void {
    const second = Math.floor(timeUs / SECOND_US);
    if (second !== this.second) {
      this.second = second;
      this.attempts = 0;
    }
    this.attempts++;
    if (this.attempts <= this.peakAttempts) return;
    this.peakAttempts = this.attempts;
    this.peakAttemptsUs = second * SECOND_US;
  }
}
