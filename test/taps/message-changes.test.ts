import { describe, expect, test } from 'vitest';
import { parseSipMessage, type SipMessage } from '../../src/sip/message.ts';
import { messageChanges } from '../../src/taps/message-changes.ts';

const SDP = [
  'v=0',
  'o=a 1 1 IN IP4 10.0.0.5',
  'c=IN IP4 10.0.0.5',
  'm=audio 4000 RTP/AVP 8 101',
  'a=rtpmap:8 PCMA/8000',
];

function message(changes: { head?: string[]; sdp?: string[]; uri?: string } = {}): SipMessage {
  const { head = [], sdp = SDP, uri = 'sip:bob@example.com' } = changes;
  const names = new Set(head.map((line) => line.split(':')[0]));
  const usual = [
    'Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK1',
    'From: <sip:alice@10.0.0.5>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: one',
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@10.0.0.5:5060>',
    'Content-Type: application/sdp',
  ].filter((line) => !names.has(line.split(':')[0]));
  const text = [`INVITE ${uri} SIP/2.0`, ...usual, ...head, '', ...sdp, ''].join('\r\n');
  const parsed = parseSipMessage(Buffer.from(text), 0, text.length);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.message;
}

const shown = (second: SipMessage, first = message()): unknown[] =>
  messageChanges(first, second).map(({ part, name, kind, usual, first, second }) => [
    `${part} ${name} ${kind}${usual ? ' as usual' : ''}`,
    first,
    second,
  ]);

describe('what is different in a message', () => {
  test('nothing', () => {
    expect(shown(message())).toEqual([]);
  });

  test('Contact, c= and m= rewritten', () => {
    const sdp = ['v=0', SDP[1]!, 'c=IN IP4 203.0.113.1', 'm=audio 20000 RTP/AVP 8 101', SDP[4]!];
    expect(shown(message({ head: ['Contact: <sip:alice@203.0.113.1:1024>'], sdp }))).toEqual([
      ['header contact changed', '<sip:alice@10.0.0.5:5060>', '<sip:alice@203.0.113.1:1024>'],
      ['sdp c= changed', 'c=IN IP4 10.0.0.5', 'c=IN IP4 203.0.113.1'],
      ['sdp m=audio changed', 'm=audio 4000 RTP/AVP 8 101', 'm=audio 20000 RTP/AVP 8 101'],
    ]);
  });

  test('what proxies do is said to be usual', () => {
    const via = ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2', 'Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK1'];
    const changes = shown(
      message({ head: [...via, 'Record-Route: <sip:192.0.2.1;lr>', 'Max-Forwards: 69'] }),
    );
    expect(changes.map((each) => (each as string[])[0])).toEqual([
      'header via changed as usual',
      'header record-route added as usual',
      'header max-forwards added as usual',
    ]);
  });

  test('lines added and taken out, the request line', () => {
    const sdp = [...SDP.slice(0, 4), 'a=ptime:30', 'a=sendrecv'];
    expect(shown(message({ uri: 'sip:bob@10.0.0.9', sdp }))).toEqual([
      ['request request-uri changed', 'sip:bob@example.com', 'sip:bob@10.0.0.9'],
      ['sdp a=rtpmap removed', 'a=rtpmap:8 PCMA/8000', null],
      ['sdp a=ptime added', null, 'a=ptime:30'],
      ['sdp a=sendrecv added', null, 'a=sendrecv'],
    ]);
  });

  test('keys and answers to challenges are not shown', () => {
    const head = (secret: string) => [`Authorization: Digest response="${secret}"`];
    const crypto = (key: string) => [...SDP, `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`];
    const changes = shown(
      message({ head: head('b'), sdp: crypto('BBBB') }),
      message({ head: head('a'), sdp: crypto('AAAA') }),
    );
    expect(changes).toEqual([
      ['header authorization changed', '(not shown)', '(not shown)'],
      ['sdp a=crypto changed', '(not shown)', '(not shown)'],
    ]);
  });

  test('long values are cut', () => {
    const [change] = messageChanges(message(), message({ head: [`Contact: <sip:${'a'.repeat(2000)}@x>`] }));
    expect(change!.second!.length).toBeLessThan(300);
  });
});
