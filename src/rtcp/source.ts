import type { Application } from './description.ts';
import { type EndpointNotes, emptyNotes, noteBlock } from './endpoint-notes.ts';
import { ReportSamples } from './report-samples.ts';
import type { ReportBlock, SenderInformation } from './reports.ts';
import { echoTiming, ReferenceTimes } from './round-trip.ts';
import { RoundTrips } from './round-trips.ts';
import { SenderClocks } from './sender-rate.ts';
import type { XrBlock } from './xr.ts';
import type { ReferenceEcho } from './xr-reference-time.ts';

/** Distinct names of application packets kept per source. */
const APPLICATIONS_MAX = 8;

/** Jitter this large is a negative number or noise, not jitter. */
const JITTER_TICKS_MAX = 2 ** 31;

/** The first sender report of a source: how much it had sent by then. */
export interface SentCount {
  timeUs: number;
  packets: number;
}

/** What RTCP said by and about one source on one path: a stream, or a receiver that sends none. */
export class SourceReports {
  senderReports = 0;
  /** Report blocks about the source, in sender or receiver reports. */
  receiverReports = 0;
  /** Extended reports about it. */
  xrReports = 0;
  /** Encrypted datagrams it sent. */
  srtcp = 0;
  /** The newest report block about the source, and who sent it. */
  last: ReportBlock | null = null;
  reporter: number | null = null;
  /** How often a block named another highest number than the one before, and when it did so last. */
  advances = 0;
  advancedUs = Number.NEGATIVE_INFINITY;
  /** Reports by its receiver since then that show that nothing came, and the time of the last of them. */
  stillReports = 0;
  stillUs = Number.NEGATIVE_INFINITY;
  /** Of 256. */
  fractionLostMax: number | null = null;
  jitterTicks: number | null = null;
  jitterTicksMax: number | null = null;
  readonly samples = new ReportSamples();
  firstSent: SentCount | null = null;
  /** Its two clocks, once it has sent a sender report. */
  clocks: SenderClocks | null = null;
  /** What its receiver says in extended reports. */
  endpoint: EndpointNotes | null = null;
  cname: string | null = null;
  goodbye = false;
  goodbyeReason: string | null = null;
  readonly applications: string[] = [];
  /** Round trips between the tap and whoever echoes this source: the receiver of its stream. */
  readonly roundTrips = new RoundTrips();
  private senderReportTimes: ReferenceTimes | null = null;
  private referenceTimes: ReferenceTimes | null = null;

  /** Round trips between the tap and the stream's receiver, ms, in order. */
  get roundTripsMs(): readonly number[] {
    return this.roundTrips.valuesMs;
  }

  /** The source sent a sender report. */
  sent(report: SenderInformation, timeUs: number): void {
    this.senderReports++;
    this.firstSent ??= { timeUs, packets: report.packetsSent };
    this.senderReportTimes ??= new ReferenceTimes();
    this.senderReportTimes.sent(report.lsrKey, timeUs);
    this.clocks ??= new SenderClocks();
    this.clocks.take(report, timeUs);
  }

  /** The source sent a receiver reference time (RFC 3611 4.4). */
  sentReferenceTime(key: number, timeUs: number): void {
    this.referenceTimes ??= new ReferenceTimes();
    this.referenceTimes.sent(key, timeUs);
  }

  /** `reporter` sent a report block about the source. */
  reported(reporter: number, block: ReportBlock, timeUs: number): void {
    this.receiverReports++;
    if (this.last !== null && this.last.extendedHighestSequence === block.extendedHighestSequence)
      this.notHeard(timeUs);
    else {
      this.advances++;
      this.advancedUs = timeUs;
      this.stillReports = 0;
    }
    this.last = block;
    this.reporter = reporter;
    this.fractionLostMax = Math.max(this.fractionLostMax ?? 0, block.fractionLost);
    if (block.jitterTicks < JITTER_TICKS_MAX) {
      this.jitterTicks = block.jitterTicks;
      this.jitterTicksMax = Math.max(this.jitterTicksMax ?? 0, block.jitterTicks);
    }
    this.samples.add(reporter, timeUs, block.extendedHighestSequence, block.cumulativeLost);
    if (block.lsr !== 0) this.echoed(this.senderReportTimes, block.lsr, block.dlsr, timeUs);
  }

  /** Its receiver sent a report that shows nothing of the source since the last one. */
  notHeard(timeUs: number): void {
    this.stillReports++;
    this.stillUs = timeUs;
  }

  /** Somebody answered the source's receiver reference time (RFC 3611 4.5). */
  answered(echo: ReferenceEcho, timeUs: number): void {
    if (echo.lrr !== 0) this.echoed(this.referenceTimes, echo.lrr, echo.dlrr, timeUs);
  }

  /** The source's receiver sent an extended report block about it. */
  described(block: XrBlock): void {
    this.endpoint ??= emptyNotes();
    noteBlock(this.endpoint, block);
  }

  private echoed(times: ReferenceTimes | null, key: number, delay: number, timeUs: number): void {
    this.roundTrips.add(times === null ? 'unknown_report' : echoTiming(times, key, delay, timeUs));
  }

  /** The source sent an application packet. */
  noteApplication({ name }: Application): void {
    if (this.applications.length < APPLICATIONS_MAX && !this.applications.includes(name)) {
      this.applications.push(name);
    }
  }
}
