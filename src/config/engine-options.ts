import type { SignallingChanges } from '../calls/options.ts';
import type { EngineOptions } from '../engine/engine.ts';
import { markingPolicy } from '../engine/marking.ts';
import type { ScoringOptions } from '../engine/scoring.ts';
import type { EarshotConfig } from './earshot-schema.ts';
import { groupHeaders } from './serving-schema.ts';

/** The engine as it is configured. */
export interface ConfiguredEngine extends EngineOptions {
  scoring: Omit<ScoringOptions, 'echo'>;
  signalling: SignallingChanges;
}

/** What a configuration sets of the engine. Keys and ciphers for TLS are the caller's. */
export function engineOptions({
  quality,
  signalling,
  thresholds,
  limits,
  privacy,
  groups,
  marking,
}: EarshotConfig): ConfiguredEngine {
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
      telephones: signalling.telephones,
      legHeaders: signalling.legHeaders.map((name) => name.toLowerCase()),
      legWindowUs: signalling.legWindow * 1000,
      marking: markingPolicy(marking),
      keptHeaders: groupHeaders({ groups }),
    },
    showDigits: privacy.showDigits,
  };
}
