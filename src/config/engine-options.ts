import type { EngineOptions } from '../engine/engine.ts';
import type { EarshotConfig } from './earshot-schema.ts';
import { groupHeaders } from './serving-schema.ts';

/** What a configuration sets of the engine. Keys and ciphers for TLS are the caller's. */
export function engineOptions({
  quality,
  signalling,
  thresholds,
  limits,
  privacy,
  groups,
}: EarshotConfig): EngineOptions {
  return {
    scoring: {
      plc: quality.plc,
      plcByCodec: quality.plcByCodec,
      playout: quality.playout,
      assumedDelayMs: quality.assumeDelay ? quality.assumedDelay : null,
      badR: quality.badR,
    },
    rtp: {
      peek: privacy.payload,
      streamsMax: limits.streams,
      idleUs: limits.streamIdle * 1000,
      claimedIdleUs: limits.claimedStreamIdle * 1000,
    },
    signalling: {
      thresholds,
      emergencyNumbers: signalling.emergencyNumbers,
      legHeaders: signalling.legHeaders.map((name) => name.toLowerCase()),
      legWindowUs: signalling.legWindow * 1000,
      keptHeaders: groupHeaders({ groups }),
    },
    showDigits: privacy.showDigits,
  };
}
