import type { CallTable } from '../calls/call-table.ts';
import { REASON_EMPTY_PAYLOAD, REASON_NAMES } from '../packet/reasons.ts';
import type { NotKeptName, SHED_NAMES } from '../records/not-kept.ts';
import type { Registrations } from '../registrations/registrations.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import type { Scans } from '../scans/scans.ts';
import type { Trunks } from '../trunks/trunks.ts';
import type { CaptureClock } from './capture-clock.ts';
import type { OtherTraffic } from './other-traffic.ts';
import type { Reporter } from './reporter.ts';
import type { UdptlInput } from './udptl-input.ts';

/** Where packets, messages and parts of them were given up. */
export interface DiscardCounters {
  /** Packets by reason code, once per place that counts them. */
  byCode: readonly Float64Array[];
  /** SIP messages and session descriptions that could not be used, by reason. */
  sip: ReadonlyMap<string, number>;
  sdp: ReadonlyMap<string, number>;
  rtcp: RtcpPlane['counters'];
  /** What tables and queues refused, by name, and what could not be read over TCP or of HEP. */
  limits: readonly (readonly [name: string, n: number])[];
}

/** All of it by name, as it stands under `capture.discarded`. What did not happen is left out. */
export function discardReasons({ byCode, sip, sdp, rtcp, limits }: DiscardCounters): Record<string, number> {
  const discarded: Record<string, number> = {};
  for (let code = 1; code < REASON_NAMES.length; code++) {
    const packets = byCode.reduce((sum, counts) => sum + counts[code]!, 0);
    // An empty datagram keeps a path open: it is other traffic, not damage.
    if (packets > 0 && code !== REASON_EMPTY_PAYLOAD) discarded[REASON_NAMES[code]!] = packets;
  }
  for (const [reason, n] of [...sip].sort()) discarded[`sip_${reason}`] = n;
  for (const [reason, n] of [...sdp].sort()) discarded[`sdp_${reason}`] = n;
  const counts: readonly (readonly [string, number])[] = [
    ['rtcp_cut', rtcp.faults.cut],
    ['rtcp_unreadable', rtcp.faults.unreadable],
    ['srtcp', rtcp.faults.srtcp],
    ['rtcp_xr_malformed', rtcp.malformedBlocks],
    ['rtcp_table_full', rtcp.refused],
    ...limits,
  ];
  for (const [name, n] of counts) if (n > 0) discarded[name] = n;
  return discarded;
}

/** What is bounded and counts what it refuses. */
export interface BoundedParts {
  rtp: RtpPlane;
  calls: CallTable;
  registrations: Registrations;
  trunks: Trunks;
  scans: Scans;
  udptl: UdptlInput;
  other: OtherTraffic;
  reporter: Reporter;
  clock: CaptureClock;
}

/** A limit has words for what is missing (`records/not-kept.ts`), or one of these, which need none of their own. */
type LimitName =
  | NotKeptName
  | (typeof SHED_NAMES)[number]
  /** Noise fills that table all the time. */
  | 'rtp_candidate_evicted'
  /** Not decoded. */
  | 'udptl_malformed';

/** What their tables refused, by name. */
export function limitCounts({
  rtp,
  calls,
  registrations,
  trunks,
  scans,
  udptl,
  other,
  reporter,
  clock,
}: BoundedParts): readonly (readonly [name: LimitName, n: number])[] {
  return [
    ['rtp_table_full', rtp.refused],
    ['rtp_streams_shed', rtp.shed.streams],
    ['rtp_packets_shed', rtp.shed.packets],
    ['call_table_full', calls.counters.refused],
    ['call_without_response', calls.counters.unheard],
    ['call_streams_full', calls.counters.streamsRefused],
    ['registration_table_full', registrations.refused + registrations.table.refused],
    ['trunk_table_full', trunks.refused],
    ['endpoint_table_full', rtp.endpoints.refused + calls.index.refused],
    ['ssrc_table_full', calls.ssrcs.refused],
    ['endpoint_unproven', rtp.endpoints.unvouched],
    ['rtp_candidate_evicted', rtp.candidates.evicted],
    ['rtp_clock_table_full', rtp.meter.counters.unclockedRefused],
    ['endpoint_report_unclaimed', calls.counters.reports.unclaimed],
    ['endpoint_reports_full', calls.counters.reports.refused],
    ['icmp_table_full', calls.refusals.dropped],
    ['udptl_malformed', udptl.malformed],
    ['t38_table_full', udptl.refused + udptl.images.refused],
    ['voice_class_sources_full', other.voiceClass.unnamed],
    ['scan_table_full', scans.refused],
    ['comparison_table_full', reporter.across.refused + rtp.table.lossFeed.dropped + clock.clumps.refused],
  ];
}
