import type { PacketColumns } from './packet-columns.ts';
import { COPY } from './rounds.ts';

/** Of a mirror that shows packets twice, it shows nearly all of them twice; a network copies a few. */
const MIRROR_SHARE = 0.5;

/** Packets that a point saw again: all, and those that are the same IP packet. */
export interface Copies {
  copies: number;
  samePackets: number;
}

/** Counts the copies of a stream at one point; `partners` says which packets are copies. */
export function copiesOf({ isSamePacket }: PacketColumns, partners: Int32Array): Copies {
  let copies = 0;
  let samePackets = 0;
  for (let at = 0; at < partners.length; at++) {
    if (partners[at] !== COPY) continue;
    copies++;
    samePackets += isSamePacket[at]!;
  }
  return { copies, samePackets };
}

/** Copies that came by on the wire: without those of a mirror that shows packets twice. */
export function copiesOnWire(packets: PacketColumns, partners: Int32Array): number {
  const { copies, samePackets } = copiesOf(packets, partners);
  const isMirrored = samePackets >= MIRROR_SHARE * (packets.count - copies);
  return isMirrored ? copies - samePackets : copies;
}
