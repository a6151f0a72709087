import type { Call, EndedStream } from '../calls/call.ts';
import { CallTable } from '../calls/call-table.ts';
import { callFindings } from '../calls/findings/call-findings.ts';
import type { Visibility } from '../calls/findings/case.ts';
import { streamFindings } from '../calls/findings/stream-findings.ts';
import { HeardHosts } from '../calls/heard-hosts.ts';
import { type SignallingChanges, type SignallingOptions, signallingOptions } from '../calls/options.ts';
import { SignallingRatios } from '../calls/signalling-ratios.ts';
import { judge } from '../calls/verdict.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import { DECODED, REASON_ABSURD_TIME, REASON_EMPTY_PAYLOAD, REASON_NAMES } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import type { SignallingRecord } from '../records/signalling-record.ts';
import type { CaptureRecord, RecordSink, StreamRecord } from '../records/types.ts';
import { Registrations } from '../registrations/registrations.ts';
import type { RegistrationThresholds } from '../registrations/thresholds.ts';
import { looksLikeRtcp } from '../rtcp/compound.ts';
import { RtcpPlane } from '../rtcp/plane.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane, type RtpPlaneOptions, type StreamKey } from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { looksLikeSip } from '../sip/detect.ts';
import { receiverHost } from '../sip/hop.ts';
import { Trunks } from '../trunks/trunks.ts';
import { callRecord } from './call-record.ts';
import { DEFAULT_SCORING, type ScoringOptions, scoreStream } from './scoring.ts';
import { Signalling } from './signalling.ts';
import { type Placement, streamRecord } from './stream-record.ts';
import { TcpSignalling } from './tcp-signalling.ts';

export interface EngineOptions {
  rtp?: Partial<RtpPlaneOptions>;
  scoring?: Partial<ScoringOptions>;
  signalling?: SignallingChanges;
  registrations?: Partial<RegistrationThresholds>;
}

/** What the engine knows of the capture; files and trust need the source as well. */
export interface CaptureAccount extends Omit<CaptureRecord, 'files' | 'trust'> {
  /** Packets cut short by a snap length. */
  snapped: number;
  /** Packets older than one before them, and by how much at most, ms. */
  backwards: number;
  backwardsMaxMs: number;
}

/** 2^53 us after 1970, in the year 2255: beyond it a double no longer resolves microseconds. */
const LATEST_US = 2 ** 53;
/** A pause of the whole capture longer than this, or one damaged time stamp. */
const LEAP_US = 600_000_000;
/** Interfaces and merged files disagree by less than this; more is a clock that was set. */
const CLOCK_STEP_US = 10_000_000;

/** Housekeeping happens every second of capture time. */
const SWEEP_US = 1_000_000;

/**
 * The whole line from packets to records. It takes batches of packets and hands out records; it knows no clock but
 * the packets', no file and no socket, so the same packets always give the same records, live or replayed.
 */
export class Engine {
  private readonly sink: RecordSink;
  private readonly scoring: ScoringOptions;
  private readonly rtp: RtpPlane;
  private readonly rtcp = new RtcpPlane();
  private readonly calls: CallTable;
  private readonly signallingOptions: SignallingOptions;
  private readonly registrations: Registrations;
  private readonly trunks: Trunks;
  private readonly heard = new HeardHosts();
  private readonly ratios = new SignallingRatios();
  private readonly signalling: Signalling;
  private readonly tcp: TcpSignalling;
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  /** Packets not passed on, by reason code. */
  private readonly discarded = new Float64Array(REASON_NAMES.length);
  private packets = 0;
  private wireBytes = 0;
  private rtpPackets = 0;
  private rtcpPackets = 0;
  private otherPackets = 0;
  private snapped = 0;
  /** Packets older than one before them, and by how much at most. */
  private backwards = 0;
  private backwardsMaxUs = 0;
  private firstUs = Number.NaN;
  private lastUs = Number.NEGATIVE_INFINITY;
  /** Where a leap of capture time went that is not confirmed yet. */
  private leapUs = Number.NaN;
  /** Latest time seen before the clock was set back. */
  private endUs = Number.NEGATIVE_INFINITY;
  /** The first packet sweeps, too: an empty sweep that starts the count. */
  private nextSweepUs = Number.NEGATIVE_INFINITY;

  constructor(sink: RecordSink, options: EngineOptions = {}) {
    this.sink = sink;
    this.scoring = { ...DEFAULT_SCORING, ...options.scoring };
    this.signallingOptions = signallingOptions(options.signalling);
    this.rtp = new RtpPlane(
      {
        streamStarted: (slot) => this.calls.streamStarted(slot),
        streamEnded: (slot, key, number, measured) => this.calls.streamEnded(slot, key, number, measured),
      },
      (ssrc) => this.rtcp.hasSender(ssrc),
      { ...DEFAULT_RTP_OPTIONS, ...options.rtp },
    );
    this.calls = new CallTable(
      {
        announce: (words, port) => this.rtp.endpoints.add(words, port),
        withdraw: (words, port) => this.rtp.endpoints.remove(words, port),
        keyOf: (slot) => this.rtp.keyOf(slot),
        lastUs: (slot) => this.rtp.lastUs(slot),
        setFormats: (slot, formats) => this.rtp.setFormats(slot, formats),
        retire: (slot) => this.rtp.retire(slot),
      },
      {
        callEnded: (call) => this.reportCall(call),
        strayEnded: (key, number, measured) => this.reportStray(key, number, measured),
      },
      this.signallingOptions,
    );
    const { heard, calls } = this;
    this.registrations = new Registrations(
      {
        registrationEnded: (record) => sink.registration?.(record),
        registrationFinding: (finding) => sink.finding(finding),
        registrationAttempt: (outcome, delayMs) => this.ratios.addRegistration(outcome, delayMs),
        answersVisible: (host) => heard.has(host),
      },
      options.registrations,
    );
    this.trunks = new Trunks(
      (record) => sink.trunk?.(record),
      (host) => heard.has(host),
    );
    this.signalling = new Signalling({
      calls,
      heard,
      registrations: this.registrations,
      trunks: this.trunks,
    });
    this.tcp = new TcpSignalling(this.signalling);
  }

  /** Takes one batch of packets in capture order. */
  ingest(batch: PacketBatch): void {
    const { offset, capturedLength, originalLength, timeUs, linkType, view: data, bytes, count } = batch;
    const view = this.view;
    let wireBytes = 0;
    let snapped = 0;
    for (let i = 0; i < count; i++) {
      const start = offset[i]!;
      const captured = capturedLength[i]!;
      const wire = originalLength[i]!;
      const time = timeUs[i]!;
      wireBytes += wire;
      if (wire > captured) snapped++;
      if (!(time >= 0 && time <= LATEST_US)) {
        this.discarded[REASON_ABSURD_TIME] = this.discarded[REASON_ABSURD_TIME]! + 1;
        continue;
      }
      if (time >= this.nextSweepUs) this.advance(time);
      else if (time < this.lastUs) this.noteBackwards(time);
      else this.lastUs = time;
      view.timeUs = time;
      const reason = decodeFrame(view, data, linkType[i]!, start, start + captured);
      if (reason === DECODED) this.dispatch(data, bytes);
      else this.discarded[reason] = this.discarded[reason]! + 1;
    }
    this.wireBytes += wireBytes;
    this.snapped += snapped;
    this.packets += count;
  }

  /** Capture time passes the next sweep. A leap has to be confirmed by a second packet before anything is given up. */
  private advance(timeUs: number): void {
    if (timeUs - this.lastUs > LEAP_US && !(Math.abs(timeUs - this.leapUs) < CLOCK_STEP_US)) {
      this.leapUs = timeUs;
      // The very first packet has nothing to leap from.
      if (this.lastUs !== Number.NEGATIVE_INFINITY) return;
    }
    this.lastUs = timeUs;
    this.sweep(timeUs);
  }

  private noteBackwards(timeUs: number): void {
    this.backwards++;
    this.backwardsMaxUs = Math.max(this.backwardsMaxUs, this.lastUs - timeUs);
    if (this.lastUs - timeUs <= CLOCK_STEP_US) return;
    // The clock was set back, or one stamp was far ahead: capture time goes on from here.
    this.endUs = Math.max(this.endUs, this.lastUs);
    this.lastUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
  }

  /** Hands a decoded packet to the protocol it belongs to: media first, for that is what there is most of. */
  private dispatch(data: DataView, bytes: Uint8Array): void {
    const view = this.view;
    if (view.protocol !== PROTOCOL_UDP) {
      this.heard.add(receiverHost(view));
      if (!this.tcp.segment(view, bytes, view.timeUs)) this.otherPackets++;
      return;
    }
    const start = view.payloadOffset;
    const length = view.payloadLength;
    if (data.getUint8(start) >> 6 === 2) {
      if (looksLikeRtcp(data, start, length, view.payloadWireLength)) {
        this.rtcpPackets++;
        this.rtcp.receive(view, data, view.timeUs);
        return;
      }
      if (parseRtpHeader(this.header, data, start, length, view.payloadWireLength)) {
        const believed = this.rtp.receive(this.header, view, data);
        this.rtpPackets += believed;
        // Those before it were taken for other traffic.
        this.otherPackets += 1 - believed;
        return;
      }
    } else if (looksLikeSip(bytes, start, length)) {
      this.signalling.take(bytes, start, length, view.payloadWireLength > length, view.timeUs, view);
      return;
    }
    this.otherPackets++;
  }

  private sweep(timeUs: number): void {
    if (Number.isNaN(this.firstUs)) this.firstUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
    this.calls.sweep(timeUs);
    this.registrations.sweep(timeUs);
    this.trunks.sweep(timeUs);
    this.rtp.sweep(timeUs);
    this.rtcp.sweep(timeUs);
    this.tcp.expire(timeUs);
  }

  /** The capture is over: everything still open is reported. */
  finish(): void {
    this.tcp.flush();
    this.calls.finishAll();
    this.registrations.finish(this.lastUs);
    this.trunks.finish(this.lastUs);
    this.rtp.retireAll();
  }

  /** The account of the capture itself, but for what only its source knows (files, drops, damage). */
  account(): CaptureAccount {
    const discarded: Record<string, number> = {};
    for (let code = 1; code < REASON_NAMES.length; code++) {
      if (this.discarded[code]! > 0 && code !== REASON_EMPTY_PAYLOAD)
        discarded[REASON_NAMES[code]!] = this.discarded[code]!;
    }
    for (const [reason, n] of [...this.signalling.counters.discarded].sort()) discarded[`sip_${reason}`] = n;
    for (const [reason, n] of [...this.calls.counters.sdp].sort()) discarded[`sdp_${reason}`] = n;
    const limits: [string, number][] = [
      ['rtcp_not_whole', this.rtcp.counters.notWhole],
      ['rtcp_table_full', this.rtcp.counters.refused],
      ['rtp_table_full', this.rtp.refused],
      ['call_table_full', this.calls.counters.refused],
      ['registration_table_full', this.registrations.refused + this.registrations.table.refused],
      ['trunk_table_full', this.trunks.refused],
      ['endpoint_table_full', this.rtp.endpoints.refused],
    ];
    for (const [name, n] of limits) if (n > 0) discarded[name] = n;
    const timed = !Number.isNaN(this.firstUs);
    return {
      startUs: timed ? this.firstUs : null,
      endUs: timed ? Math.max(this.endUs, this.lastUs) : null,
      packets: this.packets,
      bytes: this.wireBytes,
      decoded: {
        sip: this.signalling.counters.messages,
        rtp: this.rtpPackets,
        rtcp: this.rtcpPackets,
        t38: 0,
        other: this.otherPackets + this.discarded[REASON_EMPTY_PAYLOAD]!,
      },
      discarded,
      snapped: this.snapped,
      backwards: this.backwards,
      backwardsMaxMs: this.backwardsMaxUs / 1000,
    };
  }

  /** Ratios and delays of signalling so far. */
  signallingRecord(): SignallingRecord {
    return this.ratios.result(this.calls.load, this.registrations.activeNow);
  }

  private reportCall(call: Call): void {
    call.ended.sort((a, b) => a.number - b.number);
    const streams = call.ended.map((ended) => this.recordOf(call, ended));
    const visibility = this.visibilityOf(call);
    const record = callRecord(call, streams, this.lastUs, visibility.answersVisible);
    const { thresholds } = this.signallingOptions;
    const findings = callFindings({ call, record, streams, visibility, thresholds });
    for (const stream of streams) findings.push(...streamFindings(stream));
    record.findings = [...new Set(findings.map((finding) => finding.code))];
    record.verdict = judge(record, streams, findings);
    this.ratios.add(record);
    for (const stream of streams) this.sink.stream(stream);
    for (const finding of findings) this.sink.finding(finding);
    this.sink.call(record);
  }

  private visibilityOf({ sip, inviteUs, to }: Call): Visibility {
    const { table } = this.registrations;
    const registered = (party: string | null) =>
      party === null || inviteUs === null ? null : table.liveAt(party, inviteUs);
    return {
      nowUs: this.lastUs,
      mediaSeen: this.rtpPackets > 0,
      answersVisible: sip.heardCallee || (sip.callerHost !== null && this.heard.has(sip.callerHost)),
      registration: registered(sip.rare.target) ?? registered(to),
    };
  }

  private recordOf(call: Call, ended: EndedStream): StreamRecord {
    const placement: Placement = {
      callId: call.callId,
      direction: ended.fromCaller ? 'callerToCallee' : 'calleeToCaller',
    };
    const reports = this.reportsOn(ended.key);
    const back = call.ended.find(
      (other) => other.fromCaller !== ended.fromCaller && this.reportsOn(other.key) !== null,
    );
    const backReports = back === undefined ? null : this.reportsOn(back.key);
    const quality = scoreStream(ended.measurement, reports, backReports, this.scoring);
    return streamRecord(ended.key, ended.number, ended.measurement, placement, reports, quality);
  }

  private reportStray(key: StreamKey, number: number, measured: StreamMeasurement): void {
    const reports = this.reportsOn(key);
    const quality = scoreStream(measured, reports, null, this.scoring);
    const record = streamRecord(key, number, measured, null, reports, quality);
    this.sink.stream(record);
    for (const finding of streamFindings(record)) this.sink.finding(finding);
  }

  private reportsOn(key: StreamKey): ReturnType<RtcpPlane['about']> {
    return this.rtcp.about(key.ssrc, key.src, key.dst);
  }
}
