import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { type Replayed, replayed } from '../engine/replayed.ts';

/** Two calls with all that can go wrong in a tunnel: UDP and TCP signalling, RTCP, digits, loss, reordering. */
export function callsToWrap(version: 4 | 6): Scenario {
  return {
    seed: 11,
    ipv6: version === 6,
    calls: [
      {
        callId: 'wrapped-udp@example.com',
        durationMs: 3000,
        ringMs: [60, 400],
        rtcp: { intervalMs: 800, tapToCallerMs: 3, tapToCalleeMs: 20 },
        dtmf: { atMs: 900, digits: '4#' },
        callerToCallee: { loss: { kind: 'exact', positions: [40, 41, 42, 90] }, dscp: 46, ttl: 61 },
        calleeToCaller: { jitter: { kind: 'uniform', maxMs: 12 }, reorder: { positions: [50], by: 2 } },
      },
      {
        callId: 'wrapped-tcp@example.com',
        startMs: 500,
        durationMs: 1500,
        transport: 'tcp',
        codec: 'G729',
        caller: { ip: '192.0.2.33', rtpPort: 7000 },
        callee: { ip: '192.0.2.34', rtpPort: 7002 },
      },
    ],
  };
}

export function captureToWrap(version: 4 | 6): Uint8Array {
  return buildScenario(callsToWrap(version)).pcap;
}

/** A replay without what may differ when the same packets come another way. */
export interface Essence {
  streams: unknown[];
  calls: unknown[];
  findings: unknown[];
  decoded: unknown;
  discarded: unknown;
}

/** All of a replay but the way the packets came, and how many octets and fragments that took. */
export function essenceOf(replay: Replayed): Essence {
  return {
    streams: replay.streams.map(({ vlans: _, encapsulation: __, tunnel: ___, intervals, ...rest }) => ({
      ...rest,
      intervals: Array.from({ length: intervals.length }, (_____, i) => intervals.at(i)),
    })),
    calls: replay.calls,
    findings: replay.findings,
    decoded: replay.account.decoded,
    discarded: replay.account.discarded,
  };
}

export function essence(pcap: Uint8Array): Essence {
  return essenceOf(replayed(pcap));
}
