import { describe, expect, it } from 'vitest';
import {
  assertedIdentity,
  contactExpires,
  diversions,
  emergencyService,
  endsSubscription,
  eventId,
  eventPackage,
  expires,
  hangupCause,
  hasCredentials,
  historyTargets,
  isStaleChallenge,
  maxForwards,
  parseReasonHeader,
  parseReplaces,
  rack,
  referTo,
  replacesOf,
  requires,
  retryAfter,
  rseq,
  sessionExpires,
  sessionIds,
  sipfragStatus,
  supports,
  tellsLocation,
  userAgent,
  warningText,
} from '../../src/sip/accessors.ts';
import { parsed, requestWith } from './examples.ts';

const message = (...headers: string[]) => parsed(requestWith(headers));

describe('parseReasonHeader', () => {
  it('reads several values', () => {
    const { headers } = message('Reason: Q.850 ;cause=16;text="Terminated, fine; really", SIP;cause=200');
    expect(parseReasonHeader(headers.get('reason')!)).toEqual([
      { protocol: 'Q.850', cause: 16, text: 'Terminated, fine; really' },
      { protocol: 'SIP', cause: 200, text: null },
    ]);
  });
  it('survives nonsense', () => {
    expect(parseReasonHeader(['', ';cause=1', 'sip;cause=x', 'a=b'])).toEqual([
      { protocol: 'SIP', cause: null, text: null },
    ]);
    expect(parseReasonHeader([`x;text="${'y'.repeat(999)}"`])[0]!.text).toHaveLength(256);
  });
});

describe('dialog references', () => {
  it('reads Replaces', () => {
    expect(parseReplaces('98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff;early-only')).toEqual({
      callId: '98732@sip.example.com',
      toTag: 'ff87ff',
      fromTag: 'r33th4x0r',
      earlyOnly: true,
    });
    expect(parseReplaces('x;to-tag=1')).toBeNull();
    expect(parseReplaces('x')).toBeNull();
    expect(parseReplaces(';to-tag=1;from-tag=2')).toBeNull();
  });
  it('reads the Replaces within a Refer-To', () => {
    const refer = message('r: <sip:dave@x?Foo=1&Replaces=12345%40192.0.2.1%3Bto-tag%3D12%3Bfrom-tag%3D5FFE>');
    expect(referTo(refer)).toMatchObject({
      address: { user: 'dave' },
      replaces: { callId: '12345@192.0.2.1', toTag: '12', fromTag: '5FFE' },
    });
    expect(referTo(message('Refer-To: <sip:dave@x>'))).toMatchObject({ replaces: null });
    expect(referTo(message('Refer-To: <sip:dave@x?Replaces=%ZZ>'))).toMatchObject({ replaces: null });
    expect(referTo(message())).toBeNull();
  });
});

describe('single values', () => {
  it('reads numbers and refuses what is none', () => {
    expect(sessionExpires(message('x: 1800;refresher=UAS'))).toEqual({ seconds: 1800, refresher: 'uas' });
    expect(sessionExpires(message('Session-Expires: 90'))).toEqual({ seconds: 90, refresher: null });
    expect(sessionExpires(message('Session-Expires: soon'))).toBeNull();
    expect(sessionExpires(message())).toBeNull();
    expect(maxForwards(message('Max-Forwards: 0068'))).toBe(68);
    expect(maxForwards(message('Max-Forwards: 256'))).toBeNull();
    expect(maxForwards(message('Max-Forwards: -1'))).toBeNull();
    expect(expires(message('Expires: 3600'))).toBe(3600);
    expect(expires(message('Expires: 4294967296'))).toBeNull();
    expect(rseq(message('RSeq: 988789'))).toBe(988789);
    expect(retryAfter(message('Retry-After: 18000;duration=3600'))).toBe(18000);
    expect(retryAfter(message('Retry-After: 120 (I am in a meeting)'))).toBe(120);
    expect(retryAfter(message('Retry-After: later'))).toBeNull();
  });
  it('reads RAck', () => {
    expect(rack(message('RAck: 776656 1 INVITE'))).toEqual({ rseq: 776656, cseq: 1, method: 'INVITE' });
    expect(rack(message('RAck: 776656 INVITE'))).toBeNull();
    expect(rack(message('RAck: 9999999999 1 INVITE'))).toBeNull();
  });
  it('reads option tags', () => {
    const offer = message('Require: 100REL', 'k: timer, replaces');
    expect(requires(offer, '100rel')).toBe(true);
    expect(supports(offer, '100rel')).toBe(false);
    expect(supports(offer, 'replaces')).toBe(true);
  });
  it('reads texts', () => {
    expect(userAgent(message('User-Agent: Phone/1', 'Server: S'))).toBe('Phone/1');
    expect(userAgent(message('Server: S'))).toBe('S');
    expect(userAgent(message())).toBeNull();
    expect(eventPackage(message('o: Refer;id=1'))).toBe('refer');
    expect(eventPackage(message())).toBeNull();
    expect(assertedIdentity(message('P-Asserted-Identity: "C" <sip:+1@x>, <tel:+1>'))).toMatchObject({
      user: '+1',
    });
    const [contact] = message('m: <sip:a@b>;expires=600').contact;
    expect(contactExpires(contact!)).toBe(600);
  });
  it('reads the status in a sipfrag', () => {
    const fragment = (body: string) => parsed(requestWith(['c: message/sipfrag;version=2.0'], body));
    expect(sipfragStatus(fragment('SIP/2.0 503 Service Unavailable'))).toBe(503);
    expect(sipfragStatus(fragment('SIP/2.0 100'))).toBe(100);
    expect(sipfragStatus(fragment('nothing'))).toBeNull();
    expect(sipfragStatus(message())).toBeNull();
  });
});

describe('who ended it and why', () => {
  it('takes the Q.850 cause of a Reason before that of a vendor header', () => {
    const both = message('Reason: Q.850;cause=31', 'X-Asterisk-HangupCauseCode: 16');
    expect(hangupCause(both, parseReasonHeader(both.headers.get('reason')!))).toBe(31);
    expect(hangupCause(message('X-Asterisk-HangupCauseCode: 16'), [])).toBe(16);
    expect(hangupCause(message('X-Asterisk-HangupCauseCode: 999'), [])).toBeNull();
    expect(hangupCause(message(), [])).toBeNull();
  });
  it('reads a Warning', () => {
    expect(warningText(message('Warning: 305 x "Incompatible media format"'))).toContain('305');
    expect(warningText(message())).toBeNull();
  });
});

describe('where a call came by', () => {
  it('reads Diversion, newest first (RFC 5806)', () => {
    const diverted = message('Diversion: <sip:b@x>;reason=no-answer, "A" <tel:+1>;counter=2');
    expect(diversions(diverted, 8).map(({ address, reason }) => [address.uri, reason])).toEqual([
      ['sip:b@x', 'no-answer'],
      ['tel:+1', null],
    ]);
    expect(diversions(diverted, 1)).toHaveLength(1);
    expect(diversions(message(), 8)).toEqual([]);
  });
  it('reads History-Info but for the current target (RFC 7044)', () => {
    const history = message('History-Info: <sip:a@x>;index=1, <sip:b@x>;index=1.1, <sip:c@x>;index=1.1.1');
    expect(historyTargets(history, 8).map(({ uri }) => uri)).toEqual(['sip:b@x', 'sip:a@x']);
    expect(historyTargets(history, 1).map(({ uri }) => uri)).toEqual(['sip:b@x']);
    expect(historyTargets(message('History-Info: <sip:a@x>;index=1'), 8)).toEqual([]);
  });
  it('reads Session-ID without its nil half (RFC 7989)', () => {
    const a = 'AB'.repeat(16);
    const b = 'cd'.repeat(16);
    expect(sessionIds(message(`Session-ID: ${a};remote=${b}`))).toEqual([a.toLowerCase(), b]);
    expect(sessionIds(message(`Session-ID: ${a};remote=${'0'.repeat(32)}`))).toEqual([a.toLowerCase()]);
    expect(sessionIds(message('Session-ID: short'))).toEqual([]);
    expect(sessionIds(message())).toEqual([]);
  });
});

describe('authentication and intervals', () => {
  it('knows credentials and stale challenges (RFC 7616)', () => {
    expect(hasCredentials(message('Authorization: Digest x'))).toBe(true);
    expect(hasCredentials(message('Proxy-Authorization: Digest x'))).toBe(true);
    expect(hasCredentials(message())).toBe(false);
    expect(isStaleChallenge(message('WWW-Authenticate: Digest nonce="a", stale=TRUE'))).toBe(true);
    expect(isStaleChallenge(message('Proxy-Authenticate: Digest stale="true"'))).toBe(true);
    expect(isStaleChallenge(message('WWW-Authenticate: Digest stale=false'))).toBe(false);
  });
});

describe('emergency', () => {
  const numbers = ['112', '911'];
  it.each([
    ['sip:112@x', '112', '112'],
    ['sip:0-112@x', '0-112', '112'],
    ['tel:911', '911', '911'],
    ['urn:service:sos', null, 'urn:service:sos'],
    ['URN:service:SOS.fire', null, 'urn:service:sos.fire'],
    ['urn:service:sos;x=1', null, 'urn:service:sos;x=1'],
  ])('%s', (uri, user, service) => {
    expect(emergencyService(uri, user, numbers)).toBe(service);
  });
  it.each([
    ['sip:1121@x', '1121'],
    ['sip:x@112', 'x'],
    ['urn:service:sossis', null],
    ['sip:112', null],
  ])('not %s', (uri, user) => {
    expect(emergencyService(uri, user, numbers)).toBeNull();
  });
  it('knows whether a location is told, not which', () => {
    expect(tellsLocation(message('Geolocation: <cid:x>'))).toBe(true);
    expect(tellsLocation(message())).toBe(false);
  });
});

describe('subscriptions of transfers', () => {
  it('knows the last NOTIFY and whom it is about', () => {
    expect(endsSubscription(message('Subscription-State: terminated;reason=noresource'))).toBe(true);
    expect(endsSubscription(message('Subscription-State: active'))).toBe(false);
    expect(eventId(message('Event: refer;id=93809824'))).toBe(93_809_824);
    expect(eventId(message('Event: refer'))).toBeNull();
    expect(replacesOf(message('Replaces: a@b;to-tag=1;from-tag=2'))).toMatchObject({ callId: 'a@b' });
    expect(replacesOf(message())).toBeNull();
  });
});
