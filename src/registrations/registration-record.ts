import type { RegistrationRecord } from '../records/signalling-record.ts';
import type { Binding } from './binding.ts';

/** What is known about a binding, for every output. */
export function registrationRecord(binding: Binding): RegistrationRecord {
  return {
    id: `r${binding.number + 1}`,
    aor: binding.aor,
    contact: binding.contact,
    source: binding.device.source,
    registrar: binding.registrar,
    transport: binding.transport,
    userAgent: binding.userAgent,
    state: binding.state,
    startUs: binding.startUs,
    registeredUs: binding.registeredUs,
    refreshedUs: binding.refreshedUs,
    expiresUs: binding.expiresUs,
    expiresS: binding.expiresS,
    attempts: binding.attempts,
    succeeded: binding.succeeded,
    failed: binding.failed,
    unanswered: binding.unanswered,
    returns: binding.returns,
    losses: binding.losses,
    retransmissions: binding.retransmissions,
    redirected: binding.redirected,
    redirectedTo: binding.redirectedTo,
    finalCode: binding.finalCode,
    delayMs:
      binding.succeeded === 0
        ? { mean: null, max: null }
        : { mean: binding.delaySumMs / binding.succeeded, max: binding.delayMaxMs },
  };
}
