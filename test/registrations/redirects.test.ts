import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import type { Endpoint } from '../calls/tape.ts';
import { RegisterTape, type Round } from './register-tape.ts';

const SECOND: Endpoint = { ip: '203.0.113.6', port: 5060 };
const TO_SECOND = ['Contact: <sip:203.0.113.6>'];
/** Another telephone is registered there: what goes there passes the tap. */
const NEIGHBOUR: Round = {
  from: { ip: '192.0.2.99', port: 5060 },
  to: SECOND,
  user: 'bob',
  callId: 'reg-2',
  expiresS: 3600,
};

const said = (findings: readonly FindingRecord[]): string[] =>
  findings.map(({ code, evidence }) => `${code} ${evidence.finalCode ?? ''}`.trim()).sort();

function neighbours(): RegisterTape {
  const tape = new RegisterTape();
  tape.register(0, NEIGHBOUR);
  return tape;
}

describe('a REGISTER that is sent elsewhere (3xx), and goes there', () => {
  test('registers: one round, and no failure', () => {
    const tape = neighbours();
    tape.register(1000, { answer: 302, headers: TO_SECOND, credentials: false });
    tape.register(1100, { to: SECOND, uri: 'sip:203.0.113.6', credentials: false, answer: 401 });
    tape.register(1200, { to: SECOND, uri: 'sip:203.0.113.6' });
    tape.idle(50_000);
    const { findings, registrations, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(signalling.registrations).toEqual({ attempts: 2, succeeded: 2, failed: 0, ofScans: 0, active: 2 });
    expect(registrations[1]).toMatchObject({
      state: 'registered',
      attempts: 1,
      succeeded: 1,
      finalCode: 200,
      redirected: 1,
      redirectedTo: ['sip:203.0.113.6'],
      registrar: SECOND,
    });
    expect(registrations[1]!.delayMs.mean).toBeCloseTo(210, 3);
  });

  test('with another Call-ID', () => {
    const tape = neighbours();
    tape.register(1000, { answer: 301, headers: TO_SECOND });
    tape.register(1100, { to: SECOND, uri: 'sip:203.0.113.6', callId: 'reg-3', expiresS: 300 });
    tape.idle(90_000);
    const { findings, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(signalling.registrations).toEqual({ attempts: 2, succeeded: 2, failed: 0, ofScans: 0, active: 2 });
  });

  test('by way of a proxy that has a name (305), with the Request-URI as it was', () => {
    const tape = neighbours();
    tape.register(1000, { answer: 305, headers: ['Contact: <sip:edge.example.com;lr>'] });
    tape.register(1100, { to: SECOND });
    tape.idle(50_000);
    const { findings, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(signalling.registrations).toMatchObject({ succeeded: 2, failed: 0 });
  });

  test.each([
    ['is refused there', 403, 'registration_failed 403'],
    ['gets no answer there', null, 'registration_failed'],
  ])('and %s', (_, answer, expected) => {
    const tape = neighbours();
    tape.register(1000, { answer: 302, headers: TO_SECOND });
    tape.register(1100, { to: SECOND, uri: 'sip:203.0.113.6', answer });
    tape.idle(50_000);
    tape.idle(90_000);
    const { findings, signalling } = tape.play();
    expect(said(findings)).toEqual([expected]);
    expect(signalling.registrations).toMatchObject({ succeeded: 1, failed: 1 });
  });

  test('in a circle', () => {
    const tape = neighbours();
    for (let i = 0; i < 8; i++) {
      const [to, next] = i % 2 === 0 ? [undefined, '203.0.113.6'] : [SECOND, '203.0.113.5'];
      const uri = i === 0 ? undefined : `sip:203.0.113.${i % 2 === 0 ? 5 : 6}`;
      const headers = [`Contact: <sip:${next}>`];
      tape.register(1000 + i * 50, { ...(to && { to }), ...(uri && { uri }), answer: 302, headers });
    }
    tape.idle(50_000);
    expect(said(tape.play().findings)).toEqual(['registration_failed 302']);
  });
});

describe('a REGISTER that is sent elsewhere, and is not seen to go there', () => {
  test('where the tap would see it: the user is not registered', () => {
    const tape = neighbours();
    for (const s of [1, 61, 121]) tape.register(s * 1000, { answer: 302, headers: TO_SECOND });
    tape.idle(160_000);
    tape.idle(200_000);
    const { findings, registrations, signalling } = tape.play();
    expect(said(findings)).toEqual(['registration_failed 302']);
    expect(findings[0]).toMatchObject({
      text: 'registration of sip:alice@example.com was sent to sip:203.0.113.6 (302), and came to nothing there',
      evidence: { redirectedTo: 'sip:203.0.113.6', failures: 1 },
    });
    expect(registrations[1]).toMatchObject({ state: 'failed', failed: 3, redirected: 3, finalCode: 302 });
    expect(signalling.registrations).toMatchObject({ attempts: 4, succeeded: 1, failed: 3 });
  });

  test('its older binding expires, and is lost', () => {
    const tape = neighbours();
    tape.register(500);
    tape.register(30_000, { answer: 302, headers: TO_SECOND });
    for (const s of [70, 110, 150]) tape.idle(s * 1000);
    expect(said(tape.play().findings)).toEqual(['registration_failed 302', 'registration_lost 302']);
  });

  test.each([
    ['a name', 'sip:other.example.com'],
    ['a host that the tap does not see', 'sip:203.0.113.77'],
    ['a way that is encrypted', 'sip:203.0.113.6;transport=tls'],
    ['the same', 'sips:203.0.113.6'],
  ])('to %s: nothing is known, and nothing is said', (_, uri) => {
    const tape = neighbours();
    tape.register(500);
    for (const s of [30, 90, 150]) tape.register(s * 1000, { answer: 302, headers: [`Contact: <${uri}>`] });
    for (const s of [190, 250]) tape.idle(s * 1000);
    const { findings, registrations, signalling } = tape.play();
    expect(findings).toEqual([]);
    expect(registrations[1]).toMatchObject({ state: 'unknown', finalCode: 302, redirected: 3, failed: 0 });
    expect(signalling.registrations).toEqual({ attempts: 2, succeeded: 2, failed: 0, ofScans: 0, active: 1 });
  });

  test('without a word where: it is refused', () => {
    const tape = neighbours();
    tape.register(1000, { answer: 380 });
    tape.idle(90_000);
    expect(tape.play().findings.map(({ text }) => text)).toEqual([
      'registration of sip:alice@example.com was sent elsewhere (380) without a word where',
    ]);
  });
});
