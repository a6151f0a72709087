import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { Registrations } from '../../src/registrations/registrations.ts';
import { parseSipMessage } from '../../src/sip/message.ts';
import { PHONE, RegisterTape, registerText } from './register-tape.ts';

const said = (findings: readonly FindingRecord[]): string[] =>
  findings.map(({ code, evidence }) => `${code} ${evidence.finalCode ?? ''}`.trim()).sort();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STALE = ['WWW-Authenticate: Digest realm="x", nonce="n", stale=true'];
const BRIEF = ['Min-Expires: 3600'];

describe('rounds that never come to an end', () => {
  test('every REGISTER is challenged, and none brings credentials: it failed, and the binding is gone', () => {
    const tape = new RegisterTape();
    tape.register(0);
    for (let s = 30; s < 300; s += 10) tape.register(s * 1000, { credentials: false, answer: 401 });
    const { findings, registrations, signalling } = tape.play();
    expect(said(findings)).toEqual(['registration_failed 401', 'registration_lost 401']);
    expect(registrations[0]).toMatchObject({ state: 'expired', succeeded: 1, losses: 1 });
    expect(signalling.registrations).toMatchObject({ succeeded: 1, active: 0 });
    expect(signalling.registrations.failed).toBeGreaterThan(20);
  });

  test('the same once a minute, as telephones without a password do', () => {
    const tape = new RegisterTape();
    for (let i = 0; i < 10; i++) tape.register(i * MINUTE, { credentials: false, answer: 401 });
    const { findings, registrations } = tape.play();
    expect(said(findings)).toEqual(['registration_failed 401']);
    expect(registrations[0]).toMatchObject({ state: 'failed', finalCode: 401 });
  });

  test('the answer to its challenge gets none', () => {
    const tape = new RegisterTape();
    tape.register(0, { credentials: false, answer: 401 });
    tape.register(100, { answer: null });
    for (const s of [50, 90]) tape.idle(s * 1000);
    const { findings, registrations } = tape.play();
    expect(findings.map(({ text }) => text)).toEqual([
      'registration of sip:alice@example.com got no answer in 32 s',
    ]);
    expect(registrations[0]).toMatchObject({ state: 'failed', unanswered: 1, finalCode: null });
  });

  test('one that asks twice, and then has the password, did not fail', () => {
    const tape = new RegisterTape();
    for (const s of [0, 20, 40]) tape.register(s * 1000, { credentials: false, answer: 401 });
    tape.register(40_100);
    tape.idle(90_000);
    const { findings, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(signalling.registrations).toEqual({ attempts: 1, succeeded: 1, failed: 0, ofScans: 0, active: 1 });
  });

  test('every nonce is too old: registrars that do not know those of each other', () => {
    const tape = new RegisterTape();
    tape.register(0);
    for (let s = 30; s < 300; s += 5) tape.register(s * 1000, { answer: 401, headers: STALE });
    const { findings, registrations, signalling } = tape.play();
    expect(said(findings)).toEqual(['registration_failed 401', 'registration_lost 401']);
    expect(registrations[0]).toMatchObject({ state: 'expired', losses: 1 });
    expect(signalling.registrations.active).toBe(0);
  });

  test('a nonce that is too old once is normal', () => {
    const tape = new RegisterTape();
    for (let s = 0; s < 300; s += 30) {
      tape.register(s * 1000, { answer: 401, headers: STALE });
      tape.register(s * 1000 + 20);
    }
    const { findings, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(signalling.registrations).toEqual({
      attempts: 10,
      succeeded: 10,
      failed: 0,
      ofScans: 0,
      active: 1,
    });
  });
});

describe('intervals that are too brief (423)', () => {
  test('asked for again and again', () => {
    const tape = new RegisterTape();
    for (let s = 0; s < 300; s += 20) tape.register(s * 1000, { answer: 423, headers: BRIEF });
    const { findings, registrations } = tape.play();
    expect(said(findings)).toEqual(['registration_failed 423']);
    expect(registrations[0]).toMatchObject({ state: 'failed', succeeded: 0, finalCode: 423 });
  });

  test('and given up', () => {
    const tape = new RegisterTape();
    tape.register(0, { answer: 423, headers: BRIEF });
    tape.idle(100_000);
    expect(said(tape.play().findings)).toEqual(['registration_failed 423']);
  });

  test('the longer one counts, also where the registrar does not repeat it', () => {
    const tape = new RegisterTape();
    tape.register(0, { answer: 423, headers: BRIEF });
    tape.register(1000, { expiresS: 3600 });
    tape.idle(200_000);
    const { findings, registrations, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(registrations[0]).toMatchObject({ state: 'registered', expiresS: 3600, attempts: 1 });
    expect(signalling.registrations).toMatchObject({ attempts: 1, succeeded: 1 });
  });
});

describe('contacts', () => {
  test('the challenge tells a device behind a NAT its address: what it names then is its contact', () => {
    const tape = new RegisterTape();
    for (const s of [0, 30, 60]) {
      const atMs = s * 1000;
      tape.register(atMs, { contacts: ['<sip:alice@10.0.0.1>'], credentials: false, answer: 401 });
      tape.register(atMs + 50, { contacts: ['<sip:alice@198.51.100.9:40000>'] });
    }
    const { findings, registrations } = tape.play();
    expect(findings).toEqual([]);
    expect(
      registrations.map(({ contact, state, succeeded, returns }) => [contact, state, succeeded, returns]),
    ).toEqual([['sip:alice@198.51.100.9', 'registered', 3, 0]]);
  });

  test.each([
    ['contacts of their own', 1],
    ['one contact', 0],
  ])('flows of one device (RFC 5626), %s: each comes and goes on its own', (_, apart) => {
    const tape = new RegisterTape();
    const flow = (atMs: number, number: number, expiresS = 60): void => {
      const from = { ip: PHONE.ip, port: 5060 + number };
      const uri = `<sip:alice@${PHONE.ip}:${5060 + number * apart}>`;
      const contacts = [`${uri};reg-id=${number};+sip.instance="<urn:uuid:1>"`];
      tape.register(atMs, { from, expiresS, contacts });
    };
    for (let s = 0; s < 300; s += 30) {
      flow(s * 1000, 1);
      if (s < 100) flow(s * 1000 + 100, 2);
    }
    flow(110_000, 2, 0);
    const { findings, registrations } = tape.play();
    expect(findings).toEqual([]);
    expect(registrations.map(({ state, returns }) => [state, returns])).toEqual([
      ['registered', 0],
      ['unregistered', 0],
    ]);
  });

  test('two in one REGISTER, each with its time, and all taken back by a wildcard', () => {
    const tape = new RegisterTape();
    const [long, short] = [
      '<sip:alice@192.0.2.10:5060>;expires=600',
      '<sip:alice@192.0.2.10:5070>;expires=60',
    ];
    tape.register(0, { contacts: [`${long}, ${short}`], headers: [`Contact: ${short}, ${long}`] });
    tape.register(20_000, { contacts: ['*'], expiresS: 0 });
    tape.idle(700_000);
    const { findings, registrations } = tape.play();
    expect(findings).toEqual([]);
    expect(registrations.map(({ state, expiresS }) => [state, expiresS])).toEqual([
      ['unregistered', 600],
      ['unregistered', 60],
    ]);
  });
});

describe('a binding that runs out each time before the device comes back', () => {
  const lostAndBack = (callIds: readonly string[]): RegisterTape => {
    const tape = new RegisterTape();
    callIds.forEach((callId, i) => {
      tape.register(i * 90_000, { from: { ...PHONE, port: 40_000 + i }, callId });
      tape.idle(i * 90_000 + 80_000);
    });
    return tape;
  };

  test('with another port each time: it flaps, as it does with one port', () => {
    const { findings, registrations } = lostAndBack(['a', 'a', 'a', 'a', 'a']).play();
    expect(said(findings).filter((each) => each !== 'registration_lost')).toEqual(['registration_flapping']);
    expect(registrations.map(({ returns }) => returns)).toEqual([0, 1, 2, 3, 4]);
  });

  test('another device each time does not', () => {
    expect(said(lostAndBack(['a', 'b', 'c', 'd', 'e']).play().findings)).not.toContain(
      'registration_flapping',
    );
  });
});

describe('one user, refused to many hosts', () => {
  const stranger = (n: number) => ({ ip: `198.51.100.${n}`, port: 5060 });

  test('is one piece of information, and the telephone of that user fails for itself', () => {
    const tape = new RegisterTape();
    tape.register(0);
    for (let n = 1; n <= 40; n++) {
      tape.register(n * 1000, { from: stranger(n), callId: `try-${n}`, answer: 403 });
    }
    tape.register(50_000, { answer: 403 });
    for (const s of [120, 300]) tape.idle(s * 1000);
    const { findings } = tape.play();
    const guessing = findings.filter(({ evidence }) => evidence.bruteForce === true);
    expect(guessing.map(({ severity, party }) => [severity, party])).toEqual([
      ['info', 'sip:alice@example.com'],
    ]);
    // The telephone itself was refused once, too.
    expect(guessing[0]!.evidence).toMatchObject({ triedFrom: 41, failures: 41 });
    expect(said(findings.filter((each) => !guessing.includes(each)))).toEqual([
      'registration_failed 403',
      'registration_lost 403',
    ]);
  });

  test('nine hosts within ten minutes are none', () => {
    const tape = new RegisterTape();
    for (let n = 1; n <= 9; n++) {
      tape.register(n * 60_000, { from: stranger(n), callId: `try-${n}`, answer: 403 });
    }
    tape.register(12 * MINUTE, { from: stranger(10), callId: 'try-10', answer: 403 });
    tape.idle(20 * MINUTE);
    const { findings } = tape.play();
    expect(findings.map(({ evidence }) => evidence.bruteForce)).toEqual(Array(10).fill(false));
  });
});

describe('one host, refused for many users', () => {
  const SITE = '198.51.100.7';
  const phone = (n: number) => ({ from: { ip: SITE, port: 20_000 + n }, user: `u${n}`, callId: `c${n}` });
  const refuse = (tape: RegisterTape, n: number, atMs: number): void => {
    for (const ms of [0, 20, 40]) {
      tape.register(atMs + ms, { ...phone(n), credentials: ms > 0, answer: ms < 40 ? 401 : 403 });
    }
  };

  test('a site whose users were registered there lost its registrar: every telephone says so for itself', () => {
    const tape = new RegisterTape();
    for (let n = 0; n < 25; n++) {
      tape.register(1000 + n * 100, phone(n));
      for (const s of [31, 91, 151]) refuse(tape, n, s * 1000 + n * 100);
    }
    for (let s = 0; s < 200; s += 2) tape.idle(s * 1000);
    const { findings, signalling } = tape.play();
    expect(findings.filter(({ evidence }) => evidence.bruteForce === true)).toEqual([]);
    expect(new Set(said(findings))).toEqual(
      new Set(['registration_failed 403', 'registration_lost 403', 'registrations_lost_together 403']),
    );
    expect(findings).toHaveLength(51);
    expect(signalling.registrations.failed).toBe(75);
    const lost = findings.find(({ code }) => code === 'registration_lost')!;
    expect(lost.text).toContain('because its refresh was refused with 403');
    expect(lost.evidence).toMatchObject({ failures: 1 });
  });

  test('somebody behind the address of a few telephones guesses, and the telephones fail for themselves', () => {
    const tape = new RegisterTape();
    for (let n = 0; n < 3; n++) tape.register(n * 100, phone(n));
    for (let n = 0; n < 33; n++) tape.register(31_000 + n * 100, { ...phone(n), answer: 403 });
    for (const s of [60, 120, 180]) tape.idle(s * 1000);
    const { findings } = tape.play();
    const guessing = findings.filter(({ evidence }) => evidence.bruteForce === true);
    expect(guessing.map(({ evidence }) => evidence.source)).toEqual([SITE]);
    const failed = findings.filter((each) => !guessing.includes(each)).map(({ party }) => party);
    expect([...new Set(failed)]).toEqual([0, 1, 2].map((n) => `sip:u${n}@example.com`));
  });

  test('is known from the first refused credentials on, before the rounds are given up', () => {
    const tape = new RegisterTape();
    for (let n = 0; n < 59; n++) {
      tape.register(n * 2000, { ...phone(n), credentials: false, answer: 401 });
      tape.register(n * 2000 + 20, { ...phone(n), answer: 401 });
    }
    const { findings } = tape.play();
    expect(findings.map(({ text }) => text)).toEqual([
      `${SITE} was refused 31 times for 31 users within 60 s: it looks like password guessing`,
    ]);
  });
});

describe('months', () => {
  test('a host that once looked like guessing is not passed over for ever', () => {
    const tape = new RegisterTape();
    for (let i = 0; i < 30; i++) tape.register(i * 500, { user: `u${i}`, callId: `c${i}`, answer: 403 });
    for (let h = 0; h < 24; h++) tape.idle(h * HOUR + MINUTE);
    for (let m = 0; m < 5; m++) tape.register(24 * HOUR + m * MINUTE, { answer: 403 });
    const { findings } = tape.play();
    expect(said(findings)).toEqual(['registration_failed', 'registration_failed 403']);
    expect(findings.map(({ evidence }) => evidence.bruteForce)).toEqual([true, false]);
  });

  test('a clock that was set back stops nothing: rounds without answer fail as before', () => {
    const outcomes: string[] = [];
    const registrations = new Registrations({
      registrationEnded: () => {},
      registrationFinding: () => {},
      registrationAttempt: (outcome) => outcomes.push(outcome),
      isScan: () => false,
      answersVisible: () => true,
    });
    const take = (atMs: number, callId: string): void => {
      const bytes = new TextEncoder().encode(registerText({ callId }, 1));
      const parsed = parseSipMessage(bytes, 0, bytes.length);
      if (!parsed.ok) throw new Error(parsed.reason);
      registrations.message(parsed.message, atMs * 1000, null);
    };
    take(10 * HOUR, 'before');
    registrations.sweep((10 * HOUR + 10_000) * 1000);
    take(9 * HOUR, 'after');
    take(9 * HOUR + 500, 'after');
    for (let s = 0; s < 60; s += 10) registrations.sweep((9 * HOUR + s * 1000) * 1000);
    expect(outcomes).toEqual(['failed']);
  });
});
