import type { SenderInformation } from './reports.ts';

/** The least span that says anything about a rate (standards 7.2). */
const SPAN_MIN_MS = 5000;

/** Two clocks that part by more than this between two reports, and by more than a tenth: one was set anew. */
const STEP_MS = 2000;

/** How much the sender's RTP timestamps and its NTP time advanced over the longest stretch without a step. */
export interface SenderRate {
  ntpMs: number;
  ticks: number;
}

/**
 * Follows the two clocks of one sender through its reports (RFC 3550 6.4.1). Only differences are used: the NTP time
 * may count from the start of the device, or stand still at 0. A stretch ends where a clock was set.
 */
export class SenderClocks {
  private lastUs = Number.NaN;
  private lastNtpSeconds = 0;
  private lastNtpFraction = 0;
  private lastTimestamp = 0;
  private ntpMs = 0;
  private ticks = 0;
  private longest: SenderRate | null = null;

  /** Takes one sender report in order of capture. */
  take(report: SenderInformation, timeUs: number): void {
    const ntpMs =
      ((report.ntpSeconds - this.lastNtpSeconds) | 0) * 1000 +
      ((report.ntpFraction - this.lastNtpFraction) * 1000) / 2 ** 32;
    const ticks = (report.rtpTimestamp - this.lastTimestamp) | 0;
    const elapsedMs = (timeUs - this.lastUs) / 1000;
    this.lastUs = timeUs;
    this.lastNtpSeconds = report.ntpSeconds;
    this.lastNtpFraction = report.ntpFraction;
    this.lastTimestamp = report.rtpTimestamp;
    if (
      !(elapsedMs >= 0) ||
      ticks < 0 ||
      hasStepped(ntpMs, elapsedMs) ||
      this.mediaHasStepped(ticks, ntpMs)
    ) {
      this.ntpMs = 0;
      this.ticks = 0;
      return;
    }
    this.ntpMs += ntpMs;
    this.ticks += ticks;
    if (this.longest === null || this.ntpMs > this.longest.ntpMs) {
      this.longest = { ntpMs: this.ntpMs, ticks: this.ticks };
    }
  }

  /** By the rate of the stretch so far. */
  private mediaHasStepped(ticks: number, ntpMs: number): boolean {
    if (this.ntpMs < SPAN_MIN_MS || this.ticks === 0) return false;
    return hasStepped((ticks * this.ntpMs) / this.ticks, ntpMs);
  }

  /** The longest stretch so far; null below 5 s. */
  rate(): SenderRate | null {
    return this.longest !== null && this.longest.ntpMs >= SPAN_MIN_MS ? this.longest : null;
  }
}

function hasStepped(ms: number, elapsedMs: number): boolean {
  return Math.abs(ms - elapsedMs) > STEP_MS + elapsedMs / 10;
}

/** Timestamps may lag by a packet or two at either end of a stretch; that much is no error of the clock. */
const LAG_MS = 100;
const ERROR_PPM = 1000;

/**
 * How much faster a sender's RTP clock runs than its own NTP clock says it should, in ppm (standards 7.2).
 *
 * @returns `error` when the difference is above 1000 ppm and more than late timestamps explain
 */
export function senderClockPpm(rate: SenderRate, clockRate: number): { ppm: number; error: boolean } {
  const mediaMs = (rate.ticks * 1000) / clockRate;
  const ppm = (mediaMs / rate.ntpMs - 1) * 1e6;
  return { ppm, error: Math.abs(ppm) > ERROR_PPM && Math.abs(mediaMs - rate.ntpMs) > LAG_MS };
}
