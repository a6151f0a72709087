import { DEFAULT_MARKING, type MarkingPolicy } from '../calls/marking.ts';
import { dscpOf } from '../records/dscp.ts';

/** The policy that names of markings (`EF`, `CS3`, `40`) stand for; the defaults for traffic of which nothing is said. */
export function markingPolicy(named: {
  voice?: readonly string[];
  signalling?: readonly string[];
}): MarkingPolicy {
  const { voice, signalling } = named;
  return {
    voice: voice?.map(dscpOf) ?? DEFAULT_MARKING.voice,
    signalling: signalling?.map(dscpOf) ?? DEFAULT_MARKING.signalling,
  };
}
