import type { DelaySummary } from './delay-sample.ts';
import type { Endpoint } from './types.ts';

/** A share with what it is made of; the ratio is null where there was nothing to divide by. */
export interface Share {
  numerator: number;
  denominator: number;
  ratio: number | null;
}

/** Signalling over a whole capture, as seen at one point on the way (RFC 6076, ITU-T E.425, standards section 3). */
export interface SignallingRecord {
  /** Between the ends: times run from the first sight of a request to the last sight of its answer. */
  vantage: 'midpoint';
  /** Call attempts with a known outcome. A challenged, redirected or otherwise repeated INVITE is one attempt. */
  attempts: number;
  answered: number;
  /** Attempts whose outcome the capture does not show; they are in no ratio. */
  unresolved: number;
  /** Calls that were part of a scan (`sip_scan`); they are in no other figure here but the peaks. */
  ofScans: number;
  /** Calls that try again what has just failed. */
  retries: number;
  /** Attempts that failed and were answered at a retry. In the ratios they are failures: those count attempts (RFC 6076). */
  retriedAnswered: number;
  /** Short calls (5 s), dropped calls, forwarding loops, emergency calls. */
  shortCalls: number;
  droppedCalls: number;
  loops: number;
  emergencyCalls: number;
  ratios: {
    /** Session Establishment Ratio: answered / (attempts - redirected). */
    ser: Share;
    /** Session Establishment Effectiveness Ratio: answered, 480, 486, 600, 603 / (attempts - redirected). */
    seer: Share;
    /** Ineffective Session Attempts: 408, 500, 503, 504 and timeouts / attempts. */
    isa: Share;
    /** Session Completion Ratio: sessions that ended with an answered BYE / attempts whose session is over. */
    scr: Share;
    /** Ineffective Registration Attempts: failed / all registrations attempted. */
    ira: Share;
    /** Answer-seizure ratio: answered / attempts. */
    asr: Share;
    /** Network efficiency ratio: answered, 480, 486, 600, 603, and 487 or 408 after ringing / (attempts - redirected). */
    ner: Share;
    /** Answer-bid ratio: answered / INVITEs tried, each try counted but for those that were challenged. */
    abr: Share;
  };
  delays: {
    /** Session request delay of attempts that were answered or rang, and of those that failed. */
    srdSuccess: DelaySummary;
    srdFailure: DelaySummary;
    /** Post-dial delay: first INVITE to 180, 183 with SDP, or final response. */
    pdd: DelaySummary;
    /** Ringing to answer. */
    ringing: DelaySummary;
    /** Session disconnect delay: BYE to its 2xx. */
    sdd: DelaySummary;
    /** Registration request delay of successful registrations, the challenge round included. */
    rrd: DelaySummary;
  };
  /** Session duration: answer to BYE; of sessions that died, answer to the end. Their mean is the ACD. */
  sessions: { completed: DelaySummary; died: DelaySummary };
  /** Attempts by final response, calls by Q.850 cause; of many different ones the rarer are in `other`. */
  finalCodes: Record<string, number>;
  q850Causes: Record<string, number>;
  /** Requests of calls, each once, and what timers sent again. */
  retransmissions: { requests: number; retransmissions: number };
  /** The most calls that were up at one time, and the most that were tried in one second. */
  peakCalls: { calls: number; timeUs: number | null };
  peakAttempts: { attempts: number; timeUs: number | null };
  /** `ofScans`: failed ones of scans and of password guessing, which are in no other figure here. */
  registrations: { attempts: number; succeeded: number; failed: number; ofScans: number; active: number };
}

export type RegistrationState = 'registered' | 'unregistered' | 'expired' | 'replaced' | 'failed' | 'unknown';

/** One binding: an address of record and the contact it is reached at. */
export interface RegistrationRecord {
  id: string;
  aor: string;
  contact: string | null;
  /** Host the REGISTERs came from, and where they went. */
  source: string | null;
  registrar: Endpoint | null;
  transport: string | null;
  userAgent: string | null;
  state: RegistrationState;
  startUs: number;
  /** Since when it is registered without a break; last success; when it expires or expired. */
  registeredUs: number | null;
  refreshedUs: number | null;
  expiresUs: number | null;
  /** Granted, seconds. */
  expiresS: number | null;
  /** Rounds of REGISTER, a challenge or redirection and what follows it being one; and what became of them. */
  attempts: number;
  succeeded: number;
  failed: number;
  unanswered: number;
  /** How often it came back after it was gone, and how often it was lost. */
  returns: number;
  losses: number;
  retransmissions: number;
  /** Answers that sent it elsewhere (3xx), and where the last one did. */
  redirected: number;
  redirectedTo: readonly string[];
  /** Final response of the last round. */
  finalCode: number | null;
  /** First REGISTER of a round to its success, the challenge included. */
  delayMs: { mean: number | null; max: number | null };
}

/** What OPTIONS between two hosts show: whether the other side is there, and how fast it answers. */
export interface TrunkRecord {
  id: string;
  src: Endpoint | null;
  dst: Endpoint | null;
  /** Host in the Request-URI. */
  host: string | null;
  /** The user asked for there; null where the host itself is asked. A telephone that was not seen to register has one, and some trunks do. */
  party: string | null;
  state: 'up' | 'down' | 'unknown';
  startUs: number;
  endUs: number;
  requests: number;
  answered: number;
  unanswered: number;
  retransmissions: number;
  lastStatus: number | null;
  /** Mean distance of the requests. */
  intervalMs: number | null;
  delay: DelaySummary;
  /** Changes of state, the first ones; `down` from the first request in vain. */
  transitions: { timeUs: number; state: 'up' | 'down' }[];
  downMs: number;
}
