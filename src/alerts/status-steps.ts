import type { StatusInput } from './input.ts';

/** What a status counted since the one before. */
export interface StatusStep {
  packets: number;
  dropped: number;
  recordsDropped: number;
  restarts: number;
  rounds: number;
  registrationsSucceeded: number;
  registrationsFailed: number;
}

const NO_ROUNDS = { succeeded: 0, failed: 0, ofScans: 0 };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The counts of a status since the start of the probe. */
export function totalsOf(status: StatusInput): StatusStep {
  const { succeeded, failed, ofScans = 0 } = status.registrationRounds ?? NO_ROUNDS;
  return {
    packets: status.packets,
    dropped: status.dropped ?? 0,
    recordsDropped: sum(Object.values(status.records.dropped)),
    restarts: status.restarts,
    rounds: succeeded + failed + ofScans,
    registrationsSucceeded: succeeded,
    registrationsFailed: failed,
  };
}

/**
 * What came since the status before. A count below the one before began anew. The first status after a start says how
 * things stand, not what happened.
 */
export function stepOf(before: StatusStep | null, now: StatusStep): StatusStep {
  const names = Object.keys(now) as (keyof StatusStep)[];
  const step = { ...now };
  for (const name of names) {
    const last = before === null ? now[name] : before[name];
    step[name] = now[name] >= last ? now[name] - last : now[name];
  }
  return step;
}
