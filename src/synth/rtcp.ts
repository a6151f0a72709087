import { type ExtendedSpec, extendedReport, type ReferenceEcho } from './extended-report.ts';
import type { ArrivedPacket } from './network.ts';
import { splitTime } from './pcap.ts';
import { type ReportBlock, receptionOf } from './reception.ts';
import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Scenario, Side } from './scenario.ts';
import type { SentPacket } from './sender.ts';

/** A compound packet as it passes the tap. */
export interface RtcpPacket {
  timeNs: number;
  from: Side;
  payload: Uint8Array;
  seen: ReportSeen;
}

/** What a compound packet says. */
export interface ReportSeen {
  timeNs: number;
  /** Of the reporter. */
  ssrc: number;
  senderInfo: SenderInfo | null;
  block: ReportBlock | null;
  /** The reporter's own clock as an extended report gives it, and the answer to the other side's. */
  referenceTime: NtpTime | null;
  echo: ReferenceEcho | null;
}

/** A time by the sender's clock, which all senders of a scenario share. */
export interface NtpTime {
  ntpSeconds: number;
  ntpFraction: number;
  /** The middle 32 bits, which reports echo as LSR or LRR. */
  ntpMiddle: number;
}

interface SenderInfo extends NtpTime {
  timestamp: number;
  packets: number;
  octets: number;
}

/** What both sides send and what of it arrives at the tap, by sender. */
export interface CallMedia {
  sent: Record<Side, readonly SentPacket[]>;
  arrived: Record<Side, readonly ArrivedPacket[]>;
}

interface PlannedReport {
  sendNs: number;
  ssrc: number;
  senderInfo: SenderInfo | null;
  referenceTime: NtpTime | null;
  bye: boolean;
}

/** All RTCP of a call, both sides. The tap lies `tapToCallerMs` from one and `tapToCalleeMs` from the other. */
export function planRtcp(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  media: CallMedia,
): RtcpPacket[] {
  if (call.rtcp === null) return [];
  const unitNs = scenario.nanoseconds ? 1 : 1000;
  const toTapNs = { caller: call.rtcp.tapToCallerMs * 1e6, callee: call.rtcp.tapToCalleeMs * 1e6 };
  const planned = {
    caller: planSide(scenario, epochMs, call, 'caller', media.sent.caller),
    callee: planSide(scenario, epochMs, call, 'callee', media.sent.callee),
  };
  const packets: RtcpPacket[] = [];
  for (const from of ['caller', 'callee'] as const) {
    const other: Side = from === 'caller' ? 'callee' : 'caller';
    const reception = receptionOf(media.arrived[other], toTapNs[from], call.codec.clockRate);
    for (const report of planned[from]) {
      const reported = reception(report.sendNs);
      const isSilent = reported !== null && reported.since.begin === reported.since.end;
      const block = isSilent && call.rtcp.heardOnly ? null : reported;
      // What the other side sent by then has arrived.
      const sentByNs = report.sendNs - toTapNs.caller - toTapNs.callee;
      if (block !== null) {
        const heard = lastHeard(planned[other], block.ssrc, sentByNs);
        if (heard !== null) {
          block.lastSr = heard.senderInfo!.ntpMiddle;
          block.delaySinceLastSr = heldFor(sentByNs - heard.sendNs);
        }
      }
      const timeNs = Math.round((report.sendNs + toTapNs[from]) / unitNs) * unitNs;
      const { ssrc, senderInfo, referenceTime } = report;
      const echo = answerTo(planned[other], sentByNs);
      const seen: ReportSeen = { timeNs, ssrc, senderInfo, block, referenceTime, echo };
      const cname = `${call[from].user}@${call[from].ip}`;
      const roundTripMs = (2 * (toTapNs.caller + toTapNs.callee)) / 1e6;
      const extended = { kinds: call.rtcp.xr, roundTripMs };
      packets.push({ timeNs, from, seen, payload: compound(seen, cname, report.bye, extended) });
    }
  }
  return packets;
}

/** The newest sender report of that SSRC sent at or before `byNs`. */
function lastHeard(reports: readonly PlannedReport[], ssrc: number, byNs: number): PlannedReport | null {
  return reports.findLast((r) => r.ssrc === ssrc && r.senderInfo !== null && r.sendNs <= byNs) ?? null;
}

/** The newest reference time sent at or before `byNs`, and how long ago that was. */
function answerTo(reports: readonly PlannedReport[], byNs: number): ReferenceEcho | null {
  const heard = reports.findLast((r) => r.referenceTime !== null && r.sendNs <= byNs);
  if (heard === undefined) return null;
  return { ssrc: heard.ssrc, lrr: heard.referenceTime!.ntpMiddle, dlrr: heldFor(byNs - heard.sendNs) };
}

/** In 1/65536 s. */
function heldFor(ns: number): number {
  return Math.round((ns * 65536) / 1e9);
}

function planSide(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  side: Side,
  sent: readonly SentPacket[],
): PlannedReport[] {
  const { intervalMs } = call.rtcp!;
  const ownSsrc = callRandom(scenario, call, `${side}/rtcp`).uint32();
  const spec = side === 'caller' ? call.callerToCallee : call.calleeToCaller;
  const rate = call.codec.clockRate / (1 + (spec?.skewPpm ?? 0) * 1e-6);
  const reports: PlannedReport[] = [];
  const report = (timeMs: number, bye: boolean): void => {
    const sendNs = timeMs * 1e6;
    const before = sent.filter((packet) => packet.sendNs <= sendNs);
    const ssrc = before.at(-1)?.ssrc ?? sent[0]?.ssrc ?? ownSsrc;
    const own = before.filter((packet) => packet.ssrc === ssrc);
    reports.push({
      sendNs,
      ssrc,
      bye,
      referenceTime: call.rtcp!.xr.includes('reference_time') ? ntpTime(epochMs, sendNs) : null,
      senderInfo: own.length === 0 ? null : senderInfo(epochMs, sendNs, own, rate),
    });
  };
  // The two sides do not report at the same instant.
  const offsetMs = side === 'caller' ? 0 : 0.4 * intervalMs;
  for (let timeMs = call.mediaMs + intervalMs + offsetMs; timeMs < call.byeMs; timeMs += intervalMs)
    report(timeMs, false);
  if (call.outcome !== 'open') report(call.byeMs + (side === 'caller' ? 1 : 2), true);
  return reports;
}

function senderInfo(epochMs: number, sendNs: number, own: readonly SentPacket[], rate: number): SenderInfo {
  const last = own.findLast((packet) => packet.kind === 'audio') ?? own.at(-1)!;
  const sinceTicks = Math.round(((sendNs - last.sendNs) * rate) / 1e9);
  return {
    ...ntpTime(epochMs, sendNs),
    timestamp: (last.timestamp + sinceTicks) % 2 ** 32,
    packets: own.length,
    octets: own.reduce((sum, packet) => sum + packet.payload.length, 0),
  };
}

function ntpTime(epochMs: number, sendNs: number): NtpTime {
  const { seconds, nanoseconds } = splitTime(epochMs, sendNs);
  // NTP counts from 1900 (RFC 868 gives the difference).
  const ntpSeconds = (seconds + 2208988800) % 2 ** 32;
  const ntpFraction = Math.floor((nanoseconds * 2 ** 32) / 1e9);
  const ntpMiddle = (ntpSeconds % 65536) * 65536 + Math.floor(ntpFraction / 65536);
  return { ntpSeconds, ntpFraction, ntpMiddle };
}

/** SR or RR, SDES with CNAME, XR if asked for, BYE at the end (RFC 3550 6.4, 6.5, 6.6). */
function compound(seen: ReportSeen, cname: string, bye: boolean, extended: ExtendedSpec): Uint8Array {
  const report = new DataView(new ArrayBuffer(8 + (seen.senderInfo ? 20 : 0) + (seen.block ? 24 : 0)));
  header(report, seen.block ? 1 : 0, seen.senderInfo ? 200 : 201, seen.ssrc);
  let at = 8;
  if (seen.senderInfo !== null) {
    const { ntpSeconds, ntpFraction, timestamp, packets, octets } = seen.senderInfo;
    for (const word of [ntpSeconds, ntpFraction, timestamp, packets, octets]) {
      report.setUint32(at, word);
      at += 4;
    }
  }
  if (seen.block !== null) writeBlock(report, at, seen.block);
  // One chunk: SSRC, item 1 with its length, then 1 to 4 zero octets up to a whole word.
  const text = new TextEncoder().encode(cname);
  const sdes = new DataView(new ArrayBuffer(8 + Math.ceil((2 + text.length + 1) / 4) * 4));
  header(sdes, 1, 202, seen.ssrc);
  sdes.setUint8(8, 1);
  sdes.setUint8(9, text.length);
  new Uint8Array(sdes.buffer).set(text, 10);
  const parts = [report, sdes];
  const xr = extendedReport(seen, extended);
  if (xr !== null) parts.push(xr);
  if (bye) {
    const last = new DataView(new ArrayBuffer(8));
    header(last, 1, 203, seen.ssrc);
    parts.push(last);
  }
  return Uint8Array.from(parts.flatMap((part) => [...new Uint8Array(part.buffer)]));
}

function header(view: DataView, count: number, type: number, ssrc: number): void {
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, type);
  view.setUint16(2, view.byteLength / 4 - 1);
  view.setUint32(4, ssrc);
}

function writeBlock(view: DataView, at: number, block: ReportBlock): void {
  view.setUint32(at, block.ssrc);
  view.setUint32(at + 4, ((block.fraction << 24) | (block.cumulativeLost & 0xffffff)) >>> 0);
  view.setUint32(at + 8, block.highest);
  view.setUint32(at + 12, block.jitter);
  view.setUint32(at + 16, block.lastSr);
  view.setUint32(at + 20, block.delaySinceLastSr);
}
