import { joined, octetsOf } from './byte-connection.ts';
import { type Route, udpFrame } from './frame.ts';
import { splitTime } from './pcap.ts';

/** Where capture agents send to, and one of them. */
const AGENT = Uint8Array.of(198, 51, 100, 5);
const COLLECTOR = Uint8Array.of(198, 51, 100, 6);
const PORT = 9060;
const AGENT_NUMBER = 2001;

export const HEP_TYPES = { sip: 1, rtp: 4, rtcp: 5 } as const;

/** A packet that a capture agent saw. */
export interface Seen {
  kind: keyof typeof HEP_TYPES;
  route: Route;
  srcPort: number;
  dstPort: number;
  /** IP protocol: 6 or 17. */
  protocol: number;
  timeNs: number;
  payload: Uint8Array;
}

/** An Ethernet frame with what an agent tells the collector (HEP3). Time is that of the packet, in microseconds. */
export function hepFrame(seen: Seen, epochMs: number, ident: number): Uint8Array {
  const { route, kind, payload } = seen;
  const { seconds, nanoseconds } = splitTime(epochMs, Math.round(seen.timeNs / 1000) * 1000);
  const isIpv4 = route.src.length === 4;
  const chunks = joined(
    chunk(1, [isIpv4 ? 2 : 10]),
    chunk(2, [seen.protocol]),
    chunk(isIpv4 ? 3 : 5, route.src),
    chunk(isIpv4 ? 4 : 6, route.dst),
    chunk(7, octetsOf(seen.srcPort, 2)),
    chunk(8, octetsOf(seen.dstPort, 2)),
    chunk(9, octetsOf(seconds, 4)),
    chunk(10, octetsOf(Math.round(nanoseconds / 1000), 4)),
    chunk(11, [HEP_TYPES[kind]]),
    chunk(12, octetsOf(AGENT_NUMBER, 4)),
    chunk(15, payload),
  );
  const message = joined(new TextEncoder().encode('HEP3'), octetsOf(6 + chunks.length, 2), chunks);
  const way = { src: AGENT, dst: COLLECTOR, dscp: 0, ttl: 64, vlans: route.vlans };
  return udpFrame(way, 40_000, PORT, message, ident);
}

/** Vendor 0, type, length with these six octets, value. */
function chunk(type: number, value: Uint8Array | readonly number[]): Uint8Array {
  return joined([0, 0], octetsOf(type, 2), octetsOf(6 + value.length, 2), value);
}
