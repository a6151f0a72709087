import { Across, type CallBeside, type Judged, type MissingWay, type StampFaults } from '../across/across.ts';
import type { Call, EndedStream } from '../calls/call.ts';
import { cleanAtThisPoint } from '../calls/clean.ts';
import { withAnsweredRetry } from '../calls/findings/answered-retry.ts';
import { callFacts } from '../calls/findings/call-facts.ts';
import { callFindings } from '../calls/findings/call-findings.ts';
import type { CallCase, Visibility } from '../calls/findings/case.ts';
import { mediaFindings } from '../calls/findings/media-findings.ts';
import { wantedBothWays } from '../calls/findings/media-presence.ts';
import { streamRefused } from '../calls/findings/media-rejected.ts';
import { streamFindings } from '../calls/findings/stream-findings.ts';
import { audioWordsAt, upSince } from '../calls/findings/talk-time.ts';
import type { HeardHosts } from '../calls/heard-hosts.ts';
import { missedMessages } from '../calls/missed-messages.ts';
import type { SignallingOptions } from '../calls/options.ts';
import type { Retried } from '../calls/retries.ts';
import type { SignallingRatios } from '../calls/signalling-ratios.ts';
import { judge } from '../calls/verdict.ts';
import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import { gravest } from '../records/severity.ts';
import type { CallRecord, Direction, FindingRecord, RecordSink, StreamRecord } from '../records/types.ts';
import type { Registrations } from '../registrations/registrations.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import type { Scans } from '../scans/scans.ts';
import { callRecord } from './call-record.ts';
import { senderMarks } from './call-signalling.ts';
import { Judgements } from './judgements.ts';
import { isEncrypted } from './media-facts.ts';
import { onItsOwnClock } from './own-clock.ts';
import { reportedView } from './reported-view.ts';
import { type ScoringOptions, scoreStream } from './scoring.ts';
import type { SipRefusals } from './sip-refusals.ts';
import { type Placement, streamRecord } from './stream-record.ts';
import type { UdptlInput } from './udptl-input.ts';
import { unseenOf } from './unseen.ts';

/** What a report needs beside what it is about. */
export interface ReporterParts {
  sink: RecordSink;
  rtcp: RtcpPlane;
  udptl: UdptlInput;
  sipRefusals: SipRefusals;
  registrations: Registrations;
  scans: Scans;
  heard: HeardHosts;
  ratios: SignallingRatios;
  scoring: ScoringOptions;
  judging: Pick<SignallingOptions, 'thresholds' | 'marking'>;
  showDigits: boolean;
  /** Names of the interfaces, by input. */
  interfaces: readonly (string | null)[];
}

/** When something is reported, and whether the capture has shown any media by then. */
export interface Moment {
  nowUs: number;
  mediaSeen: boolean;
  /** What is wrong with the stamps of the packets so far. */
  stamps: StampFaults;
}

/**
 * Makes records of calls and streams that are over: measures and reports together, scored, judged, handed on. They are
 * judged a little later than they end, beside the others (`across/`).
 */
export class Reporter {
  readonly across: Across;
  private readonly parts: ReporterParts;
  private readonly judgements = new Judgements();
  private stamps: StampFaults = { stepsBack: [], isCoarse: false, batches: null };

  constructor(parts: ReporterParts) {
    this.parts = parts;
    this.across = new Across(parts.judging.thresholds);
  }

  /** A call is over, and all its streams with it. */
  callEnded(call: Call, moment: Moment): void {
    const { rtcp, udptl, judging } = this.parts;
    this.stamps = moment.stamps;
    call.ended.sort((a, b) => a.number - b.number);
    const streams = call.ended.map((ended) => this.recordOf(call, ended));
    const visibility = this.visibilityOf(call, moment);
    const record = callRecord(call, streams, moment.nowUs, visibility.answersVisible);
    record.t38 = udptl.ofCall(call);
    record.signalling.interface = this.parts.interfaces[call.sip.input] ?? null;
    const found: CallCase = { call, record, streams, visibility, ...judging };
    const facts = callFacts(found);
    const findings = [...callFindings(found), ...mediaFindings(facts)];
    const missing = missingWay(call);
    const isPartial = call.lacksStreams || (missing !== null && wantedBothWays(facts));
    const unseen = missing === null ? null : unseenOf(call, heardOf(call), missing, rtcp);
    for (const { key } of call.ended) rtcp.forget(key.ssrc, key);
    const { callId, startUs, endUs } = record;
    const beside: CallBeside = {
      streams,
      findings,
      missing,
      bare: bareEnds(call),
      unseen,
      lacksStreams: call.lacksStreams,
      missedMessages: missedMessages(call, moment.nowUs),
      t38: record.t38,
      place: { callId, startUs, endUs },
    };
    this.across.note(beside);
    this.judgements.add(moment.nowUs, () =>
      this.tellCall(record, beside, isPartial, call.sip.rare.retried, moment.nowUs),
    );
  }

  /** A stream that no call claims is over. */
  strayEnded(
    key: StreamKey,
    number: number,
    found: StreamMeasurement,
    refusals: readonly MediaRefusalRecord[],
    moment: Moment,
  ): void {
    const { sink, rtcp, scoring, showDigits, interfaces, judging } = this.parts;
    const { thresholds, marking } = judging;
    this.stamps = moment.stamps;
    const reports = this.reportsOn(key);
    const receiver = rtcp.aboutReceiver(reports, key);
    const measured = onItsOwnClock(found);
    const score = scoreStream(measured, { reports, back: receiver, encrypted: false }, scoring);
    const reported = reportedView(measured, reports, receiver, false);
    const record = streamRecord(key, number, measured, null, reported, score, {
      encrypted: null,
      showDigits,
      interfaces,
    });
    const findings = [
      ...streamFindings(record, thresholds, { held: null, streams: [], changesUs: [], marking }),
      ...streamRefused(record, refusals, thresholds),
    ];
    const { startUs, endUs } = record;
    const place = { callId: null, startUs, endUs };
    const alone = {
      missing: null,
      bare: null,
      unseen: null,
      lacksStreams: false,
      missedMessages: 0,
      t38: null,
    };
    const beside: CallBeside = { streams: [record], findings, ...alone, place };
    this.across.note(beside);
    this.judgements.add(moment.nowUs, () => {
      const judged = this.across.judge(beside, this.stamps);
      this.across.judged(beside, judged.findings, moment.nowUs);
      sink.stream(record);
      for (const finding of judged.findings) sink.finding(finding);
    });
  }

  /** Capture time moves on: what has waited long enough is judged. */
  sweep({ nowUs, stamps }: Moment): void {
    this.stamps = stamps;
    this.judgements.sweep(nowUs);
    for (const finding of this.across.take(nowUs)) this.parts.sink.finding(finding);
  }

  /** The capture is over. */
  finish({ stamps }: Moment): void {
    this.stamps = stamps;
    this.across.losses.sweep(Number.POSITIVE_INFINITY);
    this.judgements.finish();
    for (const finding of this.across.take(Number.POSITIVE_INFINITY)) this.parts.sink.finding(finding);
  }

  /** @param isPartial of the media that was wanted some is not known: without a fault nobody knows that it was well */
  private tellCall(
    record: CallRecord,
    beside: CallBeside,
    isPartial: boolean,
    retried: Retried | null,
    endedUs: number,
  ): void {
    const { sink, ratios, judging } = this.parts;
    const { thresholds } = judging;
    const { streams } = beside;
    const judged = this.unlessScan(record, this.across.judge(beside, this.stamps));
    const { heldBack } = judged;
    const findings = withAnsweredRetry(record, judged.findings, retried);
    this.across.judged(beside, findings, endedUs);
    record.findings = [...new Set(findings.map((finding: FindingRecord) => finding.code))];
    record.severity = gravest(findings);
    record.heldBack = heldBack;
    const verdict = judge(record, streams, findings, thresholds);
    record.verdict = verdict === 'healthy' && isPartial ? 'unknown' : verdict;
    record.clean = cleanAtThisPoint(record, streams, findings, thresholds);
    ratios.add(record);
    for (const stream of streams) sink.stream(stream);
    for (const finding of findings) sink.finding(finding);
    sink.call(record);
  }

  /** What goes wrong with a call that a scan tried, and nobody answered, is told with the scan. */
  private unlessScan(record: CallRecord, judged: Judged): Judged {
    const { signalling, answerUs, startUs } = record;
    const { hosts, userAgents } = signalling;
    if (answerUs !== null || !this.parts.scans.takesCall(hosts.source, userAgents.caller, startUs))
      return judged;
    signalling.ofScan = true;
    const held = judged.findings.map(({ code, streamId, direction }) => {
      return { code, streamId, direction, reason: OF_SCAN };
    });
    return { findings: [], heldBack: [...judged.heldBack, ...held] };
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
    const { rtcp, scoring, showDigits, interfaces } = this.parts;
    const placement: Placement = {
      callId: call.callId,
      direction: ended.fromCaller ? 'callerToCallee' : 'calleeToCaller',
    };
    const reports = this.reportsOn(ended.key);
    const receiver = rtcp.aboutReceiver(reports, ended.key);
    const back = call.ended.find(
      (other) =>
        other.fromCaller !== ended.fromCaller && (this.reportsOn(other.key)?.roundTripsMs.length ?? 0) > 0,
    );
    const backReports = back === undefined ? receiver : this.reportsOn(back.key);
    const encrypted = isEncrypted(call);
    const facts = { reports, back: backReports, encrypted };
    const { key, number } = ended;
    const measured = onItsOwnClock(ended.measurement);
    const score = scoreStream(measured, facts, scoring);
    const callSeen = call.inviteUs !== null && call.inviteUs <= measured.startUs;
    const reported = reportedView(measured, reports, receiver, callSeen);
    const context = { encrypted, showDigits, interfaces };
    const record = streamRecord(key, number, measured, placement, reported, score, context);
    record.sender = senderMarks(call, ended.fromCaller);
    return record;
  }

  private reportsOn(key: StreamKey): ReturnType<RtcpPlane['about']> {
    return this.parts.rtcp.about(key.ssrc, key);
  }
}

/** Reason to hold findings back: the code of the finding that they are part of. */
const OF_SCAN = 'sip_scan';

/** Its streams, and those of the calls that share its media. */
function heardOf({ ended, shared }: Call): readonly Pick<EndedStream, 'key' | 'fromCaller'>[] {
  return shared === null ? ended : [...ended, ...shared.flows];
}

/** The direction of which a call shows no media while the other has some. */
function missingWay(call: Call): MissingWay | null {
  const heard = heardOf(call);
  const there = heard.find(({ fromCaller }) => fromCaller);
  const back = heard.find(({ fromCaller }) => !fromCaller);
  const present = there ?? back;
  if (present === undefined || (there !== undefined && back !== undefined)) return null;
  const direction: Direction = there === undefined ? 'callerToCallee' : 'calleeToCaller';
  return { direction, src: present.key.dst, dst: present.key.src };
}

/** Where the sides of an answered call without any media wanted it; null where that is not known. */
function bareEnds(call: Call): CallBeside['bare'] {
  const upUs = upSince(call);
  if (upUs === null || heardOf(call).length > 0) return null;
  const [caller, callee] = [audioWordsAt(call, 'caller', upUs), audioWordsAt(call, 'callee', upUs)];
  return caller === null || callee === null ? null : { caller, callee };
}
