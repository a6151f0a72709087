import type { FindingRecord } from '../../records/types.ts';
import type { CallFacts } from './call-facts.ts';
import { aboutCall } from './finding.ts';

/** One-way delay beyond what conversation tolerates (G.114), from measured round trips only. */
export function delayFinding({ record, thresholds }: CallFacts): FindingRecord | null {
  const { toCaller, toCallee } = record.roundTripSidesMs;
  const sides = [toCaller, toCallee].filter((side) => side !== null);
  if (sides.length === 0) return null;
  const roundTripMs = record.roundTripMs ?? sides.reduce((sum, side) => sum + side, 0);
  const oneWayMs = roundTripMs / 2;
  if (oneWayMs <= thresholds.delayInfoMs) return null;
  const part = sides.length === 2 ? '' : ` (${toCaller === null ? "callee's" : "caller's"} side alone)`;
  return aboutCall(record, null, {
    code: 'high_delay',
    severity: oneWayMs > thresholds.delayWarningMs ? 'warning' : 'info',
    text:
      `${oneWayMs.toFixed(0)} ms one way, half of a measured round trip of ${roundTripMs.toFixed(0)} ms${part}: ` +
      `beyond ${oneWayMs > thresholds.delayWarningMs ? thresholds.delayWarningMs : thresholds.delayInfoMs} ms`,
    evidence: {
      oneWayMs,
      roundTripMs,
      measuredSides: sides.length,
      toCallerMs: toCaller,
      toCalleeMs: toCallee,
    },
  });
}
