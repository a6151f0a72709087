import type { EndpointReportRecord, RtpStat, VqReport } from '../records/endpoint-reports.ts';
import { parseSipAddress } from '../sip/address.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { rtpStatsOf } from '../sip/rtp-stat.ts';
import { vqReportOf } from '../sip/vq-report.ts';
import type { Call, Side } from './call.ts';
import { senderOf } from './sides.ts';

/** Reports kept per call: two ends, some intervals, a few proxies that pass them on. */
const REPORTS_MAX = 16;

/** What became of endpoint reports that no call keeps. */
export interface ReportCounters {
  /** About a Call-ID that no call has. */
  unclaimed: number;
  /** Beyond what one call keeps. */
  refused: number;
}

/**
 * Notes what a message reports about its own call, in headers. Copies of a message, and the same statistics passed
 * on by a proxy, are noted once.
 */
export function noteRtpStats(
  call: Call,
  message: SipMessage,
  timeUs: number,
  counters: ReportCounters,
): void {
  for (const stat of rtpStatsOf(message)) note(call, stat, senderOf(call, message), timeUs, counters);
}

/** The voice quality report in a message and the Call-ID it is about; null when there is none. */
export function reportInBody(message: SipMessage): { callId: string; report: VqReport } | null {
  if (message.kind !== 'request' || (message.method !== 'PUBLISH' && message.method !== 'NOTIFY'))
    return null;
  const report = vqReportOf(message);
  return report === null ? null : { callId: report.callId ?? message.callId, report };
}

/** Notes a voice quality report about a call. */
export function noteVqReport(call: Call, report: VqReport, timeUs: number, counters: ReportCounters): void {
  note(call, report, sideOf(call, report.localId), timeUs, counters);
}

function sideOf(call: Call, party: string | null): Side | null {
  const name = party === null ? null : partyOf(parseSipAddress(party));
  if (name === null || call.from === call.to) return null;
  return name === call.from ? 'caller' : name === call.to ? 'callee' : null;
}

function note(
  call: Call,
  report: VqReport | RtpStat,
  reporter: Side | null,
  timeUs: number,
  counters: ReportCounters,
): void {
  const record: EndpointReportRecord = { timeUs, reporter, ...report };
  const text = contentOf(record);
  if (call.endpointReports.some((known) => contentOf(known) === text)) return;
  if (call.endpointReports.length < REPORTS_MAX) call.endpointReports.push(record);
  else counters.refused++;
}

function contentOf(record: EndpointReportRecord): string {
  return JSON.stringify({ ...record, timeUs: 0 });
}
