import type { CallState } from './types.ts';

/** After these one side could not hear the other, or the call was cut off. */
const NOT_HELPED: ReadonlySet<string> = new Set([
  'no_media',
  'one_way_media',
  'media_stopped',
  'call_dropped',
]);

/** What the outcome of an emergency call is told by. */
export interface EmergencyFacts {
  state: CallState;
  findings: readonly string[];
  signalling: { emergency: object | null };
}

/**
 * Did an emergency call fail: was it not answered, cut off, or could one side not hear the other? Null for other calls,
 * and for those that are not over.
 */
export function emergencyFailed({ state, findings, signalling }: EmergencyFacts): boolean | null {
  if (signalling.emergency === null || state === 'ringing') return null;
  const helpless = findings.some((code) => NOT_HELPED.has(code));
  if (state === 'open') return helpless ? true : null;
  return state !== 'answered' || helpless;
}
