import { formatAddress } from './address.ts';
import { contactOf, registrationName } from './registrations.ts';
import { type ResolvedCall, wireAddress } from './resolve.ts';
import type { Scenario } from './scenario.ts';
import type { RegistrationSpec, TrunkSpec } from './signalling-spec.ts';
import { inviteRepeats, otherRepeats, repeatsOfMethod, TIMEOUT_MS } from './timers.ts';
import type { SignallingTruth } from './truth.ts';

/** What the scenario asked of signalling, counted from the scenario alone. */
export function signallingTruth(scenario: Scenario, calls: readonly ResolvedCall[]): SignallingTruth {
  return {
    calls: calls.filter(({ outcome }) => outcome !== 'none' && outcome !== 'midcall').map(callTruth),
    registrations: (scenario.registrations ?? []).map((spec, i) => registrationTruth(scenario, spec, i)),
    trunks: (scenario.trunks ?? []).map((spec) => trunkTruth(scenario, spec)),
  };
}

function callTruth(call: ResolvedCall): SignallingTruth['calls'][number] {
  const { refusals = [], resend = [], noAck, byeUnanswered, requests = [], transfer } = call.signalling;
  let repeated = resend.reduce((sum, { copies }) => sum + copies, 0);
  if (call.outcome === 'unreachable') repeated += inviteRepeats().length;
  const untilMs = Math.min(call.byeMs - call.answerMs, TIMEOUT_MS);
  const finals = noAck ? otherRepeats().filter((after) => after < untilMs).length : 0;
  if (byeUnanswered) repeated += otherRepeats().length;
  for (const { method, answer } of requests) if (answer === null) repeated += repeatsOfMethod(method).length;
  if (transfer?.answer === null) repeated += otherRepeats().length;
  return {
    callId: call.callId,
    tries: 1 + refusals.length,
    // TCP repeats no request; a 200 is repeated all the same (RFC 3261 13.3.1.4).
    repeated: finals + (call.transport === 'tcp' ? copiesOf200(call) : repeated),
  };
}

function copiesOf200({ signalling }: ResolvedCall): number {
  return signalling.resend?.find(({ message }) => message === '200')?.copies ?? 0;
}

function registrationTruth(
  scenario: Scenario,
  spec: RegistrationSpec,
  index: number,
): SignallingTruth['registrations'][number] {
  const rounds = spec.events.filter(({ kind }) => kind === 'register');
  const succeeded = rounds.filter(({ answer = 200 }) => answer === 200);
  return {
    aor: registrationName(spec),
    contact: contactOf(scenario, spec, index, spec.events[0]?.port),
    succeeded: succeeded.length,
    failed: rounds.length - succeeded.length,
  };
}

function trunkTruth(scenario: Scenario, spec: TrunkSpec): SignallingTruth['trunks'][number] {
  return {
    src: formatAddress(wireAddress(scenario, spec.srcIp)),
    dst: formatAddress(wireAddress(scenario, spec.dstIp)),
    requests: spec.count,
    answered: spec.count - (spec.unanswered?.length ?? 0),
  };
}
