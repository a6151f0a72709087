import type { RegistrationState } from '../records/signalling-record.ts';
import type { Endpoint } from '../records/types.ts';

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
    finalCode: null,
    delaySumMs: 0,
    delayMaxMs: 0,
    recentReturns: [],
    episode: null,
    told: false,
    ignored: 0,
  };
}
