import type { SenderMarks } from '../../records/interval-record.ts';
import type { Endpoint } from '../../records/types.ts';
import type { ReportCall } from '../../report/contract.ts';
import type { Groups, Place } from './groups.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Where media belongs: by its addresses and VLANs, and what its call says of the sender. */
export function mediaPlace(
  groups: Groups,
  { src, dst }: { src: Endpoint; dst: Endpoint },
  sender: SenderMarks | null,
  vlans: readonly number[],
): Place {
  return groups.place({
    source: src.ip,
    destination: dst.ip,
    vlans,
    userAgent: sender?.userAgent ?? null,
    headers: sender?.headers ?? NO_HEADERS,
  });
}

/** Where a call belongs: by the way of its first INVITE. */
export function callPlace(groups: Groups, { signalling }: Pick<ReportCall, 'signalling'>): Place {
  const { hosts, headers, userAgents } = signalling;
  const { source, destination } = hosts;
  return groups.place({ source, destination, vlans: [], userAgent: userAgents.caller, headers });
}
