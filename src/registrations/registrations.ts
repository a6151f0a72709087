import type { FindingRecord } from '../records/types.ts';
import { isStaleChallenge } from '../sip/accessors.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { branchDigest, TRANSACTION_TIMEOUT_US } from '../sip/transaction.ts';
import {
  type Attempt,
  continueAttempt,
  continues,
  createAttempt,
  type WantedContact,
  wantedContacts,
} from './attempt.ts';
import { type Binding, isFlapping, noteAsked, noteRedirected } from './binding.ts';
import { BindingTable } from './binding-table.ts';
import { Failures } from './failures.ts';
import { grantedExpires } from './granted.ts';
import type { RegistrationListener } from './listener.ts';
import { LostTogether } from './lost-together.ts';
import { type RedirectTarget, redirectTargets } from './redirects.ts';
import { registrationFlapping, registrationLost } from './registration-findings.ts';
import { registrationRecord } from './registration-record.ts';
import { TakenOver } from './taken-over.ts';
import { DEFAULT_REGISTRATION_THRESHOLDS, type RegistrationThresholds } from './thresholds.ts';

const ATTEMPTS_MAX = 100_000;
/** A timer's copy is no closer than this. */
const TIMER_MIN_US = 80_000;
/** Where the capture ends so soon after a challenge, nobody knows. */
const LAST_PATIENCE_US = 2_000_000;
/** Credentials refused so often within one round will not be accepted any more. */
const REFUSED_MAX = 2;
/** Challenges in a row that a device does not answer: it will not. */
const IGNORED_MAX = 3;
/** Sent on so often within one round, it is sent in a circle. */
const REDIRECTS_MAX = 5;
/** Without any packet for so long the capture was interrupted: what expired meanwhile may have been refreshed. */
const BREAK_US = 600_000_000;
/** A REGISTER sent again so often counts as unanswered where the capture ends. */
const VAIN_COPIES = 5;

/** Follows REGISTER (RFC 3261 10): who is registered where and until when, and what goes wrong with it. */
export class Registrations {
  readonly table = new BindingTable((displaced) => {
    this.failures.tell(displaced, displaced.lastUs, false);
    this.listener.registrationEnded(registrationRecord(displaced));
  });
  /** Bindings registered when the capture was over, and before that now. */
  get activeNow(): number {
    return this.finalActive ?? this.table.active;
  }

  /** Rounds given up because too many were under way. */
  refused = 0;
  private readonly attempts = new Map<string, Attempt>();
  private readonly failures: Failures;
  private readonly together: LostTogether;
  private readonly takenOver = new TakenOver(this.table);
  private readonly listener: RegistrationListener;
  private readonly thresholds: RegistrationThresholds;
  private sweptUs = Number.NaN;
  private finalActive: number | null = null;

  constructor(listener: RegistrationListener, thresholds: Partial<RegistrationThresholds> = {}) {
    this.listener = listener;
    this.thresholds = { ...DEFAULT_REGISTRATION_THRESHOLDS, ...thresholds };
    const told = (finding: FindingRecord): void => this.listener.registrationFinding(finding);
    this.failures = new Failures(this.table, this.thresholds, listener);
    this.together = new LostTogether(this.table, this.thresholds, told);
  }

  /** Takes one REGISTER or response to one, in capture order. */
  message(message: SipMessage, timeUs: number, hop: Hop | null): void {
    const aor = partyOf(message.to);
    if (aor === null) return;
    const key = `${message.callId} ${aor}`;
    if (message.kind === 'request') this.request(key, aor, message, timeUs, hop);
    else this.response(key, message, timeUs);
  }

  private request(key: string, aor: string, message: SipMessage, timeUs: number, hop: Hop | null): void {
    const known = this.attempts.get(key);
    if (known !== undefined && message.cseq <= known.cseq) {
      this.repeat(known, message, timeUs);
      return;
    }
    const contacts = wantedContacts(message);
    if (known !== undefined && continues(known, message, hop)) {
      this.goOn(known, contacts, message, timeUs, hop);
      return;
    }
    if (known !== undefined) {
      // The last round is over, or got no answer, and here is the next.
      if (known.settledUs === null) this.giveUp(known, timeUs);
      this.attempts.delete(key);
    }
    const attempt = createAttempt(message, aor, contacts, hop, timeUs);
    // A REGISTER without contact only asks.
    if (contacts.length === 0 && !attempt.removesAll) return;
    if (this.attempts.size >= ATTEMPTS_MAX) {
      this.refused++;
      return;
    }
    this.attempts.set(key, attempt);
    this.ask(attempt, contacts, message, timeUs);
  }

  private goOn(
    attempt: Attempt,
    contacts: readonly WantedContact[],
    message: SipMessage,
    timeUs: number,
    hop: Hop | null,
  ): void {
    const before = attempt.contacts;
    continueAttempt(attempt, message, contacts, hop, timeUs);
    const isIn = (list: readonly WantedContact[], key: string | null): boolean =>
      list.some((contact) => contact.key === key);
    for (const { key } of before) if (!isIn(contacts, key)) this.table.dismiss(attempt.aor, key);
    const added = contacts.filter(({ key }) => !isIn(before, key));
    this.ask(attempt, added, message, timeUs);
    for (const binding of this.bindingsOf(attempt))
      binding.registrar = attempt.destination ?? binding.registrar;
  }

  /** Notes at the bindings that they are asked for. */
  private ask(
    attempt: Attempt,
    contacts: readonly WantedContact[],
    message: SipMessage,
    timeUs: number,
  ): void {
    for (const contact of contacts) {
      const binding = this.bindingOf(attempt, contact, timeUs);
      if (binding !== null) noteAsked(binding, message, attempt.destination, timeUs);
    }
  }

  private repeat(attempt: Attempt, message: SipMessage, timeUs: number): void {
    if (message.cseq !== attempt.cseq || branchDigest(message) !== attempt.branch) return;
    if (timeUs - attempt.lastUs < TIMER_MIN_US || message.via[0]?.transport !== 'UDP') return;
    attempt.lastUs = timeUs;
    attempt.copies++;
    for (const binding of this.bindingsOf(attempt)) binding.retransmissions++;
  }

  private response(key: string, message: SipMessage, timeUs: number): void {
    const attempt = this.attempts.get(key);
    const status = message.status ?? 0;
    if (attempt === undefined || attempt.settledUs !== null) return;
    if (message.cseq !== attempt.cseq || status < 200) return;
    if (branchDigest(message) !== attempt.branch || attempt.challengedUs !== null) return;
    attempt.finalCode = status;
    if (status === 401 || status === 407) {
      this.challenged(attempt, message, timeUs);
    } else if (status === 423 && attempt.tooBrief === 0) {
      attempt.challengedUs = timeUs;
      attempt.tooBrief++;
    } else if (status >= 300 && status < 400) {
      this.redirected(attempt, message, timeUs);
    } else {
      attempt.settledUs = timeUs;
      if (status < 300) this.succeed(attempt, message, timeUs);
      else this.fail(attempt, timeUs);
    }
  }

  /** Sent elsewhere: the round goes on there. */
  private redirected(attempt: Attempt, message: SipMessage, timeUs: number): void {
    attempt.targets = redirectTargets(message);
    for (const binding of this.bindingsOf(attempt)) noteRedirected(binding, message.status, attempt.targets);
    attempt.challengedUs = timeUs;
    if (attempt.targets.length > 0 && ++attempt.redirects <= REDIRECTS_MAX) return;
    attempt.settledUs = timeUs;
    this.fail(attempt, timeUs);
  }

  /** Nobody was seen to go where the last answer of a round leads. */
  private notFollowed(attempt: Attempt, timeUs: number): void {
    const { targets, challengedUs } = attempt;
    const bindings = this.bindingsOf(attempt);
    // A device may follow with another Call-ID (RFC 3261 8.1.3.4).
    if (bindings.some(({ refreshedUs }) => refreshedUs !== null && refreshedUs >= challengedUs!)) return;
    const isInSight = ({ digest }: RedirectTarget): boolean =>
      digest !== null && this.listener.answersVisible(digest);
    if (targets.every(isInSight)) this.fail(attempt, timeUs);
    else for (const binding of bindings) binding.outOfSight = true;
  }

  private challenged(attempt: Attempt, message: SipMessage, timeUs: number): void {
    attempt.challengedUs = timeUs;
    if (!attempt.credentials) return;
    // Once in a round is normal. Where every nonce is too old, registrars do not know those of each other.
    if (isStaleChallenge(message) && attempt.stale++ === 0) return;
    attempt.refusedCredentials++;
    this.failures.tried(attempt, timeUs);
    if (attempt.refusedCredentials < REFUSED_MAX) return;
    attempt.settledUs = timeUs;
    this.fail(attempt, timeUs);
  }

  private succeed(attempt: Attempt, message: SipMessage, timeUs: number): void {
    const delayMs = Math.max(0, timeUs - attempt.firstUs) / 1000;
    let registers = false;
    if (attempt.removesAll) for (const each of this.table.ofAor(attempt.aor)) this.remove(each, timeUs);
    for (const contact of attempt.contacts) {
      const binding = this.bindingOf(attempt, contact, timeUs);
      if (binding === null) continue;
      const expiresS = grantedExpires(message, contact);
      // Who takes a registration back has not come back.
      if (expiresS > 0) this.together.back(attempt.aor, timeUs);
      this.failures.recover(binding, timeUs);
      binding.finalCode = message.status;
      if (expiresS === 0) {
        this.remove(binding, timeUs);
        continue;
      }
      registers = true;
      const taken = this.takenOver.look(binding, attempt, message, timeUs);
      if (taken !== null) this.listener.registrationFinding(taken);
      binding.succeeded++;
      binding.delaySumMs += delayMs;
      binding.delayMaxMs = Math.max(binding.delayMaxMs, delayMs);
      this.register(attempt, binding, expiresS, timeUs);
    }
    this.listener.registrationAttempt('succeeded', registers ? delayMs : null);
  }

  private register(attempt: Attempt, binding: Binding, expiresS: number, timeUs: number): void {
    const isReturn = this.table.register(binding, attempt, expiresS, timeUs);
    if (!isReturn || !isFlapping(binding, this.thresholds, timeUs)) return;
    this.listener.registrationFinding(registrationFlapping(binding, timeUs));
    binding.recentReturns = [];
  }

  private remove(binding: Binding, timeUs: number): void {
    binding.state = 'unregistered';
    binding.expiresUs = binding.registeredUs === null ? null : timeUs;
    binding.lastUs = timeUs;
  }

  /** Is a host told as somebody who guesses passwords? */
  isGuessing(source: string | null, atUs: number): boolean {
    return source !== null && this.failures.guessing.isAttack(source, atUs);
  }

  private fail(attempt: Attempt, timeUs: number): void {
    const bindings = this.bindingsOf(attempt);
    const { source, firstUs } = attempt;
    const agent = bindings[0]?.userAgent ?? null;
    const isScan = this.listener.isScan(source, agent, firstUs) || this.isGuessing(source, timeUs);
    this.listener.registrationAttempt(isScan ? 'ofScan' : 'failed', null);
    this.failures.add(attempt, bindings, timeUs);
  }

  /** A round without final response is over. */
  private giveUp(attempt: Attempt, timeUs: number): void {
    attempt.settledUs = timeUs;
    if (attempt.targets.length > 0) {
      this.notFollowed(attempt, timeUs);
      return;
    }
    if (attempt.challengedUs !== null) {
      if (attempt.refusedCredentials > 0 || this.isLost(attempt)) this.fail(attempt, timeUs);
      // Who asks and never answers the challenge looks for users that exist.
      else this.failures.tried(attempt, timeUs);
      return;
    }
    const patient = timeUs - attempt.firstUs >= TRANSACTION_TIMEOUT_US || attempt.copies > 0;
    const visible = attempt.host !== null && this.listener.answersVisible(attempt.host);
    if (patient && (attempt.copies > 0 || visible)) this.fail(attempt, timeUs);
  }

  /** A challenge was not answered: whether that was to be. People may be asked for a password, devices know theirs. */
  private isLost(attempt: Attempt): boolean {
    if (attempt.finalCode === 423) return true;
    let most = 0;
    for (const binding of this.bindingsOf(attempt)) most = Math.max(most, ++binding.ignored);
    return most >= IGNORED_MAX;
  }

  /** Capture time moves on: rounds without answer end, bindings expire, failures are told. */
  sweep(timeUs: number): void {
    const interrupted = timeUs - this.sweptUs > BREAK_US;
    for (const [key, attempt] of this.attempts) {
      const ageUs = timeUs - attempt.firstUs;
      if (Math.abs(ageUs) < TRANSACTION_TIMEOUT_US) break;
      // A clock that was set back must not keep them, nor those behind them.
      if (interrupted || ageUs < 0) this.attempts.delete(key);
      else this.settle(key, attempt, timeUs);
    }
    const graceUs = this.thresholds.graceMs * 1000;
    for (const binding of this.table.expired(timeUs - graceUs)) {
      // A round that begins again and again keeps nothing alive.
      const isOverdue = timeUs - binding.expiresUs! >= graceUs + TRANSACTION_TIMEOUT_US;
      if (interrupted) binding.state = 'unknown';
      else if (isOverdue || !this.isPending(binding)) this.lose(binding, timeUs);
    }
    this.sweptUs = timeUs;
    this.failures.sweep(timeUs);
    this.together.sweep(timeUs);
    for (const gone of this.table.forgotten(timeUs))
      this.listener.registrationEnded(registrationRecord(gone));
  }

  private settle(key: string, attempt: Attempt, timeUs: number): void {
    const { settledUs, challengedUs, lastUs } = attempt;
    if (settledUs !== null) {
      if (timeUs - settledUs > TRANSACTION_TIMEOUT_US) this.attempts.delete(key);
    } else if (timeUs - (challengedUs ?? lastUs) >= TRANSACTION_TIMEOUT_US) {
      // Devices answer a challenge at once; people who are asked for a password do not.
      this.giveUp(attempt, timeUs);
    }
  }

  /** Is the next round of a binding's device under way? */
  private isPending({ device, aor }: Binding): boolean {
    return this.attempts.get(`${device.callId} ${aor}`)?.settledUs === null;
  }

  private lose(binding: Binding, timeUs: number): void {
    if (this.table.isSucceeded(binding)) {
      binding.state = 'replaced';
      return;
    }
    if (binding.outOfSight) {
      binding.state = 'unknown';
      return;
    }
    binding.state = 'expired';
    binding.losses++;
    this.listener.registrationFinding(registrationLost(binding, timeUs));
    this.together.lost(binding, timeUs);
  }

  /** The capture is over: everything is told and reported. */
  finish(nowUs: number): void {
    this.sweep(nowUs);
    for (const attempt of this.attempts.values()) {
      const { challengedUs, settledUs, copies } = attempt;
      if (settledUs !== null) continue;
      const over = challengedUs === null ? copies >= VAIN_COPIES : nowUs - challengedUs >= LAST_PATIENCE_US;
      if (over) this.giveUp(attempt, nowUs);
    }
    this.attempts.clear();
    this.failures.finish(nowUs);
    this.together.finish(nowUs);
    this.finalActive = this.table.active;
    for (const binding of this.table.all()) this.listener.registrationEnded(registrationRecord(binding));
    this.table.clear();
  }

  private bindingOf(attempt: Attempt, contact: WantedContact, timeUs: number): Binding | null {
    const { instance, flow } = contact;
    const device = { callId: attempt.callId, instance, flow, source: attempt.source };
    return this.table.open(attempt.aor, contact, device, timeUs);
  }

  private bindingsOf(attempt: Attempt): Binding[] {
    return attempt.contacts
      .map((contact) => this.table.find(attempt.aor, contact.key))
      .filter((binding) => binding !== null);
  }
}
