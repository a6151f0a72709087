import { CallTable } from '../calls/call-table.ts';
import { HeardHosts } from '../calls/heard-hosts.ts';
import { SignallingRatios } from '../calls/signalling-ratios.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { FRAGMENT_HELD, Fragments } from '../packet/fragments.ts';
import { HEP_SIP } from '../packet/hep.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import {
  DECODED,
  REASON_ABSURD_TIME,
  REASON_EMPTY_PAYLOAD,
  REASON_ICMP,
  REASON_IP_FRAGMENT,
  REASON_NAMES,
} from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import type { SignallingRecord } from '../records/signalling-record.ts';
import type { RecordSink } from '../records/types.ts';
import type { Registrations } from '../registrations/registrations.ts';
import type { RegistrationThresholds } from '../registrations/thresholds.ts';
import { looksLikeRtcp } from '../rtcp/compound.ts';
import { RtcpPlane } from '../rtcp/plane.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { DEFAULT_RTP_OPTIONS, MIRROR_COPY, RtpPlane, type RtpPlaneOptions } from '../rtp/plane.ts';
import type { Scans } from '../scans/scans.ts';
import { looksLikeSip } from '../sip/detect.ts';
import { receiverHost } from '../sip/hop.ts';
import type { Decryption } from '../tls/session.ts';
import type { Trunks } from '../trunks/trunks.ts';
import { type CaptureAccount, doubts } from './capture-account.ts';
import { CaptureClock } from './capture-clock.ts';
import { discardReasons, limitCounts } from './discards.ts';
import { takeFastLane } from './fast-lane.ts';
import { HepInput, type HepOptions, hepView, isHep } from './hep-input.ts';
import { IcmpInput } from './icmp-input.ts';
import { type Judging, type JudgingChanges, judgingBy } from './judging.ts';
import { mediaPlane } from './media-plane.ts';
import { MODES } from './modes.ts';
import { type OngoingCalls, ongoingCalls } from './ongoing-calls.ts';
import { OtherTraffic } from './other-traffic.ts';
import { outsideCalls } from './outside-calls.ts';
import { RecentDatagrams } from './recent-datagrams.ts';
import { type Moment, Reporter } from './reporter.ts';
import { Signalling } from './signalling.ts';
import { noteStandstill } from './standstill.ts';
import { steadyRunning } from './steady-running.ts';
import { TcpSignalling } from './tcp-signalling.ts';
import { encryptedRecord } from './tls-connection.ts';
import { UdptlInput } from './udptl-input.ts';

export interface EngineOptions extends JudgingChanges {
  rtp?: Partial<RtpPlaneOptions>;
  /** Shows the keys that callers pressed. They are PINs and card numbers often enough to be masked by default. */
  showDigits?: boolean;
  /** Keys and ciphers for SIP over TLS; without, such connections are counted. */
  decryption?: Decryption;
  /** What to do with HEP. */
  hep?: HepOptions;
  registrations?: Partial<RegistrationThresholds>;
  /** Names of the interfaces that packets come from, by input; null for inputs that are none. */
  interfaces?: readonly (string | null)[];
}

/** 2^53 us after 1970, in the year 2255: beyond it a double no longer resolves microseconds. */
const LATEST_US = 2 ** 53;

/** Link type of Ethernet. */
const ETHERNET = 1;

/**
 * The whole line from packets to records. It takes batches of packets and hands out records; it knows no clock but
 * the packets', no file and no socket, so the same packets always give the same records, live or replayed.
 */
export class Engine {
  readonly judging: Judging;
  readonly reporter: Reporter;
  readonly rtp: RtpPlane;
  private readonly rtcp = new RtcpPlane();
  readonly calls: CallTable;
  readonly registrations: Registrations;
  readonly trunks: Trunks;
  readonly scans: Scans;
  private readonly heard = new HeardHosts();
  private readonly ratios = new SignallingRatios();
  readonly signalling: Signalling;
  private readonly tcp: TcpSignalling;
  private readonly hep: HepInput;
  private readonly icmp: IcmpInput;
  readonly udptl = new UdptlInput();
  readonly other: OtherTraffic;
  private readonly ongoing: OngoingCalls | null;
  private readonly fragments = new Fragments((bytes, start, length, timeUs) =>
    this.takeCutDatagram(bytes, start, length, timeUs),
  );
  /** Off only in the test which proves that the fast lane changes no result. */
  fastLane = true;
  private readonly recent = new RecentDatagrams();
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  /** Packets not passed on, by reason code. */
  private readonly discarded = new Float64Array(REASON_NAMES.length);
  private packets = 0;
  private wireBytes = 0;
  private rtpPackets = 0;
  private rtcpPackets = 0;
  /** Copies that the mirror made of packets that were seen already. */
  private mirrorDuplicates = 0;
  private snapped = 0;
  readonly clock = new CaptureClock();

  constructor(sink: RecordSink, options: EngineOptions = {}) {
    this.judging = judgingBy(options);
    const { scoring, signalling } = this.judging;
    this.rtp = new RtpPlane(
      {
        streamStarted: (slot) => this.streamStarted(slot),
        streamEnded: (slot, key, number, measured) => {
          this.reporter.across.drain(this.rtp);
          this.other.voiceClass.streamEnded(key.src, measured);
          this.calls.streamEnded(slot, key, number, measured);
        },
        streamShed: (key) => this.calls.streamShed(key),
      },
      (ssrc) => this.rtcp.hasSender(ssrc),
      { ...DEFAULT_RTP_OPTIONS, modes: MODES, scoreModel: scoring.playout, ...options.rtp },
    );
    this.other = new OtherTraffic(this.rtp, signalling);
    this.rtp.table.lossFeed.whenFull = () => this.reporter.across.drain(this.rtp);
    this.calls = new CallTable(
      mediaPlane(this.rtp, this.udptl),
      {
        callEnded: (call) => this.reporter.callEnded(call, this.moment()),
        strayEnded: (key, number, measured, refusals) =>
          this.reporter.strayEnded(key, number, measured, refusals, this.moment()),
      },
      signalling,
    );
    const { heard, calls, ratios } = this;
    const { telephones } = signalling;
    const outside = outsideCalls({ sink, heard, ratios, telephones, thresholds: options.registrations });
    ({ registrations: this.registrations, trunks: this.trunks, scans: this.scans } = outside);
    this.signalling = new Signalling({ calls, heard, ...outside });
    this.icmp = new IcmpInput({ calls, endpoints: this.rtp.endpoints, images: this.udptl.images, heard });
    this.reporter = new Reporter({
      sink,
      udptl: this.udptl,
      sipRefusals: this.icmp.sip,
      rtcp: this.rtcp,
      ...outside,
      heard,
      ratios: this.ratios,
      scoring,
      judging: signalling,
      showDigits: options.showDigits ?? false,
      interfaces: options.interfaces ?? [],
    });
    this.reporter.across.clock.steady.running = steadyRunning(this.rtp, this.clock);
    this.hep = new HepInput(options.hep);
    const { interfaces = [] } = options;
    const seen = { calls, rtp: this.rtp, rtcp: this.rtcp, across: this.reporter.across };
    this.ongoing = ongoingCalls(sink, { ...seen, judging: signalling, interfaces });
    this.tcp = new TcpSignalling(
      {
        takeSip: (message, timeUs, hop) =>
          this.signalling.take(message, 0, message.length, false, timeUs, hop),
        takeHep: (message, timeUs) => this.takeHep(hepView(this.view, message, timeUs), message, false),
      },
      { decryption: options.decryption ?? null },
    );
  }

  /** Takes one batch of packets in capture order. */
  ingest(batch: PacketBatch): void {
    const { offset, capturedLength, originalLength, timeUs, linkType, view: data, bytes, count } = batch;
    const { view, clock, fastLane } = this;
    clock.sample(batch);
    const { meter, shed } = this.rtp;
    let rtpPackets = 0;
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
      if (time >= clock.nextSweepUs) {
        if (clock.advance(time)) this.sweep(time);
      } else if (time < clock.lastUs) clock.noteBackwards(time);
      else clock.lastUs = time;
      view.timeUs = time;
      if (
        fastLane &&
        linkType[i] === ETHERNET &&
        !meter.remembersAll &&
        takeFastLane(meter, shed, data, start, captured, view)
      ) {
        rtpPackets++;
        continue;
      }
      view.input = batch.input[i]!;
      const reason = decodeFrame(view, data, linkType[i]!, start, start + captured);
      if (reason === DECODED) this.dispatch(data, bytes);
      else if (reason === REASON_IP_FRAGMENT) this.takeFragment(bytes);
      else if (reason === REASON_ICMP) this.takeIcmp(data, bytes);
      else this.discarded[reason] = this.discarded[reason]! + 1;
    }
    this.rtpPackets += rtpPackets;
    this.wireBytes += wireBytes;
    this.snapped += snapped;
    this.packets += count;
  }

  /** Hands a decoded packet to the protocol it belongs to: media first, for that is what there is most of. */
  private dispatch(data: DataView, bytes: Uint8Array): void {
    const view = this.view;
    if (view.protocol !== PROTOCOL_UDP) {
      if (this.isCopy(bytes)) return;
      this.heard.add(receiverHost(view));
      if (!this.tcp.segment(view, bytes, view.timeUs)) this.other.take(view, bytes);
      return;
    }
    if (this.udptl.concerns(view, data, this.rtp)) {
      if (!this.isCopy(bytes)) this.udptl.take(view);
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
        if (believed === MIRROR_COPY) this.mirrorDuplicates++;
        else this.rtpPackets += believed;
        if (believed !== 1) this.other.unproven(view, bytes, believed);
        return;
      }
    } else if (looksLikeSip(bytes, start, length)) {
      if (this.isCopy(bytes)) return;
      this.signalling.take(bytes, start, length, view.payloadWireLength > length, view.timeUs, view);
      return;
    } else if (isHep(bytes, start, length)) {
      if (!this.isCopy(bytes)) this.takeHep(data, bytes, true);
      return;
    }
    this.other.take(view, bytes);
  }

  /** What a capture agent sent: the packet it saw goes the way of all packets. */
  private takeHep(data: DataView, bytes: Uint8Array, addressed: boolean): void {
    const { view, hep } = this;
    if (!hep.open(view, data, bytes, addressed)) {
      this.other.packets++;
      return;
    }
    const { payloadOffset: start, payloadLength: length } = view;
    if (hep.message.protocolType === HEP_SIP) {
      this.signalling.take(hep.bytes, start, length, view.payloadWireLength > length, view.timeUs, view);
    } else if (hep.data.getUint8(start) >> 6 === 2) {
      this.dispatch(hep.data, hep.bytes);
    } else {
      hep.drop('hep_unreadable');
      this.other.packets++;
    }
  }

  /** An error about what is followed is told; all other ICMP is counted. */
  private takeIcmp(data: DataView, bytes: Uint8Array): void {
    const { view, icmp } = this;
    const concerns = icmp.concerns(view, data);
    if (concerns && this.isCopy(bytes)) return;
    if (concerns && icmp.take(view, data, bytes)) this.other.packets++;
    else this.discarded[REASON_ICMP] = this.discarded[REASON_ICMP]! + 1;
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
    else if (reason === REASON_ICMP) this.takeIcmp(this.fragments.data, this.fragments.bytes);
    else if (reason !== FRAGMENT_HELD) this.discarded[reason] = this.discarded[reason]! + 1;
  }

  /** A datagram's other fragments never came. SIP cut short is worth reading; media nobody could play is lost. */
  private takeCutDatagram(bytes: Uint8Array, start: number, length: number, timeUs: number): boolean {
    if (!looksLikeSip(bytes, start, length)) return false;
    this.signalling.take(bytes, start, length, true, timeUs, null);
    return true;
  }

  /**
   * Time has reached `nowUs` (us, on the clock that stamps the packets) whether or not packets came: what is over on a
   * quiet link ends, and what a probe must not remember for months is forgotten. Replays have no use for it.
   */
  tick(nowUs: number): void {
    if (!this.clock.run(nowUs)) return;
    this.sweep(this.clock.lastUs);
    this.reporter.across.forget(this.clock.lastUs);
  }

  private sweep(timeUs: number): void {
    noteStandstill(this.clock, this.rtp, this.reporter.across);
    this.calls.sweep(timeUs);
    for (const each of [this.registrations, this.trunks, this.scans]) each.sweep(timeUs);
    this.rtp.sweep(timeUs);
    this.rtcp.sweep(timeUs);
    this.tcp.expire(timeUs);
    this.fragments.expire(timeUs);
    this.reporter.across.sweep(this.rtp, timeUs);
    this.reporter.sweep(this.moment());
    this.udptl.expire(timeUs);
    this.ongoing?.sweep(timeUs, this.rtpPackets > 0);
  }

  /** The capture is over: everything still open is reported. */
  finish(): void {
    this.fragments.flush();
    this.tcp.flush();
    this.scans.close(this.clock.lastUs);
    this.calls.finishAll();
    this.registrations.finish(this.clock.lastUs);
    this.trunks.finish(this.clock.lastUs);
    this.rtp.retireAll();
    this.reporter.finish(this.moment());
    this.scans.finish();
  }

  /** The account of the capture itself, but for what only its source knows (files, drops, damage). */
  account(): CaptureAccount {
    const discarded = discardReasons({
      byCode: [this.discarded, this.fragments.discarded],
      sip: this.signalling.counters.discarded,
      sdp: this.calls.counters.sdp,
      rtcp: this.rtcp.counters,
      limits: [...limitCounts(this), ...this.tcp.discarded(), ...this.hep.discarded()],
    });
    const { clock } = this;
    const timed = !Number.isNaN(clock.firstUs);
    return {
      startUs: timed ? clock.firstUs : null,
      endUs: timed ? clock.endUs : null,
      packets: this.packets,
      bytes: this.wireBytes,
      decoded: {
        sip: this.signalling.counters.messages,
        rtp: this.rtpPackets,
        rtcp: this.rtcpPackets,
        t38: this.udptl.packets,
        other: this.other.packets + this.discarded[REASON_EMPTY_PAYLOAD]!,
      },
      discarded,
      mirrorDuplicates: this.mirrorDuplicates,
      mirrorDuplicatesRatio: this.packets > 0 ? this.mirrorDuplicates / this.packets : 0,
      fragments: { packets: this.fragments.received, datagrams: this.fragments.datagrams },
      voiceClass: this.other.voiceClass.record(),
      encrypted: encryptedRecord(this.tcp.tls),
      hep: { messages: this.hep.messages, clocksCorrected: this.hep.clocksCorrected },
      snapped: this.snapped,
      ...doubts(clock, this.reporter.across),
    };
  }

  /** What is known at the end of a capture of calls that were judged before. */
  readonly afterwards = () => this.reporter.across.afterwards();

  /** Ratios and delays of signalling so far. */
  signallingRecord(): SignallingRecord {
    return this.ratios.result(this.calls.load, this.registrations.activeNow);
  }

  private streamStarted(slot: number): void {
    const { src, dst } = this.rtp.keyOf(slot);
    this.reporter.across.view.streamSeen(src, dst, this.clock.lastUs);
    this.calls.streamStarted(slot);
  }

  private moment(): Moment {
    return { nowUs: this.clock.lastUs, mediaSeen: this.rtpPackets > 0, stamps: this.clock.faults };
  }
}
