import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { TrunkSpec } from '../../src/synth/signalling-spec.ts';
import type { FindingCase, Label } from './case.ts';

const STRANGER = '203.0.113.66';
const PBX = '192.0.2.5';

/** One call of a stranger to a number, refused unless told otherwise. */
function attempt(i: number, user: string, more: CallSpec = {}): CallSpec {
  const refused: CallSpec = { outcome: 'not_found', callerToCallee: null, calleeToCaller: null };
  return {
    ...refused,
    startMs: i * 300,
    caller: { user: 'anyone', ip: STRANGER },
    callee: { user, ip: PBX },
    ...more,
  };
}

function calls(count: number, of: (i: number) => CallSpec): CallSpec[] {
  return Array.from({ length: count }, (_, i) => of(i));
}

const extension = (i: number): string => String(1000 + i);
/** A number that has nothing to do with the one before. */
const elsewhere = (i: number): string => `0${(i * 7_919_317 + 3_000_017) % 90_000_017}`;

function asks(count: number, spec: Partial<TrunkSpec>): TrunkSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    srcIp: STRANGER,
    dstIp: `198.51.100.${10 + i}`,
    startMs: i * 100,
    intervalMs: 60_000,
    count: 1,
    ...spec,
  }));
}

const SCANNER = { userAgents: { caller: 'friendly-scanner' } };

const POSITIVE: [string, Partial<Scenario>][] = [
  ['extensions in order', { calls: calls(40, (i) => attempt(i, extension(i))) }],
  [
    'extensions in order, one of them 112',
    { calls: calls(60, (i) => attempt(i, String(90 + i), { finalCode: i % 2 === 0 ? 404 : 403 })) },
  ],
  [
    'prefixes before one number',
    { calls: calls(40, (i) => attempt(i, `${i}${i * 3}0044205550123`, { finalCode: 403 })) },
  ],
  [
    'numbers without order, by a program for scans',
    { calls: calls(8, (i) => attempt(i, elsewhere(i), { signalling: SCANNER })) },
  ],
  [
    'a program for scans that nobody answers',
    { calls: calls(6, (i) => attempt(i, extension(i), { outcome: 'unreachable', signalling: SCANNER })) },
  ],
  ['OPTIONS to a row of hosts', { trunks: asks(60, { unanswered: [0] }), untilMs: 200_000 }],
  ['one OPTIONS of a program for scans', { trunks: asks(1, { userAgent: 'friendly-scanner' }) }],
];

const NEGATIVE: [string, readonly Label[], Partial<Scenario>][] = [
  ['OPTIONS to thirty peers that answer', [], { trunks: asks(30, { count: 4 }), untilMs: 250_000 }],
  [
    'OPTIONS to thirty peers, again and again in vain',
    [],
    { trunks: asks(30, { count: 4, unanswered: [0, 1, 2, 3] }), untilMs: 250_000 },
  ],
  [
    'a trunk whose calls are all refused: other numbers, no order',
    ['setup_failed'],
    { calls: calls(40, (i) => attempt(i, elsewhere(i), { finalCode: 403 })) },
  ],
  [
    'a dialler that goes through its numbers, of which two in five fail',
    ['setup_failed'],
    {
      calls: calls(60, (i) => {
        const fails = i % 5 < 2;
        const outcome = fails ? 'not_found' : 'busy';
        return attempt(i, extension(i), fails ? { outcome, finalCode: [404, 484][i % 2]! } : { outcome });
      }),
    },
  ],
  [
    'a server in trouble, numbers in order',
    ['setup_failed'],
    { calls: calls(40, (i) => attempt(i, extension(i), { finalCode: 503 })) },
  ],
];

const scenarioOf = (part: Partial<Scenario>): Scenario => ({ seed: 5, calls: [], ...part });

/** Strangers who look for what there is, and what only resembles them. */
export const SCAN_CASES: FindingCase[] = [
  ...POSITIVE.map(
    ([name, part]): FindingCase => ({ name, expected: ['sip_scan'], scenario: scenarioOf(part) }),
  ),
  ...NEGATIVE.map(([name, expected, part]): FindingCase => ({ name, expected, scenario: scenarioOf(part) })),
];
