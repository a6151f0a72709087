import type { ReasonRecord } from '../../records/call-signalling.ts';

/** What a Reason value says against the call that it ends. */
export type ReleaseFault = 'media_timeout' | 'session_timer' | 'failure';

/**
 * Q.850 causes of the classes 0 and 1 (normal events) that are failures all the same once a call is up:
 * destination out of order.
 */
const Q850_OUT_OF_ORDER = 27;
/** From "no circuit available" to "protocol error, unspecified"; 127 (interworking) says nothing. */
const Q850_FAILURES_FROM = 32;
const Q850_FAILURES_TO = 111;
/** RELEASE_CAUSE of 3GPP TS 24.229 7.2A.18: 1 is the user; 2 and 3 are media, 4 to 6 signalling that timed out. */
const RELEASE_CAUSE_MEDIA = new Set([2, 3]);
const RELEASE_CAUSE_FAILURES_TO = 7;
/** What people and normal service logic end a call with (RFC 3326, RFC 3261 21). */
const SIP_NORMAL = new Set([200, 202, 302, 480, 486, 487, 600, 603]);
/** FreeSWITCH numbers its own causes from 500 on: crash, shutdown, media timeout, SRTP error. */
const FREESWITCH_MEDIA = new Set([604, 613]);
const FREESWITCH_FAILURES = new Set([500, 501]);

const MEDIA_WORDS =
  /\b(?:rtp|media|audio)[\s_-]*(?:\w+[\s_-]+)?(?:time[\s_-]*out|inactivity|loss|lost|failure)|no[\s_-]+(?:rtp|media|audio)/i;
const TIMER_WORDS = /session[\s_-]*(?:timer|expire|expiration|interval|refresh)/i;

/** Whether a reason speaks of a failure, and of which; null when a party simply hung up. */
export function releaseFault({ protocol, cause, text }: ReasonRecord): ReleaseFault | null {
  if (text !== null && MEDIA_WORDS.test(text)) return 'media_timeout';
  if (text !== null && TIMER_WORDS.test(text)) return 'session_timer';
  if (protocol === 'PREEMPTION') return 'failure';
  if (cause === null) return null;
  switch (protocol) {
    case 'Q.850':
      return isQ850Failure(cause) ? 'failure' : null;
    case 'SIP':
      return cause >= 400 && cause < 700 && !SIP_NORMAL.has(cause) ? 'failure' : null;
    case 'RELEASE_CAUSE':
      if (RELEASE_CAUSE_MEDIA.has(cause)) return 'media_timeout';
      return cause > 1 && cause <= RELEASE_CAUSE_FAILURES_TO ? 'failure' : null;
    case 'FREESWITCH':
      if (FREESWITCH_MEDIA.has(cause)) return 'media_timeout';
      return FREESWITCH_FAILURES.has(cause) ? 'failure' : null;
    default:
      return null;
  }
}

/** Is this Q.850 cause a failure when it ends a call that was answered (Q.850 2.2.7)? */
export function isQ850Failure(cause: number): boolean {
  return cause === Q850_OUT_OF_ORDER || (cause >= Q850_FAILURES_FROM && cause <= Q850_FAILURES_TO);
}
