import { findingEntry } from '../records/finding-codes.ts';
import type { ReportCall, ReportFinding, ReportStream } from '../report/contract.ts';
import type { TimeSpan } from '../report/search/time-window.ts';
import { timeOf } from './call-marks.ts';
import { type CallSample, type Loose, sampleOfCall } from './call-sample.ts';

/**
 * What is asked for the reason of: `failed`, calls that the network did not carry through (NER); `bad`, calls that are not
 * healthy; or calls with a finding.
 */
export type Failure = 'failed' | 'bad' | { finding: string };

/** A call that could have failed. */
export interface JudgedCall {
  sample: CallSample;
  hasFailed: boolean;
  ran: TimeSpan;
  /** How long it was up, ms; null where it was not answered. */
  talkMs: number | null;
  /** How long it was up when it failed, ms; null where it did not, or that has no time. */
  failedAtMs: number | null;
}

/** What became of a call, or null where it could not have failed so: scans, redirected ones, for findings about media those never answered. */
export function judgedCall(
  call: Loose<ReportCall>,
  streams: readonly Loose<ReportStream>[],
  findings: readonly Loose<ReportFinding>[],
  failure: Failure,
): JudgedCall | null {
  const fromUs = timeOf(call.startTime);
  if (fromUs === null || call.signalling?.ofScan === true) return null;
  const sample = sampleOfCall(call, streams, []);
  const answerUs = timeOf(call.answerTime);
  const ends = [call.endTime, call.answerTime, ...streams.map(({ endTime }) => endTime)].map(timeOf);
  const toUs = Math.max(fromUs, ...ends.filter((end) => end !== null));
  const talkMs = answerUs === null ? null : (toUs - answerUs) / 1000;
  const base = { sample, ran: { fromUs, toUs }, talkMs, failedAtMs: null };
  if (failure === 'failed') {
    const { part, whole } = sample.effective;
    return whole === 0 ? null : { ...base, hasFailed: part === 0 };
  }
  if (failure === 'bad') {
    const isJudged = typeof call.verdict === 'string' && call.verdict !== 'unknown';
    return isJudged ? { ...base, hasFailed: call.verdict !== 'healthy' } : null;
  }
  if (answerUs === null && findingEntry(failure.finding)?.about !== 'signalling') return null;
  const found = findings.filter(({ code }) => code === failure.finding);
  const times = found.map(({ startTime }) => timeOf(startTime)).filter((time) => time !== null);
  if (found.length === 0 || answerUs === null || times.length === 0)
    return { ...base, hasFailed: found.length > 0 };
  const failedAtMs = Math.min(talkMs ?? 0, Math.max(0, (Math.min(...times) - answerUs) / 1000));
  return { ...base, hasFailed: true, failedAtMs };
}
