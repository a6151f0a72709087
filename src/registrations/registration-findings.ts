import type { FindingCode } from '../records/finding-codes.ts';
import type { FindingRecord, Severity } from '../records/types.ts';
import type { Binding } from './binding.ts';
import type { LostGroup } from './lost-together.ts';
import type { Refusals } from './refusal-counts.ts';

function finding(
  code: FindingCode,
  severity: Severity,
  party: string | null,
  startUs: number,
  endUs: number,
  text: string,
  evidence: FindingRecord['evidence'],
): FindingRecord {
  return {
    code,
    severity,
    callId: null,
    streamId: null,
    direction: null,
    startUs,
    endUs,
    text,
    evidence,
    party,
  };
}

/** Failures of one binding in a row. `recovered`: it got through in the end. */
export function registrationFailed(binding: Binding, endUs: number, recovered: boolean): FindingRecord {
  const { aor, contact, device, userAgent, attempts, redirectedTo } = binding;
  const { startUs, failures, finalCode, waitedMs } = binding.episode!;
  const times = failures === 1 ? '' : ` ${failures} times`;
  const sentOn = finalCode !== null && finalCode >= 300 && finalCode < 400;
  const why = sentOn ? sentOnText(finalCode, redirectedTo) : refusedText(finalCode);
  const after = recovered ? ', then succeeded' : '';
  const text = `registration of ${aor} ${why}${times}${after}`;
  return finding('registration_failed', recovered ? 'info' : 'warning', aor, startUs, endUs, text, {
    aor,
    contact,
    finalCode,
    failures,
    attempts,
    source: device.source,
    userAgent,
    waitedMs,
    redirectedTo: sentOn && redirectedTo.length > 0 ? redirectedTo.join(', ') : null,
    bruteForce: false,
  });
}

function refusedText(finalCode: number | null): string {
  return finalCode === null ? 'got no answer in 32 s' : `was refused with ${finalCode}`;
}

function sentOnText(finalCode: number, redirectedTo: readonly string[]): string {
  if (redirectedTo.length === 0) return `was sent elsewhere (${finalCode}) without a word where`;
  return `was sent to ${redirectedTo.join(', ')} (${finalCode}), and came to nothing there`;
}

/** Many refusals of one host: not a broken telephone but somebody trying the door. */
export function passwordGuessing({ key, others, failures, startUs, lastUs }: Refusals): FindingRecord {
  const users = others.size === 1 ? 'one user' : `${others.size} users`;
  const text = `${key} was refused ${failures} times for ${users} ${withinText(startUs, lastUs)}: it looks like password guessing`;
  return finding('registration_failed', 'info', null, startUs, lastUs, text, {
    source: key,
    failures,
    triedAors: others.size,
    spanMs: (lastUs - startUs) / 1000,
    bruteForce: true,
  });
}

/** The time a count is of: who goes on is not counted further. */
function withinText(startUs: number, endUs: number): string {
  return `within ${Math.max(1, Math.round((endUs - startUs) / 1e6))} s`;
}

/** One user was refused to many hosts: somebody who has many tries one door. */
export function guessingFromManyHosts({ key, others, failures, startUs, lastUs }: Refusals): FindingRecord {
  const text = `${others.size} hosts were refused ${failures} times for ${key} ${withinText(startUs, lastUs)}: it looks like password guessing from many places`;
  return finding('registration_failed', 'info', key, startUs, lastUs, text, {
    aor: key,
    failures,
    triedFrom: others.size,
    spanMs: (lastUs - startUs) / 1000,
    bruteForce: true,
  });
}

/** A binding that ran out. */
export function registrationLost(binding: Binding, nowUs: number): FindingRecord {
  const { aor, contact, device, registeredUs, refreshedUs, expiresUs, expiresS, failing } = binding;
  const overdueMs = (nowUs - expiresUs!) / 1000;
  const why =
    failing === null
      ? `without refresh, and nothing came since (${(overdueMs / 1000).toFixed(0)} s)`
      : `because ${refusedRefreshes(failing.failures, failing.finalCode)}`;
  const text = `registration of ${aor} expired after ${expiresS} s ${why}`;
  return finding('registration_lost', 'warning', aor, expiresUs!, nowUs, text, {
    aor,
    contact,
    source: device.source,
    registeredMs: registeredUs === null ? null : (expiresUs! - registeredUs) / 1000,
    sinceRefreshMs: refreshedUs === null ? null : (nowUs - refreshedUs) / 1000,
    expiresS,
    failures: failing?.failures ?? 0,
    finalCode: failing?.finalCode ?? null,
  });
}

function refusedRefreshes(failures: number, finalCode: number | null): string {
  const refreshes = failures === 1 ? 'its refresh' : `its ${failures} refreshes`;
  if (finalCode === null) return `${refreshes} got no answer`;
  const were = failures === 1 ? 'was' : 'were';
  if (finalCode >= 300 && finalCode < 400) return `${refreshes} ${were} sent elsewhere (${finalCode})`;
  return `${refreshes} ${were} refused with ${finalCode}`;
}

/** Registrations of one network that ran out in one silence. */
export function lostTogether(group: LostGroup, others: number, nowUs: number): FindingRecord {
  const { network, registrar, members, lost } = group;
  let [back, backUs, failures, refusedUs] = [0, 0, 0, Number.POSITIVE_INFINITY];
  let finalCode: number | null = null;
  for (const member of members.values()) {
    const failing = member.failing ?? (member.backUs === null ? member.binding.failing : null);
    if (failing !== null) {
      failures += failing.failures;
      refusedUs = Math.min(refusedUs, failing.startUs);
      finalCode ??= failing.finalCode;
    }
    if (member.backUs === null) continue;
    back++;
    backUs = Math.max(backUs, member.backUs);
  }
  const startUs = Math.min(Math.max(group.refreshedUs, failures > 0 ? refusedUs : 0), group.expiresUs);
  const isAllBack = back === lost;
  const endUs = isAllBack ? backUs : nowUs;
  const silentMs = (endUs - startUs) / 1000;
  const why =
    failures === 0
      ? 'none of them was refreshed'
      : finalCode === null
        ? `${failures} refreshes got no answer`
        : `${failures} refreshes were refused with ${finalCode}`;
  const until = isAllBack ? 'until all were back' : `${back === 0 ? 'none' : back} came back so far`;
  const all = others === 0 ? `all ${lost}` : `${lost} of the ${lost + others}`;
  const text = `${all} registrations from ${network} at ${registrar} were lost together: ${why} in ${(silentMs / 1000).toFixed(0)} s, ${until}`;
  return finding('registrations_lost_together', 'warning', null, startUs, endUs, text, {
    ...{ network, registrar, lost, others, back, silentMs, failures, finalCode },
  });
}

/**
 * Somebody else's registration in place of one that is alive, and is in the answer no more.
 * @param isCertain the registrar is known to list all contacts of a user
 */
export function takenOver(
  binding: Binding,
  source: string,
  earlier: Binding,
  isCertain: boolean,
  nowUs: number,
): FindingRecord {
  const { aor, contact, userAgent } = binding;
  const earlierExpiresInMs = (earlier.expiresUs! - nowUs) / 1000;
  const doubt = isCertain ? '' : '; whether this registrar lists all contacts of a user was not seen';
  const text = `${aor} was registered from ${earlier.registeredFrom} (${earlier.userAgent}), and is from ${source} (${userAgent}) in its place: the earlier one had another ${(earlierExpiresInMs / 1000).toFixed(0)} s, was not removed, and is not listed any more${doubt}`;
  return finding('registration_taken_over', isCertain ? 'warning' : 'info', aor, nowUs, nowUs, text, {
    ...{ aor, contact, source, userAgent },
    earlierContact: earlier.contact,
    earlierSource: earlier.registeredFrom,
    earlierUserAgent: earlier.userAgent,
    earlierExpiresInMs,
    listsOthers: isCertain,
  });
}

/** A device that comes and goes. */
export function registrationFlapping(binding: Binding, nowUs: number): FindingRecord {
  const { aor, contact, device, recentReturns, returns, expiresS } = binding;
  const startUs = recentReturns[0]!;
  const spanMs = (nowUs - startUs) / 1000;
  const text = `${aor} came back ${recentReturns.length} times within ${(spanMs / 1000).toFixed(0)} s after it was gone or with another contact`;
  return finding('registration_flapping', 'warning', aor, startUs, nowUs, text, {
    aor,
    contact,
    source: device.source,
    returns,
    spanMs,
    expiresS,
  });
}
