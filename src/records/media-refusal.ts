import type { Direction, Endpoint } from './types.ts';

/** Packets of media that a host or a router sent back with an ICMP error, all for one reason. */
export interface MediaRefusalRecord {
  /** Of the refused packets; null where their call is not known. */
  direction: Direction | null;
  /** Whether RTCP was refused, and not RTP or T.38. */
  rtcp: boolean;
  /** `port_unreachable`, `host_unreachable`, `administratively_prohibited`, `time_exceeded`, ... */
  reason: string;
  icmp: { version: number; type: number; code: number };
  /** Who refused: the host that was sent to, or a router on the way. */
  from: string;
  fromReceiver: boolean;
  /** Where the refused packets were sent to. */
  to: Endpoint;
  /** ICMP errors seen. Hosts and routers limit their rate, so more packets were refused, never fewer. */
  count: number;
  startUs: number;
  endUs: number;
  /** When they were seen: every `stride`th of them; for detectors, not printed. */
  timesUs: number[];
  stride: number;
}
