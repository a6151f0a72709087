import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpHead, isSipUpgrade } from '../../src/packet/http-upgrade.ts';
import { bytesOf, INVITE } from '../sip/examples.ts';

const request = (...headers: string[]): string =>
  `GET /ws HTTP/1.1\r\nHost: a\r\n${headers.join('\r\n')}\r\n\r\n`;
const UPGRADE = ['Connection: Upgrade', 'UPGRADE: WebSocket', 'sec-websocket-protocol: xmpp, SIP'];

function read(text: string, sizes: readonly number[] = [60_000]): [HttpHead, number] {
  const bytes = bytesOf(text);
  const head = new HttpHead();
  let at = 0;
  for (let i = 0; at < bytes.length && head.state === 'more'; i++) {
    at += head.push(bytes, at, Math.min(sizes[i % sizes.length]!, bytes.length - at));
  }
  return [head, at];
}

describe('HttpHead', () => {
  it.each<[string, string, string, boolean]>([
    ['a request for SIP', request(...UPGRADE), 'upgrade', true],
    ['a request that names no subprotocol', request(...UPGRADE.slice(0, 2)), 'upgrade', false],
    [
      'a request for another subprotocol',
      request(...UPGRADE.slice(0, 2), 'Sec-WebSocket-Protocol: sipx'),
      'other',
      false,
    ],
    ['no upgrade', request('Accept: */*'), 'other', false],
    ['an upgrade to something else', request('Upgrade: h2c'), 'other', false],
    ['an answer', `HTTP/1.1 101 Switching\r\n${UPGRADE.join('\r\n')}\r\n\r\n`, 'upgrade', true],
    ['a refusal', `HTTP/1.1 401 No\r\n${UPGRADE.join('\r\n')}\r\n\r\n`, 'other', false],
    ['bare line feeds', request(...UPGRADE).replaceAll('\r', ''), 'upgrade', true],
    ['SIP', INVITE, 'other', false],
    ['another method', request(...UPGRADE).replace('GET', 'GETX'), 'other', false],
  ])('reads %s', (_, text, state, sip) => {
    const [head] = read(text);
    expect(head.state).toBe(state);
    expect(head.namesSip).toBe(sip);
  });

  it('takes the head and nothing after it, however it is cut', () => {
    const text = request(...UPGRADE);
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        const [head, taken] = read(`${text}\r\n\r\nmore`, cuts);
        expect([head.state, taken]).toEqual(['upgrade', text.length]);
        expect(Buffer.from(head.collected).toString()).toBe(text);
      }),
    );
  });

  it('gives up a head without end', () => {
    const [head, taken] = read(`GET / HTTP/1.1\r\n${'Cookie: x\r\n'.repeat(3000)}`, [1000]);
    expect(head.state).toBe('other');
    expect(taken).toBeLessThan(18_000);
  });
});

describe('isSipUpgrade', () => {
  it.each<[string, boolean]>([
    [request(...UPGRADE), true],
    [`HTTP/1.1 101 Switching\r\n${UPGRADE.join('\r\n')}\r\n\r\n`, true],
    [`HTTP/1.1 200 OK\r\n${UPGRADE.join('\r\n')}\r\n\r\n`, false],
    [request(...UPGRADE.slice(0, 2)), false],
    [request('Accept: */*'), false],
    [INVITE, false],
    ['GET', false],
  ])('%#', (text, is) => {
    const bytes = bytesOf(`#${text}`);
    expect(isSipUpgrade(bytes, 1, bytes.length - 1)).toBe(is);
  });

  it('never reads beyond the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(80), (bytes, offset, length) => {
        expect(isSipUpgrade(bytes, Math.min(offset, bytes.length), length)).toBe(false);
      }),
    );
  });
});
