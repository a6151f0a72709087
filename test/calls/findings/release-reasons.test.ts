import { describe, expect, test } from 'vitest';
import { isQ850Failure, releaseFault } from '../../../src/calls/findings/release-reasons.ts';

const reason = (protocol: string, cause: number | null, text: string | null = null) => ({
  protocol,
  cause,
  text,
});

describe('what a Reason says against a call', () => {
  test.each([
    ['a party hung up (Q.850 16)', reason('Q.850', 16, 'Normal call clearing')],
    ['normal, unspecified (31)', reason('Q.850', 31)],
    ['user busy (17), when the other leg was', reason('Q.850', 17)],
    ['interworking, unspecified (127): says nothing', reason('Q.850', 127)],
    ['completed elsewhere', reason('SIP', 200, 'Call completed elsewhere')],
    ['declined', reason('SIP', 603)],
    ['user ends call (TS 24.229)', reason('RELEASE_CAUSE', 1, 'User ends call')],
    ['transferred by FreeSWITCH', reason('FREESWITCH', 600, 'BLIND_TRANSFER')],
    ['a protocol nobody knows', reason('X-FOO', 500)],
    ['no cause', reason('Q.850', null)],
    ['audio in a word of no matter', reason('Q.850', 16, 'audio call ended')],
  ])('nothing: %s', (_name, given) => {
    expect(releaseFault(given)).toBeNull();
  });

  test.each([
    ['destination out of order', reason('Q.850', 27)],
    ['no circuit available', reason('Q.850', 34)],
    ['temporary failure', reason('Q.850', 41)],
    ['resource unavailable', reason('Q.850', 47)],
    ['recovery on timer expiry', reason('Q.850', 102)],
    ['service unavailable', reason('SIP', 503)],
    ['request timeout', reason('SIP', 408)],
    ['SIP response time-out (TS 24.229)', reason('RELEASE_CAUSE', 5)],
    ['preemption (RFC 4411)', reason('PREEMPTION', 1, 'UA Preemption')],
    ['a system that is shut down', reason('FREESWITCH', 501)],
  ])('failure: %s', (_name, given) => {
    expect(releaseFault(given)).toBe('failure');
  });

  test.each([
    reason('SIP', 500, 'RTP timeout'),
    reason('Q.850', 16, 'Media timeout'),
    reason('Q.850', 31, 'MEDIA_TIMEOUT'),
    reason('SIP', 408, 'No RTP received'),
    reason('FREESWITCH', 604, 'MEDIA_TIMEOUT'),
    reason('RELEASE_CAUSE', 2, 'RTP/RTCP time-out'),
    reason('Q.850', 16, 'rtp-inactivity'),
  ])('media that stopped: %j', (given) => {
    expect(releaseFault(given)).toBe('media_timeout');
  });

  test.each([
    reason('SIP', 408, 'Session timer expired'),
    reason('SIP', 200, 'session-expires'),
    reason('SIP', 500, 'Session Refresh failed'),
  ])('a session timer: %j', (given) => {
    expect(releaseFault(given)).toBe('session_timer');
  });

  test('Q.850 by classes: 0 and 1 are normal events but for 27, 7 is interworking', () => {
    const failures = Array.from({ length: 128 }, (_, cause) => cause).filter(isQ850Failure);
    expect(failures[0]).toBe(27);
    expect(failures.slice(1)).toEqual(Array.from({ length: 80 }, (_, i) => 32 + i));
  });
});
