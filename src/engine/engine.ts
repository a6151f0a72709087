import type { Call, EndedStream } from '../calls/call.ts';
import { CallTable } from '../calls/call-table.ts';
import { callFindings } from '../calls/findings/call-findings.ts';
import { streamFindings } from '../calls/findings/stream-findings.ts';
import { judge } from '../calls/verdict.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { FRAGMENT_HELD, Fragments } from '../packet/fragments.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import {
  DECODED,
  REASON_ABSURD_TIME,
  REASON_EMPTY_PAYLOAD,
  REASON_IP_FRAGMENT,
  REASON_NAMES,
} from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import { PAYLOAD_CODES, payloadReader, readPayloadMode } from '../quality/payload-mode.ts';
import type { CaptureRecord, RecordSink, StreamRecord } from '../records/types.ts';
import { looksLikeRtcp } from '../rtcp/compound.ts';
import { RtcpPlane } from '../rtcp/plane.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import type { ModeReader } from '../rtp/payload-peek.ts';
import {
  DEFAULT_RTP_OPTIONS,
  MIRROR_COPY,
  RtpPlane,
  type RtpPlaneOptions,
  type StreamKey,
} from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { looksLikeSip } from '../sip/detect.ts';
import { callRecord } from './call-record.ts';
import { isEncrypted } from './media-facts.ts';
import { RecentDatagrams } from './recent-datagrams.ts';
import { reportedView } from './reported-view.ts';
import { DEFAULT_SCORING, type ScoringOptions, scoreStream } from './scoring.ts';
import { Signalling } from './signalling.ts';
import { type Placement, streamRecord } from './stream-record.ts';
import { TcpSignalling } from './tcp-signalling.ts';

export interface EngineOptions {
  rtp?: Partial<RtpPlaneOptions>;
  scoring?: Partial<ScoringOptions>;
  /** Shows the keys that callers pressed. They are PINs and card numbers often enough to be masked by default. */
  showDigits?: boolean;
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

/** How the modes of codecs are read out of payloads. */
const MODES: ModeReader = { readerFor: payloadReader, read: readPayloadMode, codes: PAYLOAD_CODES };

/** Housekeeping happens every second of capture time. */
const SWEEP_US = 1_000_000;

/**
 * The whole line from packets to records. It takes batches of packets and hands out records; it knows no clock but
 * the packets', no file and no socket, so the same packets always give the same records, live or replayed.
 */
export class Engine {
  private readonly sink: RecordSink;
  private readonly scoring: ScoringOptions;
  private readonly showDigits: boolean;
  private readonly rtp: RtpPlane;
  private readonly rtcp = new RtcpPlane();
  private readonly calls: CallTable;
  private readonly signalling: Signalling;
  private readonly tcp: TcpSignalling;
  private readonly fragments = new Fragments((bytes, start, length, timeUs) =>
    this.takeCutDatagram(bytes, start, length, timeUs),
  );
  private readonly recent = new RecentDatagrams();
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  /** Packets not passed on, by reason code. */
  private readonly discarded = new Float64Array(REASON_NAMES.length);
  private packets = 0;
  private wireBytes = 0;
  private rtpPackets = 0;
  private rtcpPackets = 0;
  private otherPackets = 0;
  /** Copies that the mirror made of packets that were seen already. */
  private mirrorDuplicates = 0;
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
    this.showDigits = options.showDigits ?? false;
    this.scoring = { ...DEFAULT_SCORING, ...options.scoring };
    this.rtp = new RtpPlane(
      {
        streamStarted: (slot) => this.calls.streamStarted(slot),
        streamEnded: (slot, key, number, measured) => this.calls.streamEnded(slot, key, number, measured),
      },
      (ssrc) => this.rtcp.hasSender(ssrc),
      { ...DEFAULT_RTP_OPTIONS, modes: MODES, scoreModel: this.scoring.playout, ...options.rtp },
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
    );
    this.signalling = new Signalling(this.calls);
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
      else if (reason === REASON_IP_FRAGMENT) this.takeFragment(bytes);
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
      if (this.isCopy(bytes)) return;
      if (!this.tcp.segment(view, bytes, view.timeUs)) this.otherPackets++;
      return;
    }
    const start = view.payloadOffset;
    const length = view.payloadLength;
    if (data.getUint8(start) >> 6 === 2) {
      if (looksLikeRtcp(data, start, length, view.payloadWireLength)) {
        if (this.isCopy(bytes)) return;
        this.rtcpPackets++;
        this.rtcp.receive(view, data, view.timeUs);
        return;
      }
      if (parseRtpHeader(this.header, data, start, length, view.payloadWireLength)) {
        const believed = this.rtp.receive(this.header, view, data);
        if (believed === MIRROR_COPY) {
          this.mirrorDuplicates++;
          return;
        }
        this.rtpPackets += believed;
        // Those before it were taken for other traffic.
        this.otherPackets += 1 - believed;
        return;
      }
    } else if (looksLikeSip(bytes, start, length)) {
      if (this.isCopy(bytes)) return;
      this.signalling.take(bytes, start, length, view.payloadWireLength > length, view.timeUs);
      return;
    }
    this.otherPackets++;
  }

  /** Has the mirror shown this datagram or segment before? Then it counts as a copy and for nothing else. */
  private isCopy(bytes: Uint8Array): boolean {
    // Acknowledgements without data look alike and tell nothing.
    if (this.view.payloadLength <= 0 || !this.recent.isCopy(this.view, bytes)) return false;
    this.mirrorDuplicates++;
    return true;
  }

  /** A fragment waits until its datagram is complete; then that is a packet like any other. */
  private takeFragment(bytes: Uint8Array): void {
    const reason = this.fragments.take(this.view, bytes);
    if (reason === DECODED) this.dispatch(this.fragments.data, this.fragments.bytes);
    else if (reason !== FRAGMENT_HELD) this.discarded[reason] = this.discarded[reason]! + 1;
  }

  /** A datagram's other fragments never came. SIP cut short is worth reading; media nobody could play is lost. */
  private takeCutDatagram(bytes: Uint8Array, start: number, length: number, timeUs: number): boolean {
    if (!looksLikeSip(bytes, start, length)) return false;
    this.signalling.take(bytes, start, length, true, timeUs);
    return true;
  }

  private sweep(timeUs: number): void {
    if (Number.isNaN(this.firstUs)) this.firstUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
    this.calls.sweep(timeUs);
    this.rtp.sweep(timeUs);
    this.rtcp.sweep(timeUs);
    this.tcp.expire(timeUs);
    this.fragments.expire(timeUs);
  }

  /** The capture is over: everything still open is reported. */
  finish(): void {
    this.fragments.flush();
    this.tcp.flush();
    this.calls.finishAll();
    this.rtp.retireAll();
  }

  /** The account of the capture itself, but for what only its source knows (files, drops, damage). */
  account(): CaptureAccount {
    const discarded: Record<string, number> = {};
    for (let code = 1; code < REASON_NAMES.length; code++) {
      const packets = this.discarded[code]! + this.fragments.discarded[code]!;
      if (packets > 0 && code !== REASON_EMPTY_PAYLOAD) discarded[REASON_NAMES[code]!] = packets;
    }
    for (const [reason, n] of [...this.signalling.counters.discarded].sort()) discarded[`sip_${reason}`] = n;
    for (const [reason, n] of [...this.calls.counters.sdp].sort()) discarded[`sdp_${reason}`] = n;
    const limits: [string, number][] = [
      ['rtcp_cut', this.rtcp.counters.faults.cut],
      ['rtcp_unreadable', this.rtcp.counters.faults.unreadable],
      ['srtcp', this.rtcp.counters.faults.srtcp],
      ['rtcp_xr_malformed', this.rtcp.counters.malformedBlocks],
      ['rtcp_table_full', this.rtcp.counters.refused],
      ['rtp_table_full', this.rtp.refused],
      ['call_table_full', this.calls.counters.refused],
      ['call_without_response', this.calls.counters.unheard],
      ['endpoint_table_full', this.rtp.endpoints.refused],
      ['endpoint_unproven', this.rtp.endpoints.unvouched],
      ['rtp_candidate_evicted', this.rtp.candidates.evicted],
      ['rtp_clock_table_full', this.rtp.meter.counters.unclockedRefused],
      ['tcp_flow_evicted', this.tcp.evicted],
      ['endpoint_report_unclaimed', this.calls.counters.reports.unclaimed],
      ['endpoint_reports_full', this.calls.counters.reports.refused],
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
      mirrorDuplicates: this.mirrorDuplicates,
      mirrorDuplicatesRatio: this.packets > 0 ? this.mirrorDuplicates / this.packets : 0,
      fragments: { packets: this.fragments.received, datagrams: this.fragments.datagrams },
      snapped: this.snapped,
      backwards: this.backwards,
      backwardsMaxMs: this.backwardsMaxUs / 1000,
    };
  }

  private reportCall(call: Call): void {
    call.ended.sort((a, b) => a.number - b.number);
    const streams = call.ended.map((ended) => this.recordOf(call, ended));
    const record = callRecord(call, streams, this.lastUs);
    const findings = callFindings(call, record, streams, {
      nowUs: this.lastUs,
      mediaSeen: this.rtpPackets > 0,
    });
    for (const stream of streams) findings.push(...streamFindings(stream));
    for (const { key } of call.ended) this.rtcp.forget(key.ssrc, key.src, key.dst);
    record.findings = [...new Set(findings.map((finding) => finding.code))];
    record.verdict = judge(record, streams, findings);
    for (const stream of streams) this.sink.stream(stream);
    for (const finding of findings) this.sink.finding(finding);
    this.sink.call(record);
  }

  private recordOf(call: Call, ended: EndedStream): StreamRecord {
    const placement: Placement = {
      callId: call.callId,
      direction: ended.fromCaller ? 'callerToCallee' : 'calleeToCaller',
    };
    const reports = this.reportsOn(ended.key);
    const receiver = this.rtcp.aboutReceiver(reports, ended.key.src, ended.key.dst);
    const back = call.ended.find(
      (other) =>
        other.fromCaller !== ended.fromCaller && (this.reportsOn(other.key)?.roundTripsMs.length ?? 0) > 0,
    );
    const backReports = back === undefined ? receiver : this.reportsOn(back.key);
    const encrypted = isEncrypted(call);
    const facts = { reports, back: backReports, encrypted };
    const scoring = scoreStream(ended.measurement, facts, this.scoring);
    const callSeen = call.inviteUs !== null && call.inviteUs <= ended.measurement.startUs;
    const reported = reportedView(ended.measurement, reports, receiver, callSeen);
    return streamRecord(ended.key, ended.number, ended.measurement, placement, reported, scoring, {
      encrypted,
      showDigits: this.showDigits,
    });
  }

  private reportStray(key: StreamKey, number: number, measured: StreamMeasurement): void {
    const reports = this.reportsOn(key);
    const receiver = this.rtcp.aboutReceiver(reports, key.src, key.dst);
    const scoring = scoreStream(measured, { reports, back: receiver, encrypted: false }, this.scoring);
    const reported = reportedView(measured, reports, receiver, false);
    const record = streamRecord(key, number, measured, null, reported, scoring, {
      encrypted: null,
      showDigits: this.showDigits,
    });
    this.sink.stream(record);
    for (const finding of streamFindings(record)) this.sink.finding(finding);
  }

  private reportsOn(key: StreamKey): ReturnType<RtcpPlane['about']> {
    return this.rtcp.about(key.ssrc, key.src, key.dst);
  }
}
