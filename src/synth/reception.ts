import type { ArrivedPacket } from './network.ts';
import { RESTART_JUMP } from './sender.ts';

/** A report block (RFC 3550 6.4.1), and the number behind its loss figures. */
export interface ReportBlock {
  ssrc: number;
  /** Lost part since the previous block, in 1/256. */
  fraction: number;
  cumulativeLost: number;
  /** Extended highest sequence number received. */
  highest: number;
  /** Timestamp units. */
  jitter: number;
  /** 0 before the first sender report. */
  lastSr: number;
  /** 1/65536 s. */
  delaySinceLastSr: number;
  /** Not on the wire: packets expected so far (A.3). */
  expected: number;
  /** Not on the wire: the first number of the reception and the highest, as the sender counts. */
  base: number;
  highestSent: number;
  /** What extended reports tell of the time since the block before. */
  since: SinceLast;
}

/** Numbers from `begin` to before `end`, as the sender counts them, and what became of each. */
export interface SinceLast {
  begin: number;
  end: number;
  received: boolean[];
  duplicates: number;
}

interface Reception {
  ssrc: number;
  segment: number;
  base: number;
  highest: number;
  received: number;
  expectedPrior: number;
  receivedPrior: number;
  jitter: number;
  previousTransit: number | null;
  /** All numbers received, and the first that was not reported on yet. */
  numbers: Set<number>;
  duplicates: number;
  unreported: number;
}

/**
 * The receiver at the end of a stream, which lies `tapToReceiverNs` behind the tap. The returned function gives the
 * block it would send at a time (ns, never earlier than in the call before), null before the first packet.
 * Counts by RFC 3550 A.3 from the first packet on; a new SSRC or a restart by A.1 begins anew.
 */
export function receptionOf(
  arrived: readonly ArrivedPacket[],
  tapToReceiverNs: number,
  clockRate: number,
): (timeNs: number) => ReportBlock | null {
  let next = 0;
  let state: Reception | null = null;
  return (timeNs) => {
    for (; next < arrived.length && arrived[next]!.timeNs + tapToReceiverNs <= timeNs; next++) {
      const packet = arrived[next]!;
      if (!packet.reachesReceiver || packet.copy === 'mirror') continue;
      if (state === null || state.ssrc !== packet.ssrc || beginsAnew(state, packet)) state = begin(packet);
      take(state, packet, clockRate);
    }
    return state === null ? null : reportOn(state);
  };
}

/** A receiver goes by the numbers alone: what is skipped below `RESTART_JUMP` it takes for lost. */
function beginsAnew({ segment, highest }: Reception, packet: ArrivedPacket): boolean {
  return segment !== packet.segment && packet.extended - highest >= RESTART_JUMP;
}

function begin(packet: ArrivedPacket): Reception {
  return {
    ssrc: packet.ssrc,
    segment: packet.segment,
    base: packet.extended,
    highest: packet.extended,
    received: 0,
    expectedPrior: 0,
    receivedPrior: 0,
    jitter: 0,
    previousTransit: null,
    numbers: new Set(),
    duplicates: 0,
    unreported: packet.extended,
  };
}

function take(state: Reception, packet: ArrivedPacket, clockRate: number): void {
  state.received++;
  if (state.numbers.has(packet.extended)) state.duplicates++;
  state.numbers.add(packet.extended);
  state.highest = Math.max(state.highest, packet.extended);
  if (packet.kind === 'event') return;
  const transit = (Math.round((packet.timeNs / 1e9) * clockRate) - packet.timestamp) | 0;
  if (state.previousTransit !== null) {
    state.jitter += (Math.abs((transit - state.previousTransit) | 0) - state.jitter) / 16;
  }
  state.previousTransit = transit;
}

function reportOn(state: Reception): ReportBlock {
  const expected = state.highest - state.base + 1;
  const expectedInterval = expected - state.expectedPrior;
  const lostInterval = expectedInterval - (state.received - state.receivedPrior);
  state.expectedPrior = expected;
  state.receivedPrior = state.received;
  // A receiver counts wraps from 0 at its own first packet.
  const cyclesBefore = state.base - (state.base % 65536);
  const since: SinceLast = {
    begin: state.unreported,
    end: state.highest + 1,
    received: Array.from({ length: state.highest + 1 - state.unreported }, (_, i) =>
      state.numbers.has(state.unreported + i),
    ),
    duplicates: state.duplicates,
  };
  state.unreported = state.highest + 1;
  state.duplicates = 0;
  return {
    base: state.base,
    highestSent: state.highest,
    since,
    ssrc: state.ssrc,
    fraction:
      expectedInterval === 0 || lostInterval <= 0
        ? 0
        : Math.min(255, Math.floor((256 * lostInterval) / expectedInterval)),
    cumulativeLost: expected - state.received,
    highest: (state.highest - cyclesBefore) % 2 ** 32,
    jitter: Math.floor(state.jitter),
    lastSr: 0,
    delaySinceLastSr: 0,
    expected,
  };
}
