import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { RegistrationEvent, RegistrationSpec } from '../../src/synth/signalling-spec.ts';
import type { FindingCase, Label } from './case.ts';

const register = (atMs: number, more: Partial<RegistrationEvent> = {}): RegistrationEvent => ({
  atMs,
  kind: 'register',
  ...more,
});

const OVER: [string, Partial<Scenario>, Partial<RegistrationSpec>][] = [
  ['UDP', {}, {}],
  ['TCP', {}, { transport: 'tcp' }],
  ['IPv6', { ipv6: true, vlans: [7] }, {}],
];

function device(
  name: string,
  expected: readonly Label[],
  untilMs: number,
  events: RegistrationEvent[],
): FindingCase[] {
  return OVER.map(([over, scenario, spec]) => ({
    name: `${name}: ${over}`,
    expected,
    scenario: {
      seed: 5,
      ...scenario,
      untilMs,
      calls: [],
      registrations: [{ user: 'alice', expiresS: 60, events, ...spec }],
    },
  }));
}

const BOB: RegistrationSpec = {
  user: 'bob',
  ip: '203.0.113.40',
  expiresS: 60,
  events: [register(0), register(40_000)],
};

const DESK: RegistrationSpec = { user: 'alice', expiresS: 3600, events: [register(0), register(60_000)] };
const OTHER: RegistrationSpec = {
  ...{ user: 'alice', ip: '198.51.100.99', userAgent: 'pplsip', expiresS: 3600 },
  events: [register(30_000), register(80_000)],
};

/** Telephones of one network, each of which is registered and then no more. */
function site(name: string, count: number, then: RegistrationEvent[]): FindingCase[] {
  const single: Label[] =
    then.length === 0 ? ['registration_lost'] : ['registration_failed', 'registration_lost'];
  return OVER.map(([over, scenario, spec]) => ({
    name: `a site that ${name}: ${over}`,
    expected: ['registrations_lost_together', ...single],
    scenario: {
      seed: 5,
      ...scenario,
      untilMs: 250_000,
      calls: [],
      registrations: Array.from({ length: count }, (_, i) => ({
        user: `u${i}`,
        ip: `198.51.100.${10 + i}`,
        expiresS: 60,
        events: [register(i * 1000), ...then.map((event) => ({ ...event, atMs: event.atMs + i * 1000 }))],
        ...spec,
      })),
    },
  }));
}

function ring(name: string, expected: readonly Label[], call: CallSpec): FindingCase {
  const calls: CallSpec[] = [
    {
      startMs: 50_000,
      caller: { user: 'alice' },
      callee: { user: 'bob', ip: '203.0.113.5' },
      callerToCallee: null,
      calleeToCaller: null,
      ...call,
    },
  ];
  return { name, expected, scenario: { seed: 5, untilMs: 95_000, registrations: [BOB], calls } };
}

const come = [0, 60, 120, 180].flatMap((s): RegistrationEvent[] => [
  register(s * 1000),
  { atMs: s * 1000 + 20_000, kind: 'unregister' },
]);

/** Devices that register, or fail to, and calls to them. */
export const REGISTRATION_CASES: FindingCase[] = [
  ...device('refreshed in time', [], 100_000, [register(0), register(30_000), register(60_000)]),
  ...device('taken back', [], 200_000, [register(0), { atMs: 20_000, kind: 'unregister' }]),
  ...device('the end of the capture', [], 65_000, [register(0)]),
  ...[403, 404, 503].flatMap((answer) =>
    device(`refused with ${answer}`, ['registration_failed'], 100_000, [register(0, { answer })]),
  ),
  ...device('a wrong password', ['registration_failed'], 100_000, [
    register(0, { answer: 'wrong_password' }),
  ]),
  ...device('a challenge that nobody answers', [], 100_000, [
    register(0, { challenged: false, answer: 401 }),
  ]),
  ...device('not refreshed', ['registration_lost'], 200_000, [register(0), register(40_000)]),
  ...site('goes silent together', 8, []),
  ...site('is refused together', 8, [register(60_000, { answer: 503 }), register(120_000, { answer: 503 })]),
  ...OVER.map(
    ([over, scenario, spec]): FindingCase => ({
      name: `a user who is registered from elsewhere, by another program: ${over}`,
      expected: ['registration_taken_over'],
      scenario: {
        seed: 5,
        ...scenario,
        untilMs: 100_000,
        calls: [],
        registrations: [DESK, scenario.ipv6 ? { ...OTHER, ip: '2001:db8:99::9' } : OTHER].map((each) => ({
          ...each,
          ...spec,
        })),
      },
    }),
  ),
  ...device('comes and goes', ['registration_flapping'], 250_000, come),
  ...device(
    'another contact each time',
    ['registration_flapping'],
    80_000,
    [5060, 5070, 5080, 5090].map((port, i) => register(i * 20_000, { port })),
  ),
  ...device('one change of contact', [], 100_000, [
    register(0),
    register(20_000, { port: 5070 }),
    register(60_000, { port: 5070 }),
  ]),
  ring('430 for a registered user', ['registered_unreachable'], { outcome: 'not_found', finalCode: 430 }),
  ring('408 for a registered user', ['registered_unreachable'], {
    outcome: 'not_found',
    finalCode: 408,
    ringMs: 10_000,
  }),
  ring('480 for a registered user after 20 s', ['registered_unreachable'], {
    outcome: 'not_found',
    finalCode: 480,
    ringMs: 20_000,
  }),
  ring('no answer for a registered user', ['registered_unreachable', 'setup_timeout'], {
    outcome: 'unreachable',
  }),
  ring('a registered user is busy', [], { outcome: 'busy' }),
  ring('a registered user does not answer', [], { outcome: 'no_answer', finalCode: 480 }),
  {
    name: 'a trunk that goes down for three questions',
    expected: [],
    scenario: {
      calls: [],
      trunks: [
        { srcIp: '192.0.2.10', dstIp: '203.0.113.20', intervalMs: 30_000, count: 10, unanswered: [4, 5, 6] },
      ],
    },
  },
];
