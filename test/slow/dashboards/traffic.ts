import { type GroupRule, Groups } from '../../../src/metrics/groups/groups.ts';
import type { CallSpec, EndpointSpec, Scenario, StreamSpec } from '../../../src/synth/scenario.ts';
import type { RegistrationSpec, TrunkSpec } from '../../../src/synth/signalling-spec.ts';

/** How the probes of the tests group that traffic, as in a configuration. */
export const GROUPS = {
  sites: [
    { name: 'north', cidr: ['192.0.2.0/25'] },
    { name: 'south', cidr: ['192.0.2.128/25'] },
  ],
  trunks: [
    { name: 'carrier-a', cidr: ['203.0.113.0/25'] },
    { name: 'carrier-b', cidr: ['203.0.113.128/25'] },
  ],
  devices: [
    { name: 'Desk phone', userAgent: ['Desk*'] },
    { name: 'Soft phone', userAgent: ['Soft*'] },
  ],
};

/** The same for a probe without a configuration. */
export function groups(): Groups {
  const rule = { cidr: [], vlan: [], userAgent: [], header: null, value: '*' };
  const filled = (rules: readonly object[]): GroupRule[] =>
    rules.map((each) => ({ name: '', ...rule, ...each }));
  return new Groups({
    sites: filled(GROUPS.sites),
    trunks: filled(GROUPS.trunks),
    devices: filled(GROUPS.devices),
  });
}

const FINE: StreamSpec = { jitter: { kind: 'gauss', sigmaMs: 0.6 } };
const LOSSY: StreamSpec = {
  jitter: { kind: 'gauss', sigmaMs: 1 },
  loss: { kind: 'gilbert', p: 0.02, q: 0.25 },
};
const UNEVEN: StreamSpec = { jitter: { kind: 'uniform', maxMs: 120 } };
/** Late by more each time, every four seconds: more than a buffer has learnt to expect. */
const LATER_EACH_TIME = [150, 300, 500, 750, 1050];
const LATE: StreamSpec = {
  jitter: {
    kind: 'exact',
    delaysMs: Array.from({ length: 1000 }, (_, i) =>
      i % 200 === 100 ? LATER_EACH_TIME[Math.floor(i / 200)]! : 0,
    ),
  },
};
const COPIED: StreamSpec = {
  ...FINE,
  duplicate: { positions: [50, 150, 300], afterMs: 3 },
  reorder: { positions: [200, 400], by: 2 },
};
const SENT_TWICE: StreamSpec = {
  ...FINE,
  duplicate: { positions: [60, 61, 62, 63], afterMs: 1, mirror: true },
};

/** What the streams of a call and its codec are like; one call after the other takes the next. */
const KINDS: readonly Partial<CallSpec>[] = [
  { codec: 'PCMU', callerToCallee: FINE, calleeToCaller: LATE },
  { codec: 'PCMA', callerToCallee: LOSSY, calleeToCaller: FINE },
  { codec: 'PCMU', callerToCallee: LATE, calleeToCaller: UNEVEN },
  { codec: 'G729', callerToCallee: COPIED, calleeToCaller: LOSSY },
  { codec: 'G722', callerToCallee: FINE, calleeToCaller: LOSSY },
  { codec: 'AMR-WB', callerToCallee: LOSSY, calleeToCaller: LATE },
  { codec: 'EVS', callerToCallee: FINE, calleeToCaller: LOSSY },
  { codec: 'opus', callerToCallee: SENT_TWICE, calleeToCaller: LATE },
];

const CALLS = 24;
const TALK_MS = 20_000;

/** Calls of two sites over two trunks, good and bad, and everything else that signalling does; all within 40 s. */
function round(number: number, atMs: number): CallSpec[] {
  const ends = (i: number): { caller: EndpointSpec; callee: EndpointSpec } => ({
    caller: { user: `user${i}`, ip: `192.0.2.${i % 2 === 0 ? 10 + i : 140 + i}`, rtpPort: 16_384 + 4 * i },
    callee: {
      user: `5550${100 + i}`,
      ip: `203.0.113.${i % 3 === 0 ? 130 : 20}`,
      rtpPort: 30_000 + 4 * (i + 100 * number),
    },
  });
  const call = (i: number, more: Partial<CallSpec>): CallSpec => ({
    callId: `r${number}c${i}@example.com`,
    startMs: atMs + 300 * i,
    durationMs: TALK_MS,
    rtcp: { intervalMs: 4000, tapToCallerMs: 4, tapToCalleeMs: 30 },
    signalling: { userAgents: { caller: i % 4 < 2 ? 'Desk 7' : 'Soft 2.1', callee: 'Gate 1' } },
    ...ends(i),
    ...more,
  });
  const talks = Array.from({ length: CALLS }, (_, i) =>
    call(i, { ...KINDS[i % KINDS.length], ...(i % 3 === 2 ? ends(i) : {}) }),
  );
  const others: Partial<CallSpec>[] = [
    { outcome: 'not_found', finalCode: 503 },
    { outcome: 'not_found' },
    { outcome: 'busy' },
    { outcome: 'canceled', ringMs: [250, 5000] },
    { outcome: 'not_found', finalCode: 302 },
    { outcome: 'unreachable' },
    { outcome: 'ringing' },
    { outcome: 'none', durationMs: 8000 },
    { durationMs: 3000, signalling: { resend: [{ message: 'INVITE', copies: 2 }] } },
    { durationMs: TALK_MS, calleeToCaller: null },
    { durationMs: 8000, transport: 'tls' },
    {
      durationMs: 8000,
      sdp: { caller: { profile: 'RTP/SAVP', crypto: true }, callee: { profile: 'RTP/SAVP', crypto: true } },
      callerToCallee: { encrypted: true },
      calleeToCaller: { encrypted: true },
    },
    { durationMs: 12_000, callerToCallee: null, calleeToCaller: null },
    { durationMs: 16_000, callerToCallee: { durationMs: 5000 } },
    {
      durationMs: 8000,
      signalling: { byeReason: 'Q.850;cause=38;text="Network out of order"' },
    },
    { durationMs: TALK_MS, callee: { user: '112', ip: '203.0.113.20' }, callerToCallee: null },
    { outcome: 'busy', callee: { user: '112', ip: '203.0.113.20' } },
    // A scan.
    {
      outcome: 'not_found',
      caller: { user: '100', ip: '203.0.113.77' },
      callee: { user: '100', ip: '192.0.2.60' },
      signalling: { userAgents: { caller: 'friendly-scanner' } },
    },
  ];
  return [...talks, ...others.map((more, k) => call(CALLS + k, more))];
}

const ROUNDS_APART_MS = 90_000;

/** Registrations that succeed, fail, and are lost, in both rounds. */
function registrations(): RegistrationSpec[] {
  const device = (user: string, events: RegistrationSpec['events'], expiresS = 300): RegistrationSpec => ({
    ...{ user, ip: '192.0.2.50', registrarIp: '203.0.113.20', expiresS, events },
  });
  const at = [0, ROUNDS_APART_MS + 25_000];
  return [
    device('lost', [{ atMs: 100, kind: 'register' }], 60),
    device(
      'stays',
      at.map((atMs) => ({ atMs: atMs + 500, kind: 'register' as const })),
    ),
    device(
      'guess',
      at.map((atMs) => ({ atMs: atMs + 700, kind: 'register' as const, answer: 'wrong_password' as const })),
    ),
  ];
}

/** A trunk that answers all the time, and one that stops. */
function trunks(): TrunkSpec[] {
  const asked = { srcIp: '192.0.2.60', startMs: 700, intervalMs: 5000, count: 26 };
  return [
    { ...asked, dstIp: '203.0.113.20' },
    { ...asked, dstIp: '203.0.113.130', unanswered: Array.from({ length: 22 }, (_, i) => i + 4) },
  ];
}

/** Two rounds of all that, so that every counter rises after it was seen for the first time. */
export function traffic(seed: number): Scenario {
  return {
    seed,
    calls: [...round(0, 1000), ...round(1, 1000 + ROUNDS_APART_MS)],
    registrations: registrations(),
    trunks: trunks(),
    background: { dns: 60, randomUdp: 60 },
  };
}
