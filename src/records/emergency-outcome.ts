import type { CallState, Severity } from './types.ts';

/** After these one side could not hear the other, or the call was cut off, however short that was. */
const NOT_HELPED: ReadonlySet<string> = new Set([
  'no_media',
  'one_way_media',
  'media_stopped',
  'call_dropped',
  'codec_negotiation_failed',
]);

/** What the outcome of an emergency call is told by. */
export interface EmergencyFacts {
  state: CallState;
  findings: readonly string[];
  /** That of the gravest of them; not in what earlier versions wrote. */
  severity?: Severity | null;
  signalling: { emergency: object | null; ofScan?: boolean };
}

/**
 * Did an emergency call fail: was it not answered, cut off, could one side not hear the other, or is there anything
 * critical about it? Null for other calls, for those that are not over, and where a scan tried the
 * number.
 */
export function emergencyFailed({ state, findings, severity, signalling }: EmergencyFacts): boolean | null {
  if (signalling.emergency === null || state === 'ringing' || signalling.ofScan === true) return null;
  const helpless = severity === 'critical' || findings.some((code) => NOT_HELPED.has(code));
  if (state === 'open') return helpless ? true : null;
  return state !== 'answered' || helpless;
}
