import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { RegistrationEvent, RegistrationSpec } from '../../src/synth/signalling-spec.ts';
import { type Replayed, replayed } from '../engine/replayed.ts';

const register = (atMs: number, more: Partial<RegistrationEvent> = {}): RegistrationEvent => ({
  atMs,
  kind: 'register',
  ...more,
});

function device(events: RegistrationEvent[], more: Partial<RegistrationSpec> = {}): RegistrationSpec {
  return { user: 'alice', expiresS: 60, events, ...more };
}

function play(registrations: RegistrationSpec[], untilMs: number, more: Partial<Scenario> = {}): Replayed {
  return replayed(buildScenario({ seed: 5, calls: [], registrations, untilMs, ...more }).pcap);
}

const WAYS: [string, Partial<Scenario>, Partial<RegistrationSpec>][] = [
  ['udp', {}, {}],
  ['tcp', {}, { transport: 'tcp' }],
  ['ipv6', { ipv6: true, vlans: [7] }, {}],
];

/** Something else that the device hears, so that answers to it are known to pass. */
const AUDIBLE = register(0);

const said = (findings: readonly FindingRecord[]): [string, string][] =>
  findings.map(({ code, severity }) => [code, severity]);

describe.each(WAYS)('registrations, %s', (way, scenario, over) => {
  const one = (events: RegistrationEvent[], untilMs: number): Replayed =>
    play([device(events, over)], untilMs, scenario);

  test('registered with a challenge, refreshed in time: the challenge is in the delay (RFC 6076 4.1)', () => {
    const { registrations, findings, signalling } = one(
      [register(0), register(30_000), register(60_000)],
      100_000,
    );
    expect(findings).toEqual([]);
    expect(registrations).toHaveLength(1);
    const [binding] = registrations;
    expect(binding).toMatchObject({
      id: 'r1',
      aor: 'sip:alice@example.com',
      state: 'registered',
      attempts: 3,
      succeeded: 3,
      failed: 0,
      losses: 0,
      returns: 0,
      expiresS: 60,
      finalCode: 200,
      delayMs: { mean: 24, max: 24 },
      userAgent: 'ExamplePhone/4.2',
      transport: way === 'tcp' ? 'TCP' : 'UDP',
    });
    expect((binding!.refreshedUs! - binding!.registeredUs!) / 1e6).toBe(60);
    expect((binding!.expiresUs! - binding!.refreshedUs!) / 1e6).toBe(60);
    expect(signalling.registrations).toEqual({ attempts: 3, succeeded: 3, failed: 0, ofScans: 0, active: 1 });
    expect(signalling.delays.rrd).toMatchObject({ count: 3, p50Ms: 24 });
    expect(signalling.ratios.ira).toEqual({ numerator: 0, denominator: 3, ratio: 0 });
  });

  test.each(['unregister', 'unregister_all'] as const)('%s: gone, not lost', (kind) => {
    const { registrations, findings } = one([register(0), { atMs: 20_000, kind }], 200_000);
    expect(findings).toEqual([]);
    expect(registrations[0]).toMatchObject({ state: 'unregistered', losses: 0 });
  });

  test('expired without refresh: lost', () => {
    const { registrations, findings } = one([register(0), register(40_000)], 200_000);
    expect(said(findings)).toEqual([['registration_lost', 'warning']]);
    expect(findings[0]).toMatchObject({ callId: null, party: 'sip:alice@example.com' });
    expect(findings[0]!.evidence).toMatchObject({ expiresS: 60, registeredMs: 100_000 });
    expect(registrations[0]).toMatchObject({ state: 'expired', losses: 1 });
  });

  test.each([403, 404, 500, 503])('refused with %i', (answer) => {
    const { registrations, findings } = one([register(0, { answer })], 100_000);
    expect(said(findings)).toEqual([['registration_failed', 'warning']]);
    expect(findings[0]!.evidence).toMatchObject({ finalCode: answer, failures: 1, bruteForce: false });
    expect(registrations[0]).toMatchObject({ state: 'failed', failed: 1, finalCode: answer });
  });

  test('wrong password', () => {
    const { findings } = one([register(0, { answer: 'wrong_password' })], 100_000);
    expect(said(findings)).toEqual([['registration_failed', 'warning']]);
    expect(findings[0]!.evidence).toMatchObject({ finalCode: 401 });
  });

  test('no answer, and the answer to an earlier one had passed', () => {
    const { findings, registrations } = one([AUDIBLE, register(30_000, { answer: null })], 80_000);
    expect(said(findings)).toContainEqual(['registration_failed', 'warning']);
    expect(findings.find(({ code }) => code === 'registration_failed')!.evidence).toMatchObject({
      finalCode: null,
    });
    expect(registrations[0]).toMatchObject({ unanswered: 1 });
  });

  test('gone and back again three times: flapping', () => {
    const events: RegistrationEvent[] = [];
    for (let i = 0; i < 4; i++)
      events.push(register(i * 60_000), { atMs: i * 60_000 + 20_000, kind: 'unregister' });
    const { findings, registrations } = one(events, 250_000);
    expect(said(findings)).toEqual([['registration_flapping', 'warning']]);
    expect(registrations[0]).toMatchObject({ returns: 3 });
  });

  test('the contact changes three times: flapping', () => {
    const events = [5060, 5070, 5080, 5090].map((port, i) => register(i * 20_000, { port }));
    const { findings, registrations } = one(events, 80_000);
    expect(said(findings)).toEqual([['registration_flapping', 'warning']]);
    expect(registrations.map(({ state }) => state)).toEqual([
      'replaced',
      'replaced',
      'replaced',
      'registered',
    ]);
  });

  test('one change of contact, as after a restart, is none', () => {
    const { findings } = one(
      [register(0), register(20_000, { port: 5070 }), register(60_000, { port: 5070 })],
      100_000,
    );
    expect(findings).toEqual([]);
  });
});

describe('registrations that are nothing to speak of', () => {
  test('a failure that is over within a minute is information', () => {
    const { findings } = play([device([register(0, { answer: 503 }), register(10_000)])], 60_000);
    expect(said(findings)).toEqual([['registration_failed', 'info']]);
  });

  test('one that lasts is told once, with the number of failures', () => {
    const events = [0, 10, 20, 30, 90, 150, 210].map((s) => register(s * 1000, { answer: 403 }));
    const { findings } = play([device(events)], 300_000);
    expect(said(findings)).toEqual([['registration_failed', 'warning']]);
    expect(findings[0]!.evidence).toMatchObject({ failures: 4 });
  });

  test('sent again before the answer came', () => {
    const { registrations, findings } = play([device([register(0, { copies: 2 })])], 50_000);
    expect(findings).toEqual([]);
    expect(registrations[0]).toMatchObject({ succeeded: 1, retransmissions: 2 });
  });

  test('a challenge that nobody answers', () => {
    const events = [register(0, { challenged: false, answer: 401 })];
    const { findings, signalling } = play([device(events)], 100_000);
    expect(findings).toEqual([]);
    expect(signalling.registrations).toMatchObject({ succeeded: 0, failed: 0 });
  });

  test('the end of the capture is no loss', () => {
    expect(play([device([register(0)])], 65_000).findings).toEqual([]);
  });

  test('neither is a gap in the capture', () => {
    const events = [register(0), register(4_000_000)];
    expect(play([device(events)], 4_010_000).findings).toEqual([]);
  });

  test('a silent registrar in a capture of one direction', () => {
    const { findings } = play([device([register(0, { answer: null })], { transport: 'tcp' })], 100_000);
    // The handshake shows that answers would pass.
    expect(said(findings)).toEqual([['registration_failed', 'warning']]);
  });

  test('two devices of one user behind one address come and go on their own', () => {
    const ip = '192.0.2.50';
    const desk = device(
      [0, 30, 60, 90].map((s) => register(s * 1000)),
      { ip },
    );
    const soft = device(
      [5, 35, 65, 95].map((s) => register(s * 1000, { port: 5090 })),
      { ip },
    );
    const { findings, registrations } = play([desk, soft], 120_000);
    expect(findings).toEqual([]);
    expect(registrations.map(({ state, returns }) => [state, returns])).toEqual([
      ['registered', 0],
      ['registered', 0],
    ]);
  });

  test('a device that restarts with another contact leaves its old one to expire', () => {
    const before = device([register(0)]);
    const after = device(
      [30, 60, 90].map((s) => register(s * 1000, { port: 5099 })),
      { ip: '192.0.2.100' },
    );
    const { findings, registrations } = play([before, after], 110_000);
    expect(findings).toEqual([]);
    expect(registrations.map(({ state }) => state)).toEqual(['replaced', 'registered']);
  });
});

describe('somebody trying the door', () => {
  test('many refusals from one host are one piece of information', () => {
    const ip = '198.51.100.66';
    const tries = Array.from({ length: 30 }, (_, i) =>
      device([register(i * 500, { answer: 'wrong_password' })], { user: `10${i}`, ip }),
    );
    const { findings, registrations } = play(tries, 200_000);
    expect(said(findings)).toEqual([['registration_failed', 'info']]);
    expect(findings[0]).toMatchObject({ party: null });
    expect(findings[0]!.evidence).toMatchObject({
      source: ip,
      failures: 30,
      triedAors: 30,
      bruteForce: true,
    });
    expect(registrations).toHaveLength(30);
  });

  test('an office whose registrar is out of order is not that', () => {
    const tries = Array.from({ length: 25 }, (_, i) =>
      device([register(i * 100, { answer: 503 })], { user: `10${i}`, ip: '198.51.100.66' }),
    );
    const { findings } = play(tries, 200_000);
    expect(findings).toHaveLength(25);
    for (const { severity } of findings) expect(severity).toBe('warning');
  });
});

describe('registered, and yet not to be reached', () => {
  const bob = device([register(0), register(40_000)], { user: 'bob', ip: '203.0.113.40' });
  const ring = (call: Partial<CallSpec>): CallSpec => ({
    startMs: 50_000,
    caller: { user: 'alice' },
    callee: { user: 'bob', ip: '203.0.113.5' },
    callerToCallee: null,
    calleeToCaller: null,
    ...call,
  });

  test.each([
    ['430 at once', { outcome: 'not_found', finalCode: 430 }, [['registered_unreachable', 'warning']]],
    [
      '408 after 10 s',
      { outcome: 'not_found', finalCode: 408, ringMs: 10_000 },
      [['registered_unreachable', 'warning']],
    ],
    [
      '480 after 20 s',
      { outcome: 'not_found', finalCode: 480, ringMs: 20_000 },
      [['registered_unreachable', 'warning']],
    ],
    ['480 at once', { outcome: 'not_found', finalCode: 480 }, [['registered_unreachable', 'info']]],
    [
      'no answer at all',
      { outcome: 'unreachable' },
      [
        ['setup_timeout', 'critical'],
        ['registered_unreachable', 'warning'],
      ],
    ],
  ] as [string, Partial<CallSpec>, [string, string][]][])('%s', (_name, call, expected) => {
    const { findings } = play([bob], 95_000, { calls: [ring(call)] });
    expect(said(findings)).toEqual(expected);
    const evidence = findings.at(-1)!.evidence;
    expect(evidence).toMatchObject({
      aor: 'sip:bob@example.com',
      registeredForMs: 49_976,
      expiresInMs: 50_024,
    });
  });

  test('over IPv6, to the contact the PBX knows', () => {
    const spec = { ...bob, sipPort: 5060 };
    const call = ring({
      outcome: 'not_found',
      finalCode: 408,
      ringMs: 8000,
      callee: { user: 'bob', domain: 'elsewhere.example.com', ip: '203.0.113.40' },
      signalling: { requestUri: 'sip:bob@[2001:db8::cb00:7128]:5060;transport=udp' },
    });
    const { findings } = play([spec], 95_000, { calls: [call], ipv6: true });
    expect(said(findings)).toEqual([['registered_unreachable', 'warning']]);
  });

  test.each([
    ['it rang', { outcome: 'no_answer', finalCode: 480 }],
    ['busy', { outcome: 'busy' }],
    ['answered', { durationMs: 6000 }],
    ['given up', { outcome: 'canceled' }],
  ] as [string, Partial<CallSpec>][])('nothing when %s', (_name, call) => {
    expect(play([bob], 95_000, { calls: [ring(call)] }).findings).toEqual([]);
  });

  test('nothing when the registration had expired or was taken back', () => {
    const gone = device([register(0), { atMs: 20_000, kind: 'unregister' }], { user: 'bob' });
    const call = ring({ outcome: 'not_found', finalCode: 480 });
    expect(play([gone], 95_000, { calls: [call] }).findings).toEqual([]);
  });
});

describe('against the generator', () => {
  test('rounds of every device', () => {
    const specs = Array.from({ length: 12 }, (_, i) =>
      device(
        [0, 20, 40].map((s) => register(s * 1000 + i * 7, i % 3 === 0 && s === 20 ? { answer: 500 } : {})),
        { user: `u${i}`, transport: i % 2 === 0 ? 'udp' : 'tcp' },
      ),
    );
    const { pcap, truth } = buildScenario({ calls: [], registrations: specs, untilMs: 50_000 });
    const { registrations, account } = replayed(pcap);
    const got = registrations.map(({ aor, succeeded, failed }) => ({ aor, succeeded, failed }));
    const wanted = truth.signalling.registrations.map(({ aor, succeeded, failed }) => ({
      aor,
      succeeded,
      failed,
    }));
    expect(got).toEqual(wanted);
    expect(account.decoded.sip).toBe(truth.capture.sip);
  });
});
