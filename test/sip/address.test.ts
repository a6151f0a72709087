import { describe, expect, it } from 'vitest';
import { parseSipAddress, parseSipUri } from '../../src/sip/address.ts';
import { parseParameters, splitOutsideQuotes } from '../../src/sip/text.ts';
import { parseVia } from '../../src/sip/via.ts';

describe('parseSipUri', () => {
  it.each([
    ['sip:alice@example.com', 'sip', 'alice', 'example.com', null],
    ['SIPS:bob:secret@192.0.2.4:5061;transport=tls', 'sips', 'bob', '192.0.2.4', 5061],
    ['sip:[2001:db8::10]:5070', 'sip', null, '2001:db8::10', 5070],
    ['sip:a@[::1]', 'sip', 'a', '::1', null],
    ['sip:user;par=u%40example.net@example.com', 'sip', 'user;par=u%40example.net', 'example.com', null],
    ['sip:me@mail.example@sbc.example', 'sip', 'me@mail.example', 'sbc.example', null],
    ['sip:a@b?Route=%3Csip:c@d%3E', 'sip', 'a', 'b', null],
    ['sip:example.com;lr', 'sip', null, 'example.com', null],
    ['sip:a@example.com:99999', 'sip', 'a', 'example.com', null],
    ['tel:+1-201-555-0123;phone-context=x', 'tel', '+1-201-555-0123', null, null],
    ['urn:service:sos', 'urn', null, null, null],
    ['nonsense', '', null, null, null],
    [':x', '', null, null, null],
    ['sip:', 'sip', null, null, null],
    ['sip:@', 'sip', null, null, null],
  ])('reads %s', (uri, scheme, user, host, port) => {
    expect(parseSipUri(uri)).toEqual({ scheme, user, host, port });
  });
});

describe('parseSipAddress', () => {
  it('tells parameters of the header from those of the URI', () => {
    expect(parseSipAddress('<sip:a@b;transport=tcp>;tag=77;x="1;2"')).toMatchObject({
      uri: 'sip:a@b;transport=tcp',
      tag: '77',
      params: new Map([
        ['tag', '77'],
        ['x', '1;2'],
      ]),
    });
    expect(parseSipAddress('sip:a@b;tag=78')).toMatchObject({ uri: 'sip:a@b', tag: '78' });
  });
  it.each([
    ['"A. G. Bell" <sip:agb@bell.com> ;TAG = a48s', 'A. G. Bell', 'sip:agb@bell.com', 'a48s'],
    ['Watson, Thomas < sip:t.watson@example.org >', 'Watson, Thomas', 'sip:t.watson@example.org', null],
    ['"<sip:fake@x>" <sip:real@x>;tag=1', '<sip:fake@x>', 'sip:real@x', '1'],
    ['"caller\\" <x>" <sip:a@b>', 'caller" <x>', 'sip:a@b', null],
    ['"" <sip:a@b>', null, 'sip:a@b', null],
    ['<sip:open@b;tag=9', null, 'sip:open@b;tag=9', null],
    ['*', null, '*', null],
    ['alice;tag=5', null, 'alice', '5'],
  ])('reads %s', (text, display, uri, tag) => {
    expect(parseSipAddress(text)).toMatchObject({ display, uri, tag });
  });
  it.each(['', '<>', ';tag=1', `<sip:a@b>;tag=${'t'.repeat(1025)}`])('refuses %s', (text) => {
    expect(parseSipAddress(text)).toBeNull();
  });
});

describe('parseVia', () => {
  it.each([
    ['SIP/2.0/UDP host.example;branch=z9hG4bK1', 'UDP', 'host.example', null, 'z9hG4bK1'],
    ['SIP  / 2.0\t/ tls  192.0.2.5 : 5061 ; branch = b ', 'TLS', '192.0.2.5', 5061, 'b'],
    ['SIP/2.0/TCP [2001:db8::1]:5060;received=[2001:db8::2]', 'TCP', '2001:db8::1', 5060, null],
    ['SIP/2.0/UDP 2001:db8::1;branch=c', 'UDP', '2001:db8::1', null, 'c'],
    ['SIP/2.0/UNKNOWN unknown;hidden', 'UNKNOWN', 'unknown', null, null],
  ])('reads %s', (text, transport, host, port, branch) => {
    expect(parseVia(text)).toMatchObject({ transport, host, port, branch });
  });
  it('reads received and rport', () => {
    expect(parseVia('SIP/2.0/UDP a;received=[2001:db8::2];rport=1024')).toMatchObject({
      received: '2001:db8::2',
      rport: 1024,
    });
    expect(parseVia('SIP/2.0/UDP a;rport')).toMatchObject({ received: null, rport: null });
    expect(parseVia('SIP/2.0/UDP a;rport=70000')).toMatchObject({ rport: null });
  });
  it.each(['', 'SIP/2.0/UDP', 'SIP/2.0/UDP ', 'SIP/2.0 host', 'SIP/2.0/UDP ;branch=x', 'x'])(
    'refuses %j',
    (text) => {
      expect(parseVia(text)).toBeNull();
    },
  );
});

describe('splitOutsideQuotes', () => {
  it('survives unclosed quotes and trailing escapes', () => {
    expect(splitOutsideQuotes('a,"b,c', ',', 9)).toEqual(['a', '"b,c']);
    expect(splitOutsideQuotes('a,"b\\', ',', 9)).toEqual(['a', '"b\\']);
    expect(splitOutsideQuotes('a,<b,c', ',', 9)).toEqual(['a', '<b,c']);
    expect(splitOutsideQuotes(', ,,', ',', 9)).toEqual([]);
    expect(splitOutsideQuotes('a,b,c', ',', 2)).toEqual(['a', 'b']);
  });
  it('bounds parameters', () => {
    expect(parseParameters(Array.from({ length: 200 }, (_, i) => `;p${i}=1`).join('')).size).toBe(64);
    expect(parseParameters(';a=1;A=2;;b').get('a')).toBe('1');
    expect(parseParameters(';__proto__=1').get('__proto__')).toBe('1');
  });
});
