import type { Direction } from './scenario.ts';

/** Packets of a call that are sent back with ICMP errors. */
export interface IcmpSpec {
  /** Which way the packets were sent that come back. */
  way: Direction;
  /** Default `rtp`. */
  what?: 'rtp' | 'rtcp' | 't38' | 'sip';
  /** Default `port`. */
  reason?: 'port' | 'host' | 'network' | 'prohibited' | 'time_exceeded' | 'too_big';
  /** Address of the router that refuses; default: the host they are sent to. */
  router?: string;
  /** Those sent within these times after the answer (for `sip` and calls without answer: after the start). */
  fromMs?: number;
  untilMs?: number;
  /** How errors are limited: some at once, then so many per second. Default 6 and 1, as Linux does. */
  burst?: number;
  perSecond?: number;
  /** Octets quoted behind the quoted IP header. Default 528; 8 are the UDP header alone. */
  quoteOctets?: number;
  /** Port that is quoted in place of the one they were sent to: somebody else's packets. */
  port?: number;
}
