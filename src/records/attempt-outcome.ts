import type { CallState } from './types.ts';

/** The callee's own doing: the network has done its part (RFC 6076 4.7, E.425). */
const USER_CODES = new Set([480, 486, 600, 603]);
/** The session could not be set up for lack of service (RFC 6076 4.8). A timeout counts as 408. */
const INEFFECTIVE_CODES = new Set([408, 500, 503, 504]);

/** What the outcome of a call attempt is told by. */
export interface AttemptFacts {
  state: CallState;
  finalCode: number | null;
  /** Was an answer seen? */
  answerSeen: boolean;
  /** Did it ring, or was early media announced? */
  rang: boolean;
  /** Part of a scan: nobody wanted to talk, and no ratio counts it. Not in what earlier versions wrote. */
  ofScan: boolean | undefined;
}

/** In which numerators and denominators of RFC 6076 and E.425 an attempt counts. All false: its outcome is not known. */
export interface AttemptOutcome {
  /** Part of a scan: in nothing else. */
  ofScan: boolean;
  resolved: boolean;
  answered: boolean;
  /** Sent elsewhere (3xx): not in the denominators of SER, SEER and NER. */
  redirected: boolean;
  /** Ended by the callee: in the numerators of SEER and NER. */
  userOutcome: boolean;
  /** Given up or timed out after it rang: in the numerator of NER. */
  afterRinging: boolean;
  /** In the numerator of ISA. */
  ineffective: boolean;
}

const UNKNOWN: AttemptOutcome = {
  ofScan: false,
  resolved: false,
  answered: false,
  redirected: false,
  userOutcome: false,
  afterRinging: false,
  ineffective: false,
};

/** What became of a call attempt (RFC 6076 4.6 to 4.8, ITU-T E.425, standards section 3). */
export function attemptOutcome(facts: AttemptFacts): AttemptOutcome {
  const { state, finalCode, answerSeen, rang, ofScan = false } = facts;
  if (ofScan) return { ...UNKNOWN, ofScan };
  const answered = state === 'answered' || (state === 'open' && answerSeen);
  if (answered) return { ...UNKNOWN, resolved: true, answered };
  if (state === 'open' || state === 'ringing') return UNKNOWN;
  const timedOut = state === 'failed' && finalCode === null;
  const userOutcome = finalCode !== null && USER_CODES.has(finalCode);
  return {
    ofScan,
    resolved: true,
    answered,
    redirected: finalCode !== null && finalCode >= 300 && finalCode < 400,
    userOutcome,
    afterRinging: !userOutcome && rang && (finalCode === 408 || state === 'canceled'),
    ineffective: timedOut || (finalCode !== null && INEFFECTIVE_CODES.has(finalCode) && state !== 'canceled'),
  };
}
