import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { udpFrame } from '../../src/synth/frame.ts';
import { flaw, play, type WirePacket } from './wire.ts';

const HOSTS = [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(198, 51, 100, 1), Uint8Array.of(203, 0, 113, 1)];
const START_US = 1.7e15;

const METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'NOTIFY',
  'OPTIONS',
  'REGISTER',
  'SUBSCRIBE',
  'x-UNHEARD.of',
];
const STATUSES = [
  100, 180, 181, 183, 200, 202, 302, 401, 403, 407, 408, 422, 423, 430, 480, 481, 483, 486, 487, 488, 491,
  500, 503, 600, 603,
];

const SDP =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

/** Header lines as nobody should write them, and some as everybody does. */
const header = fc.constantFrom(
  'Session-Expires: 90;refresher=uac',
  'Session-Expires: 4294967295;refresher=nobody',
  'Session-Expires: ;;;',
  'Reason: Q.850;cause=16',
  'Reason: Q.850;cause=65535;text="\u0000\u0001"',
  'Reason: ;cause=1, SIP;;;, "',
  'Refer-To: <sip:c@d?Replaces=%ZZ%00>',
  'Refer-To: <sip:c@d>',
  'Replaces: c0;to-tag=1;from-tag=2',
  'Replaces: c1;to-tag=1;from-tag=2',
  'Event: refer;id=99999999999',
  'Event: refer',
  'Subscription-State: terminated',
  'Contact: *',
  'Contact: <sip:a@192.0.2.1:5060>;expires=4294967295',
  'Contact: <sip:a@192.0.2.1:5061>;expires=0, <sip:b@[2001:db8::1]>',
  'Expires: 0',
  'Expires: 60',
  'Authorization: Digest x',
  'WWW-Authenticate: Digest stale=true',
  'Max-Forwards: 0',
  'Max-Forwards: 300',
  'Max-Forwards: 69',
  'X-Call-ID: c2',
  'X-CID: same',
  'P-Charging-Vector: icid-value=;;',
  `Session-ID: ${'ab'.repeat(16)};remote=${'0'.repeat(32)}`,
  'Diversion: ,,,<>, <sip:x@y>;reason="',
  `History-Info: ${Array.from({ length: 300 }, (_, i) => `<sip:${i}@x>;index=1`).join(', ')}`,
  `User-Agent: ${'x'.repeat(5000)}`,
  'P-Asserted-Identity: tel:+1',
  'RAck: 1 1 INVITE',
  'Geolocation: <cid:x>',
);

const message = fc.record({
  method: fc.constantFrom(...METHODS),
  status: fc.option(fc.constantFrom(...STATUSES), { nil: null, freq: 1 }),
  callId: fc.constantFrom('c0', 'c1', 'c2'),
  cseq: fc.constantFrom(0, 1, 1, 1, 2, 3, 4294967295),
  fromTag: fc.constantFrom('', 'a', 'b'),
  toTag: fc.constantFrom('', 'a', 'b', 'c'),
  branch: fc.constantFrom('', 'z9hG4bK1', 'z9hG4bK2', 'z9hG4bK3'),
  transport: fc.constantFrom('UDP', 'TCP', 'x'),
  headers: fc.array(header, { maxLength: 6 }),
  body: fc.constantFrom('', '', SDP, 'SIP/2.0 200 OK', 'nonsense'),
  hop: fc.constantFrom([0, 1], [1, 0], [1, 2], [2, 1]),
  pauseUs: fc.constantFrom(0, 30, 1000, 5e5, 5e5, 1e6, 4e6, 33e6, 61e6, 4e8, 7e8, -2e6),
});

type Message = Omit<typeof message extends fc.Arbitrary<infer T> ? T : never, 'pauseUs'> & {
  pauseUs: number;
};

function textOf(m: Message): string {
  const isFragment = m.body.startsWith('SIP/');
  const type = isFragment ? 'message/sipfrag' : 'application/sdp';
  return [
    m.status === null ? `${m.method} sip:c@d SIP/2.0` : `SIP/2.0 ${m.status} Whatever`,
    `Via: SIP/2.0/${m.transport} 192.0.2.1${m.branch === '' ? '' : `;branch=${m.branch}`}`,
    `From: <sip:a@example.com>${m.fromTag === '' ? '' : `;tag=${m.fromTag}`}`,
    `To: <sip:112@example.com>${m.toTag === '' ? '' : `;tag=${m.toTag}`}`,
    `Call-ID: ${m.callId}`,
    `CSeq: ${m.cseq} ${m.method}`,
    ...m.headers,
    ...(m.body === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${m.body.length}`,
    '',
    m.body,
  ].join('\r\n');
}

function packetsOf(messages: readonly Message[]): WirePacket[] {
  let timeUs = START_US;
  return messages.map((each) => {
    timeUs += each.pauseUs;
    const [src, dst] = each.hop;
    const route = { src: HOSTS[src!]!, dst: HOSTS[dst!]!, dscp: 0, ttl: 64, vlans: [] };
    const bytes = udpFrame(route, 5060, 5060, new TextEncoder().encode(textOf(each)), 0);
    return { timeUs, bytes, wire: bytes.length };
  });
}

describe('signalling in any order', () => {
  test('whatever is said, nothing breaks and every number can be reported', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 120 }), (messages) => {
        const played = play(packetsOf(messages));
        expect(flaw(played)).toBeNull();
        expect(played.account.decoded.sip).toBe(messages.length);
        for (const { signalling, legs } of played.calls) {
          expect(signalling.transfers.length).toBeLessThanOrEqual(16);
          expect(signalling.diversions.length).toBeLessThanOrEqual(8);
          expect(signalling.refusals.length).toBeLessThanOrEqual(16);
          expect(signalling.userAgents.caller?.length ?? 0).toBeLessThanOrEqual(128);
          expect(legs.length).toBeLessThan(16);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('a mirror that delivers everything twice changes nothing', () => {
    // Two messages of one transaction within 80 ms are copies already, times that go back or leap are no order, and at
    // the very edge of a limit 40 us decide: so distances are long, not too long, and odd.
    const spaced = fc
      .array(message, { minLength: 1, maxLength: 40 })
      .map((messages) =>
        messages.map((each) => ({ ...each, pauseUs: Math.min(61e6, Math.max(2e5, each.pauseUs)) + 1117 })),
      );
    fc.assert(
      fc.property(spaced, (messages) => {
        const once = packetsOf(messages);
        const twice = once.flatMap((packet) => [packet, { ...packet, timeUs: packet.timeUs + 40 }]);
        const last = { ...once.at(-1)!, bytes: new Uint8Array(60), timeUs: once.at(-1)!.timeUs + 1e8 };
        const [a, b] = [play([...once, last]), play([...twice, last])];
        const facts = (played: typeof a) =>
          played.calls.map(
            ({ callId, state, finalCode, releasedBy, startUs, answerUs, setup, signalling }) => {
              return { callId, state, finalCode, releasedBy, startUs, answerUs, setup, signalling };
            },
          );
        expect(facts(b)).toEqual(facts(a));
        expect(b.findings.map(({ code }) => code)).toEqual(a.findings.map(({ code }) => code));
      }),
      { numRuns: 200 },
    );
  });
});

describe('floods of signalling', () => {
  const packet = (text: string, timeUs: number): WirePacket => {
    const route = { src: HOSTS[0]!, dst: HOSTS[1]!, dscp: 0, ttl: 64, vlans: [] };
    const bytes = udpFrame(route, 5060, 5060, new TextEncoder().encode(text), 0);
    return { timeUs, bytes, wire: bytes.length };
  };
  const flood = (method: string, count: number, headers: (i: number) => string[]): WirePacket[] =>
    Array.from({ length: count }, (_, i) =>
      packet(
        [
          `${method} sip:x@y SIP/2.0`,
          `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${i}`,
          ...headers(i),
          `CSeq: 1 ${method}`,
          'Content-Length: 0',
          '',
          '',
        ].join('\r\n'),
        START_US + i * 10,
      ),
    );

  test('registrations of ever new users: the table is bounded and what is left out is counted', () => {
    const packets = flood('REGISTER', 101_000, (i) => [
      `From: <sip:u${i}@example.com>;tag=1`,
      `To: <sip:u${i}@example.com>`,
      `Call-ID: r${i}`,
      `Contact: <sip:u${i}@192.0.2.1>`,
    ]);
    const played = play(packets);
    expect(flaw(played)).toBeNull();
    expect(played.account.discarded.registration_table_full).toBe(1000);
    expect(played.findings).toEqual([]);
  });

  test('keep-alives with ever new Call-IDs', () => {
    const packets = flood('OPTIONS', 20_000, (i) => [
      'From: <sip:a@b>;tag=1',
      'To: <sip:c@d>',
      `Call-ID: o${i}`,
    ]);
    const played = play(packets);
    expect(flaw(played)).toBeNull();
    expect(played.account.discarded.trunk_table_full).toBe(20_000 - 16_384);
  });

  test('calls that all share one header value: a conversation has so many legs and no more', () => {
    const packets = flood('INVITE', 2000, (i) => [
      `From: <sip:a${i}@b>;tag=1`,
      'To: <sip:c@d>',
      `Call-ID: i${i}`,
      'X-CID: one',
    ]);
    const { calls } = play(packets);
    expect(calls).toHaveLength(2000);
    expect(Math.max(...calls.map(({ legs }) => legs.length))).toBeLessThanOrEqual(16);
  });

  test('ten thousand requests within one call', () => {
    const packets = flood('INFO', 10_000, () => [
      'From: <sip:a@b>;tag=1',
      'To: <sip:c@d>;tag=2',
      'Call-ID: one',
    ]);
    const { calls } = play(packets);
    expect(calls).toHaveLength(1);
    expect(calls[0]!.signalling.requests).toBeGreaterThan(0);
  });
});
