import type { SenderMarks } from '../../records/interval-record.ts';
import type { Endpoint } from '../../records/types.ts';
import type { ReportCall } from '../../report/contract.ts';
import { asSeen } from './as-seen.ts';
import type { Groups, Place } from './groups.ts';

const NOBODY: SenderMarks = { userAgent: null, headers: {} };

/** By what the wire says of media. */
export interface MediaMarks {
  src: Endpoint;
  dst: Endpoint;
  vlans: readonly number[];
  interface: string | null;
}

/** Where media belongs: by its addresses, VLANs and interface, and what its call says of the sender. */
export function mediaPlace(groups: Groups, marks: MediaMarks, sender: SenderMarks | null): Place {
  const { src, dst, vlans, interface: of } = asSeen(marks);
  const { userAgent, headers } = sender === null ? NOBODY : asSeen(sender);
  return groups.place({
    ...{ source: src.ip, destination: dst.ip, vlans, interface: of },
    ...{ userAgent, headers },
  });
}

/** By what the first INVITE of a call says. */
export interface CallMarks {
  signalling: Pick<ReportCall['signalling'], 'hosts' | 'headers' | 'userAgents' | 'interface'>;
}

/** Where a call belongs: by the way of its first INVITE. */
export function callPlace(groups: Groups, { signalling }: CallMarks): Place {
  const { hosts, headers, userAgents, interface: of } = asSeen(signalling);
  const { source, destination } = hosts;
  return groups.place({
    source,
    destination,
    vlans: [],
    interface: of,
    userAgent: userAgents.caller,
    headers,
  });
}
