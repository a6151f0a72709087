import type { RegistrationState } from '../records/signalling-record.ts';
import type { Endpoint } from '../records/types.ts';
import { userAgent } from '../sip/accessors.ts';
import type { SipMessage } from '../sip/message.ts';
import type { RegistrationThresholds } from './thresholds.ts';

const AGENT_CHARACTERS_MAX = 128;

/** What tells a device from the next one of the same user. */
export interface DeviceIdentity {
  /** Call-ID of its REGISTERs, which stays while it runs (RFC 3261 10.2). */
  callId: string;
  /** +sip.instance (RFC 5626), and the host it sends from. */
  instance: string | null;
  /** Which of its flows (reg-id); null where it has one. */
  flow: string | null;
  source: string | null;
}

/** One address of record at one contact. */
export interface Binding {
  readonly number: number;
  readonly aor: string;
  readonly contact: string | null;
  device: DeviceIdentity;
  registrar: Endpoint | null;
  transport: string | null;
  userAgent: string | null;
  state: RegistrationState;
  readonly startUs: number;
  lastUs: number;
  registeredUs: number | null;
  /** Where the newest REGISTER that succeeded came from. */
  registeredFrom: string | null;
  refreshedUs: number | null;
  expiresUs: number | null;
  expiresS: number | null;
  attempts: number;
  succeeded: number;
  failed: number;
  unanswered: number;
  returns: number;
  losses: number;
  retransmissions: number;
  /** Answers that sent the device elsewhere, and where the newest did. */
  redirected: number;
  redirectedTo: readonly string[];
  /** The newest of them led where the tap does not look: whether it is registered there is not known. */
  outOfSight: boolean;
  finalCode: number | null;
  /** Sum and largest of the delays of the successes, ms. */
  delaySumMs: number;
  delayMaxMs: number;
  /** Times of the newest returns, oldest first. */
  recentReturns: number[];
  /** Failures since the last success that were not told yet, and when they began. */
  episode: { startUs: number; failures: number; finalCode: number | null; waitedMs: number | null } | null;
  /** The failures since the last success were told. */
  told: boolean;
  /** All failures since the last success, told or not. */
  failing: { startUs: number; failures: number; finalCode: number | null } | null;
  /** Challenges in a row that the device did not answer. */
  ignored: number;
}

/** A binding of which only the wish is known. */
export function createBinding(
  number: number,
  aor: string,
  contact: string | null,
  device: DeviceIdentity,
  timeUs: number,
): Binding {
  return {
    number,
    aor,
    contact,
    device,
    registrar: null,
    transport: null,
    userAgent: null,
    state: 'unknown',
    startUs: timeUs,
    lastUs: timeUs,
    registeredUs: null,
    registeredFrom: null,
    refreshedUs: null,
    expiresUs: null,
    expiresS: null,
    attempts: 0,
    succeeded: 0,
    failed: 0,
    unanswered: 0,
    returns: 0,
    losses: 0,
    retransmissions: 0,
    redirected: 0,
    redirectedTo: [],
    outOfSight: false,
    finalCode: null,
    delaySumMs: 0,
    delayMaxMs: 0,
    recentReturns: [],
    episode: null,
    told: false,
    failing: null,
    ignored: 0,
  };
}

/** A round begins that asks for a binding, or goes on for this one: with `message`, sent to `registrar`. */
export function noteAsked(
  binding: Binding,
  message: SipMessage,
  registrar: Endpoint | null,
  timeUs: number,
): void {
  binding.attempts++;
  binding.lastUs = timeUs;
  binding.transport = message.via[0]?.transport ?? binding.transport;
  binding.userAgent = userAgent(message)?.slice(0, AGENT_CHARACTERS_MAX) ?? binding.userAgent;
  binding.registrar = registrar ?? binding.registrar;
}

/** An answer sends the device of a binding elsewhere. */
export function noteRedirected(
  binding: Binding,
  status: number | null,
  targets: readonly { party: string }[],
): void {
  binding.redirected++;
  binding.redirectedTo = targets.map(({ party }) => party);
  binding.finalCode = status;
}

/** The device of a binding came back. @returns whether it comes and goes */
export function isFlapping(
  { recentReturns }: Binding,
  thresholds: RegistrationThresholds,
  timeUs: number,
): boolean {
  const { flappingReturns, flappingWindowMs } = thresholds;
  while (recentReturns.length > 0 && timeUs - recentReturns[0]! > flappingWindowMs * 1000)
    recentReturns.shift();
  recentReturns.push(timeUs);
  return recentReturns.length >= flappingReturns;
}
