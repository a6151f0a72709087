import { describe, expect, test } from 'vitest';
import type { SignallingChanges } from '../../src/calls/options.ts';
import type { TrunkRecord } from '../../src/records/signalling-record.ts';
import type { Endpoint } from '../calls/tape.ts';
import { PHONE, REGISTRAR, RegisterTape } from '../registrations/register-tape.ts';

/** One OPTIONS of the registrar; unanswered ones are sent again by the timer. */
function ask(tape: RegisterTape, atMs: number, uri: string, answered = true, to: Endpoint = PHONE): void {
  const common = [
    `Via: SIP/2.0/UDP ${REGISTRAR.ip}:5060;branch=z9hG4bKo${atMs}`,
    ...[`From: <sip:pbx@${REGISTRAR.ip}>;tag=1`, `To: <${uri}>`, `Call-ID: o${atMs}`, 'CSeq: 1 OPTIONS'],
  ].join('\r\n');
  const end = '\r\nContent-Length: 0\r\n\r\n';
  for (const after of answered ? [0] : [0, 500, 1500, 3500])
    tape.sip(atMs + after, REGISTRAR, to, `OPTIONS ${uri} SIP/2.0\r\n${common}${end}`);
  if (answered) tape.sip(atMs + 10, to, REGISTRAR, `SIP/2.0 200 OK\r\n${common}${end}`);
}

/** Asked every minute for ten, of which the last five are in vain. */
function unplugged(tape: RegisterTape, uri: string, to?: Endpoint): void {
  for (let s = 0; s < 600; s += 60) ask(tape, s * 1000, uri, s < 300, to);
}

const played = (tape: RegisterTape, signalling: SignallingChanges = {}): TrunkRecord[] =>
  tape.play(signalling).trunks;

const AT_PHONE = `sip:alice@${PHONE.ip}:5060`;

describe('telephones that a PBX asks with OPTIONS are no trunks: one that is unplugged is no outage', () => {
  test('once they register', () => {
    const tape = new RegisterTape();
    unplugged(tape, AT_PHONE);
    tape.register(90_000, { expiresS: 3600 });
    expect(played(tape)).toEqual([]);
  });

  test('also when nothing asks them any more', () => {
    const tape = new RegisterTape();
    for (const s of [0, 30, 60]) ask(tape, s * 1000, AT_PHONE, false);
    tape.register(90_000, { expiresS: 3600 });
    tape.idle(120_000);
    expect(played(tape)).toEqual([]);
  });

  test('behind NAT, asked where their REGISTERs come from', () => {
    const tape = new RegisterTape();
    const outside = { ip: '198.51.100.7', port: 31_000 };
    tape.register(0, { from: outside, contacts: ['<sip:alice@192.168.1.5:5060>'], expiresS: 3600 });
    unplugged(tape, `sip:alice@${outside.ip}:${outside.port}`, outside);
    expect(played(tape)).toEqual([]);
  });

  test('behind NAT, at another address after a while', () => {
    const tape = new RegisterTape();
    const contacts = ['<sip:alice@192.168.1.5:5060>'];
    const [first, second] = [
      { ip: '198.51.100.7', port: 31_000 },
      { ip: '198.51.100.8', port: 31_000 },
    ] as const;
    tape.register(0, { from: first, contacts, expiresS: 3600 });
    tape.register(1000, { from: second, contacts, expiresS: 3600 });
    unplugged(tape, `sip:alice@${second.ip}`, second);
    ask(tape, 10_000, `sip:alice@${first.ip}`, true, first);
    ask(tape, 20_000, `sip:alice@${first.ip}`, true, first);
    expect(played(tape).map(({ dst }) => dst)).toEqual([first]);
  });

  test.each([
    `${AT_PHONE};ob`,
    `${AT_PHONE};transport=udp;rinstance=0a1b2c3d4e5f`,
    `${AT_PHONE};line=k3jd9sk2`,
    `${AT_PHONE};x-ast-orig-host=192.168.1.5:5060`,
    'sip:alice@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    'sip:k8df2h@df7jal23ls0d.invalid;transport=ws',
    `${AT_PHONE};transport=WSS`,
  ])('whose contact shows itself: %s', (uri) => {
    const tape = new RegisterTape();
    unplugged(tape, uri);
    expect(played(tape)).toEqual([]);
  });
});

describe('what may be a trunk stays one', () => {
  test.each([
    `sip:ping@${PHONE.ip}`,
    `sip:+4930123456@${PHONE.ip}:5060;user=phone`,
    `sip:alice@${PHONE.ip};transport=tcp`,
    `sip:4930123456@${PHONE.ip};lr?line=7`,
  ])('asked for a user: %s', (uri) => {
    const tape = new RegisterTape();
    unplugged(tape, uri);
    const party = uri.split(';')[0]!.replace(':5060', '');
    expect(played(tape)).toMatchObject([{ party, state: 'down', requests: 10, answered: 5 }]);
  });

  test('asked as a host, whatever its address carries', () => {
    const tape = new RegisterTape();
    unplugged(tape, `sip:${PHONE.ip};ob;transport=tls`);
    expect(played(tape)).toMatchObject([{ party: null, state: 'down', requests: 10 }]);
  });

  test('a telephone is there, too', () => {
    const tape = new RegisterTape();
    tape.register(0, { expiresS: 3600 });
    for (let s = 10; s < 600; s += 60) {
      ask(tape, s * 1000, `sip:${PHONE.ip}`);
      ask(tape, s * 1000 + 20_000, AT_PHONE);
    }
    expect(played(tape)).toMatchObject([{ host: PHONE.ip, state: 'up', requests: 10, answered: 10 }]);
  });

  test('a telephone is there, too, which was asked first and registers later', () => {
    const tape = new RegisterTape();
    for (let s = 10; s < 600; s += 60) {
      ask(tape, s * 1000, AT_PHONE);
      ask(tape, s * 1000 + 20_000, `sip:${PHONE.ip}`);
    }
    tape.register(240_000, { expiresS: 3600 });
    expect(played(tape)).toMatchObject([{ party: null, state: 'up', requests: 14 }]);
  });
});

describe('telephones that are named', () => {
  test.each([
    ['al*@*', 0],
    ['*@192.0.2.*', 0],
    ['1???@*', 1],
  ])('%s', (pattern, trunks) => {
    const tape = new RegisterTape();
    unplugged(tape, AT_PHONE);
    expect(played(tape, { telephones: [pattern] })).toHaveLength(trunks);
  });
});
