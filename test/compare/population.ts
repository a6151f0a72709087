import type { CallSample } from '../../src/compare/call-sample.ts';
import type { Side } from '../../src/compare/compare-sets.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { randomFor } from '../../src/synth/random.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';

/** A call about which nothing is known. */
export function sample(changes: Partial<CallSample> = {}): CallSample {
  return {
    unit: 'call',
    signalled: true,
    jitterP95Ms: null,
    pdvP95Ms: null,
    roundTripMs: null,
    postDialDelayMs: null,
    mediaDelayMs: null,
    mos: {},
    mosP05: {},
    lost: { part: 0, whole: 0 },
    discarded: { part: 0, whole: 0 },
    badTime: { part: 0, whole: 0 },
    answered: { part: 0, whole: 0 },
    effective: { part: 0, whole: 0 },
    findings: [],
    failure: null,
    codecs: ['PCMA'],
    marks: {
      ...{ startUs: null, site: null, trunk: null, direction: null },
      ...{ callerDevice: null, calleeDevice: null, source: null, destination: null },
    },
    ...changes,
  };
}

export function side(
  samples: readonly CallSample[],
  verdict: Side['facts']['trust']['verdict'] = 'trusted',
): Side {
  const reasons = verdict === 'trusted' ? [] : [{ code: 'capture_drops', text: 'packets were dropped' }];
  return {
    facts: { files: ['a.pcap'], startTime: null, endTime: null, chosen: [], trust: { verdict, reasons } },
    samples,
  };
}

/** Calls as they differ from each other: jitter of 5 to 15 ms, loss in every fifth, some refused, some unanswered. */
export function population(seed: number, calls: number, jitterFactor = 1): Uint8Array {
  const random = randomFor(seed, 'population');
  const call = (at: number): CallSpec => {
    const spread = Math.max(-2, Math.min(2, random.gauss()));
    const stream: StreamSpec = {
      jitter: { kind: 'gauss', sigmaMs: 8 * (1 + 0.2 * spread) * jitterFactor },
      loss: { kind: 'random', ratio: random.float() < 0.2 ? 0.02 * random.float() : 0 },
    };
    const drawn = random.float();
    const outcome = drawn < 0.05 ? 'busy' : drawn < 0.08 ? 'not_found' : 'answered';
    const timing = { startMs: at * 200, ringMs: [50 + random.int(400), 500] as [number, number] };
    return outcome === 'answered'
      ? { ...timing, durationMs: 6500, callerToCallee: stream, calleeToCaller: stream }
      : { ...timing, outcome };
  };
  return buildScenario({ seed, calls: Array.from({ length: calls }, (_, at) => call(at)) }).pcap;
}
