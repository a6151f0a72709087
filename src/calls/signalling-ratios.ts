import { type AttemptOutcome, attemptOutcome } from '../records/attempt-outcome.ts';
import { DelaySample } from '../records/delay-sample.ts';
import type { Share, SignallingRecord } from '../records/signalling-record.ts';
import type { CallRecord } from '../records/types.ts';
import type { CallLoad } from './call-load.ts';

const CODES_MAX = 64;

/** What became of one round of REGISTER. */
export type RegistrationOutcome = 'succeeded' | 'failed' | 'ofScan';

/**
 * Ratios and delays of signalling (RFC 6076, E.425, standards section 3), added up over call records. It knows nothing
 * but records, so a live probe may keep one for each trunk or hour. Retransmissions, copies, challenges and re-INVITEs
 * are gone before: a record is one attempt.
 */
export class SignallingRatios {
  private attempts = 0;
  private answered = 0;
  private unresolved = 0;
  private ofScans = 0;
  private redirected = 0;
  private userOutcomes = 0;
  private afterRinging = 0;
  private ineffective = 0;
  private completed = 0;
  private unfinished = 0;
  private bids = 0;
  private retries = 0;
  private retriedAnswered = 0;
  private shortCalls = 0;
  private droppedCalls = 0;
  private loops = 0;
  private emergencyCalls = 0;
  private requests = 0;
  private retransmissions = 0;
  private registered = 0;
  private unregistered = 0;
  private registersOfScans = 0;
  private readonly codes = new Map<string, number>();
  private readonly causes = new Map<string, number>();
  private readonly srdSuccess = new DelaySample();
  private readonly srdFailure = new DelaySample();
  private readonly pdd = new DelaySample();
  private readonly ringing = new DelaySample();
  private readonly sdd = new DelaySample();
  private readonly rrd = new DelaySample();
  private readonly completedSessions = new DelaySample();
  private readonly diedSessions = new DelaySample();

  /** Adds one finished call. */
  add(call: CallRecord): void {
    const { signalling } = call;
    if (signalling.ofScan) {
      this.ofScans++;
      return;
    }
    this.requests += signalling.requests;
    this.retransmissions += signalling.retransmissions;
    if (call.findings.includes('short_call')) this.shortCalls++;
    if (call.findings.includes('call_dropped')) this.droppedCalls++;
    if (signalling.loops > 0) this.loops++;
    if (signalling.emergency !== null) this.emergencyCalls++;
    const cause = signalling.release?.q850Cause ?? null;
    if (cause !== null) count(this.causes, String(cause));
    if (signalling.sessionDisconnectDelayMs !== null) this.sdd.add(signalling.sessionDisconnectDelayMs);
    // Without its INVITE a call is no attempt that this point has seen.
    if (signalling.tries > 0) this.addAttempt(call);
  }

  private addAttempt(call: CallRecord): void {
    const { signalling, state, finalCode } = call;
    if (signalling.retryOf !== null) this.retries++;
    if (finalCode !== null) count(this.codes, String(finalCode));
    const rang = call.setup.postDialDelayMs !== null;
    const answerSeen = call.answerUs !== null;
    const outcome = attemptOutcome({ state, finalCode, answerSeen, rang, ofScan: false });
    if (!outcome.resolved) {
      this.unresolved++;
      return;
    }
    this.attempts++;
    this.bids += signalling.tries - signalling.refusals.filter((code) => code === 401 || code === 407).length;
    this.addDelays(call, outcome);
    if (outcome.answered) {
      this.answered++;
      this.addSession(call);
      return;
    }
    // Busy and declined is the callee's answer, whoever tries again.
    if (signalling.retriedAs !== null && !outcome.userOutcome) this.retriedAnswered++;
    if (outcome.redirected) this.redirected++;
    if (outcome.userOutcome) this.userOutcomes++;
    if (outcome.afterRinging) this.afterRinging++;
    if (outcome.ineffective) this.ineffective++;
  }

  private addDelays(call: CallRecord, { answered, redirected }: AttemptOutcome): void {
    const { signalling, setup } = call;
    const rang = setup.postDialDelayMs !== null;
    // Taken back before it rang: how long it would have taken is not known.
    if (!rang && call.state === 'canceled') return;
    const request = signalling.sessionRequestDelayMs;
    // Sent elsewhere is no failure (RFC 6076 4.3.2 names 4xx, 5xx and 6xx).
    if (request !== null && (answered || rang)) this.srdSuccess.add(request);
    else if (request !== null && !redirected) this.srdFailure.add(request);
    const postDial =
      setup.postDialDelayMs ?? setup.answerDelayMs ?? (call.finalCode === null ? null : call.durationMs);
    if (postDial !== null) this.pdd.add(postDial);
    if (signalling.ringMs !== null && answered) this.ringing.add(signalling.ringMs);
  }

  private addSession(call: CallRecord): void {
    if (call.endUs === null || call.answerUs === null) {
      this.unfinished++;
      return;
    }
    const lengthMs = (call.endUs - call.answerUs) / 1000;
    const complete = call.signalling.sessionDisconnectDelayMs !== null;
    if (complete) this.completed++;
    (complete ? this.completedSessions : this.diedSessions).add(lengthMs);
  }

  /** Adds one round of REGISTER; `delayMs` of a success, its challenge included. */
  addRegistration(outcome: RegistrationOutcome, delayMs: number | null): void {
    if (outcome === 'ofScan') this.registersOfScans++;
    else if (outcome === 'succeeded') this.registered++;
    else this.unregistered++;
    if (outcome === 'succeeded' && delayMs !== null) this.rrd.add(delayMs);
  }

  /** Everything so far. */
  result(load: CallLoad, activeRegistrations: number): SignallingRecord {
    const { attempts, answered } = this;
    const notRedirected = attempts - this.redirected;
    const rounds = this.registered + this.unregistered;
    const effective = answered + this.userOutcomes;
    return {
      vantage: 'midpoint',
      attempts,
      answered,
      unresolved: this.unresolved,
      ofScans: this.ofScans,
      retries: this.retries,
      retriedAnswered: this.retriedAnswered,
      shortCalls: this.shortCalls,
      droppedCalls: this.droppedCalls,
      loops: this.loops,
      emergencyCalls: this.emergencyCalls,
      ratios: {
        ser: share(answered, notRedirected),
        seer: share(effective, notRedirected),
        isa: share(this.ineffective, attempts),
        scr: share(this.completed, attempts - this.unfinished),
        ira: share(this.unregistered, rounds),
        asr: share(answered, attempts),
        ner: share(effective + this.afterRinging, notRedirected),
        abr: share(answered, this.bids),
      },
      delays: {
        srdSuccess: this.srdSuccess.summary(),
        srdFailure: this.srdFailure.summary(),
        pdd: this.pdd.summary(),
        ringing: this.ringing.summary(),
        sdd: this.sdd.summary(),
        rrd: this.rrd.summary(),
      },
      sessions: { completed: this.completedSessions.summary(), died: this.diedSessions.summary() },
      finalCodes: Object.fromEntries(this.codes),
      q850Causes: Object.fromEntries(this.causes),
      retransmissions: { requests: this.requests, retransmissions: this.retransmissions },
      peakCalls: { calls: load.peak, timeUs: orNull(load.peakUs) },
      peakAttempts: { attempts: load.peakAttempts, timeUs: orNull(load.peakAttemptsUs) },
      registrations: {
        attempts: rounds,
        succeeded: this.registered,
        failed: this.unregistered,
        ofScans: this.registersOfScans,
        active: activeRegistrations,
      },
    };
  }
}

function share(numerator: number, denominator: number): Share {
  return { numerator, denominator, ratio: denominator > 0 ? numerator / denominator : null };
}

/** Counts a name; of too many different ones the later are counted as `other`. */
function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < CODES_MAX ? name : 'other';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
