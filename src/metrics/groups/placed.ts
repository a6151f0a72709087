import type { SenderMarks } from '../../records/interval-record.ts';
import type { Endpoint } from '../../records/types.ts';
import type { ReportCall } from '../../report/contract.ts';
import type { Groups, Place } from './groups.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** By what the wire says of media. */
export interface MediaMarks {
  src: Endpoint;
  dst: Endpoint;
  vlans: readonly number[];
  interface: string | null;
}

/** Where media belongs: by its addresses, VLANs and interface, and what its call says of the sender. */
export function mediaPlace(groups: Groups, marks: MediaMarks, sender: SenderMarks | null): Place {
  return groups.place({
    source: marks.src.ip,
    destination: marks.dst.ip,
    vlans: marks.vlans,
    interface: marks.interface,
    userAgent: sender?.userAgent ?? null,
    headers: sender?.headers ?? NO_HEADERS,
  });
}

/** Where a call belongs: by the way of its first INVITE. */
export function callPlace(groups: Groups, { signalling }: Pick<ReportCall, 'signalling'>): Place {
  const { hosts, headers, userAgents } = signalling;
  const { source, destination } = hosts;
  const { interface: of } = signalling;
  return groups.place({
    source,
    destination,
    vlans: [],
    interface: of,
    userAgent: userAgents.caller,
    headers,
  });
}
