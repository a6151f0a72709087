/** What became of an expected packet: received, lost in the network, or discarded by the jitter buffer. */
export type PacketFate = 'received' | 'lost' | 'discarded';

/**
 * Burst and gap figures as an endpoint computes them with the counters of RFC 3611 appendix A.2, in the octets and
 * ms of the VoIP metrics block. Null where the algorithm divides by zero.
 */
export interface A2Figures {
  /** In 1/256, clamped to 255. */
  burstDensity: number | null;
  gapDensity: number | null;
  burstDurationMs: number | null;
  gapDurationMs: number | null;
  lossRate: number | null;
  discardRate: number | null;
}

interface A2Counters {
  packets: number;
  losses: number;
  discards: number;
  run: number;
  c11: number;
  c13: number;
  c14: number;
  c22: number;
  c23: number;
  c33: number;
}

/**
 * The counters of RFC 3611 A.2 over a loss trace. Only to check or explain what endpoints report in VoIP metrics
 * blocks: unlike 4.7.2 it calls a single loss a burst and forgets the packets after the last event.
 *
 * @param fates of all expected packets in order of sequence; @param gmin 16 as a rule; @param packetMs ms per packet
 */
export function a2Figures(fates: Iterable<PacketFate>, gmin: number, packetMs: number): A2Figures {
  const n: A2Counters = {
    packets: 0,
    losses: 0,
    discards: 0,
    run: 0,
    c11: 0,
    c13: 0,
    c14: 0,
    c22: 0,
    c23: 0,
    c33: 0,
  };
  for (const fate of fates) {
    if (fate === 'received') n.packets++;
    else takeEvent(n, fate, gmin);
  }
  return figures(n, packetMs);
}

function takeEvent(n: A2Counters, fate: PacketFate, gmin: number): void {
  if (fate === 'lost') n.losses++;
  else n.discards++;
  if (n.packets >= gmin) {
    // The event before this one stood alone, or ended a burst.
    if (n.run === 1) n.c14++;
    else n.c13++;
    n.run = 1;
    n.c11 += n.packets;
  } else {
    n.run++;
    if (n.packets === 0) n.c33++;
    else {
      n.c23++;
      n.c22 += n.packets - 1;
    }
  }
  n.packets = 0;
}

function figures(n: A2Counters, packetMs: number): A2Figures {
  const c31 = n.c13;
  const c32 = n.c23;
  const leaving = c31 + c32 + n.c33;
  const inBurst = n.c22 + n.c23;
  const total = n.c11 + n.c14 + n.c13 + inBurst + leaving;
  const p32 = leaving === 0 ? 0 : c32 / leaving;
  const p23 = inBurst < 1 ? 1 : 1 - n.c22 / inBurst;
  const gapPackets = n.c11 + n.c14;
  const gapDurationMs = n.c13 === 0 ? null : ((gapPackets + n.c13) * packetMs) / n.c13;
  return {
    burstDensity: total === 0 ? null : octet(p23 / (p23 + p32)),
    gapDensity: gapPackets === 0 ? null : octet(n.c14 / gapPackets),
    burstDurationMs: gapDurationMs === null ? null : (total * packetMs) / n.c13 - gapDurationMs,
    gapDurationMs,
    lossRate: total === 0 ? null : octet(n.losses / total),
    discardRate: total === 0 ? null : octet(n.discards / total),
  };
}

function octet(ratio: number): number {
  return Math.min(255, Math.floor(256 * ratio));
}
