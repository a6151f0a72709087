import { REASON_EMPTY_PAYLOAD, REASON_NAMES } from '../packet/reasons.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';

/** Where packets, messages and parts of them were given up. */
export interface DiscardCounters {
  /** Packets by reason code, once per place that counts them. */
  byCode: readonly Float64Array[];
  /** SIP messages and session descriptions that could not be used, by reason. */
  sip: ReadonlyMap<string, number>;
  sdp: ReadonlyMap<string, number>;
  rtcp: RtcpPlane['counters'];
  /** What tables and queues refused, by name. */
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
