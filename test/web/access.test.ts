import { describe, expect, test } from 'vitest';
import { isAuthorized, isExpectedHost, isLoopback } from '../../src/web/access.ts';
import { type HttpOptions, LOCAL_HTTP, parseListen, whyRefused } from '../../src/web/http-options.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const both = { username: 'noc', password: 'p:w', token: 't0ken' };

describe('credentials', () => {
  test.each([
    [basic('noc:p:w'), true],
    [basic('noc:p'), false],
    [basic('noc'), false],
    [basic('other:p:w'), false],
    ['Bearer t0ken', true],
    ['bearer t0ken', true],
    ['Bearer t0ke', false],
    ['Bearer', false],
    ['Basic !!!', false],
    ['Digest x', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (header, expected) => {
    expect(isAuthorized(header, both)).toBe(expected);
  });

  test('only what is configured opens', () => {
    const none = { username: null, password: null, token: null };
    expect(isAuthorized(undefined, none)).toBe(true);
    expect(isAuthorized(basic(':'), { ...none, token: 't' })).toBe(false);
    expect(isAuthorized('Bearer ', { ...both, token: null })).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
  ])('%s is of this machine only: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  test.each([
    ['127.0.0.1:10047', { host: '127.0.0.1', port: 10_047 }],
    [':10047', { host: '127.0.0.1', port: 10_047 }],
    ['10047', { host: '127.0.0.1', port: 10_047 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['probe.example.com:0', { host: 'probe.example.com', port: 0 }],
    ['::1:80', null],
    ['host:70000', null],
    ['http://x:80', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });

  test.each([
    ['127.0.0.1:1', true],
    ['[::1]:1', true],
    ['localhost', true],
    ['10.0.0.8:10047', true],
    ['probe.lan:1', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    [undefined, false],
  ])('asked as %s: %s', (host, expected) => {
    expect(isExpectedHost(host, ['Probe.lan'])).toBe(expected);
  });
});

describe('listening where others can ask', () => {
  const open: HttpOptions = { ...LOCAL_HTTP, host: '0.0.0.0', port: 1 };
  const tls = { cert: 'c', key: 'k' };

  test('is refused without TLS and credentials, and says what to do', () => {
    expect(whyRefused(open)).toBe(
      '0.0.0.0:1 can be reached by others and lacks TLS (http.tls) and credentials (http.password or http.token); configure it, listen on 127.0.0.1, or set http.allowOpen: true',
    );
    expect(whyRefused({ ...open, tls })).toContain('lacks credentials');
    expect(whyRefused({ ...open, credentials: both })).toContain('TLS');
  });

  test('is taken with both, when told so, and on this machine', () => {
    expect(whyRefused({ ...open, tls, credentials: both })).toBeNull();
    expect(whyRefused({ ...open, allowOpen: true })).toBeNull();
    expect(whyRefused({ ...open, host: 'localhost' })).toBeNull();
  });
});
