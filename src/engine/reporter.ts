import type { Call, EndedStream } from '../calls/call.ts';
import { callFacts } from '../calls/findings/call-facts.ts';
import { callFindings } from '../calls/findings/call-findings.ts';
import type { CallCase, Visibility } from '../calls/findings/case.ts';
import { mediaFindings } from '../calls/findings/media-findings.ts';
import { streamRefused } from '../calls/findings/media-rejected.ts';
import { streamFindings } from '../calls/findings/stream-findings.ts';
import type { HeardHosts } from '../calls/heard-hosts.ts';
import type { SignallingOptions } from '../calls/options.ts';
import type { SignallingRatios } from '../calls/signalling-ratios.ts';
import { judge } from '../calls/verdict.ts';
import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import type { RecordSink, StreamRecord } from '../records/types.ts';
import type { Registrations } from '../registrations/registrations.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { callRecord } from './call-record.ts';
import { isEncrypted } from './media-facts.ts';
import { reportedView } from './reported-view.ts';
import { type ScoringOptions, scoreStream } from './scoring.ts';
import type { SipRefusals } from './sip-refusals.ts';
import { type Placement, streamRecord } from './stream-record.ts';
import type { UdptlInput } from './udptl-input.ts';

/** What a report needs beside what it is about. */
export interface ReporterParts {
  sink: RecordSink;
  rtcp: RtcpPlane;
  udptl: UdptlInput;
  sipRefusals: SipRefusals;
  registrations: Registrations;
  heard: HeardHosts;
  ratios: SignallingRatios;
  scoring: ScoringOptions;
  thresholds: SignallingOptions['thresholds'];
  showDigits: boolean;
}

/** When something is reported, and whether the capture has shown any media by then. */
export interface Moment {
  nowUs: number;
  mediaSeen: boolean;
}

/** Makes records of calls and streams that are over: measures and reports together, scored, judged, handed on. */
export class Reporter {
  private readonly parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.parts = parts;
  }

  /** A call is over, and all its streams with it. */
  callEnded(call: Call, moment: Moment): void {
    const { sink, rtcp, udptl, ratios, thresholds } = this.parts;
    call.ended.sort((a, b) => a.number - b.number);
    const streams = call.ended.map((ended) => this.recordOf(call, ended));
    const visibility = this.visibilityOf(call, moment);
    const record = callRecord(call, streams, moment.nowUs, visibility.answersVisible);
    record.t38 = udptl.ofCall(call);
    const found: CallCase = { call, record, streams, visibility, thresholds };
    const findings = [...callFindings(found), ...mediaFindings(callFacts(found))];
    for (const { key } of call.ended) rtcp.forget(key.ssrc, key.src, key.dst);
    record.findings = [...new Set(findings.map((finding) => finding.code))];
    record.verdict = judge(record, streams, findings);
    ratios.add(record);
    for (const stream of streams) sink.stream(stream);
    for (const finding of findings) sink.finding(finding);
    sink.call(record);
  }

  /** A stream that no call claims is over. */
  strayEnded(
    key: StreamKey,
    number: number,
    measured: StreamMeasurement,
    refusals: readonly MediaRefusalRecord[],
  ): void {
    const { sink, rtcp, scoring, showDigits, thresholds } = this.parts;
    const reports = this.reportsOn(key);
    const receiver = rtcp.aboutReceiver(reports, key.src, key.dst);
    const score = scoreStream(measured, { reports, back: receiver, encrypted: false }, scoring);
    const reported = reportedView(measured, reports, receiver, false);
    const record = streamRecord(key, number, measured, null, reported, score, {
      encrypted: null,
      showDigits,
    });
    sink.stream(record);
    for (const finding of streamFindings(record, thresholds)) sink.finding(finding);
    for (const finding of streamRefused(record, refusals, thresholds)) sink.finding(finding);
  }

  private visibilityOf({ sip, inviteUs, to }: Call, { nowUs, mediaSeen }: Moment): Visibility {
    const { registrations, heard, sipRefusals } = this.parts;
    const target = sip.transactions.find(({ method }) => method === 'INVITE')?.repeats?.target ?? null;
    const registered = (party: string | null) =>
      party === null || inviteUs === null ? null : registrations.table.liveAt(party, inviteUs);
    return {
      nowUs,
      mediaSeen,
      answersVisible: sip.heardCallee || (sip.callerHost !== null && heard.has(sip.callerHost)),
      refusal: inviteUs === null ? null : sipRefusals.at(target, inviteUs),
      registration: registered(sip.rare.target) ?? registered(to),
    };
  }

  private recordOf(call: Call, ended: EndedStream): StreamRecord {
    const { rtcp, scoring, showDigits } = this.parts;
    const placement: Placement = {
      callId: call.callId,
      direction: ended.fromCaller ? 'callerToCallee' : 'calleeToCaller',
    };
    const reports = this.reportsOn(ended.key);
    const receiver = rtcp.aboutReceiver(reports, ended.key.src, ended.key.dst);
    const back = call.ended.find(
      (other) =>
        other.fromCaller !== ended.fromCaller && (this.reportsOn(other.key)?.roundTripsMs.length ?? 0) > 0,
    );
    const backReports = back === undefined ? receiver : this.reportsOn(back.key);
    const encrypted = isEncrypted(call);
    const facts = { reports, back: backReports, encrypted };
    const score = scoreStream(ended.measurement, facts, scoring);
    const callSeen = call.inviteUs !== null && call.inviteUs <= ended.measurement.startUs;
    const reported = reportedView(ended.measurement, reports, receiver, callSeen);
    return streamRecord(ended.key, ended.number, ended.measurement, placement, reported, score, {
      encrypted,
      showDigits,
    });
  }

  private reportsOn(key: StreamKey): ReturnType<RtcpPlane['about']> {
    return this.parts.rtcp.about(key.ssrc, key.src, key.dst);
  }
}
