import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';

const loss = (ratio: number) => ({ loss: { kind: 'random' as const, ratio } });

/** An office: each call has its own trouble, or none. */
const OFFICE: CallSpec[] = [
  { callId: 'good', startMs: 0, durationMs: 30_000, codec: 'PCMA' },
  { callId: 'lossy', startMs: 2000, durationMs: 30_000, codec: 'G729', calleeToCaller: loss(0.05) },
  { callId: 'oneway', startMs: 4000, durationMs: 25_000, codec: 'G722', callerToCallee: null },
  {
    callId: 'mute',
    startMs: 6000,
    durationMs: 25_000,
    codec: 'PCMU',
    callerToCallee: { quiet: { atMs: 2000, durationMs: 20_000 } },
  },
  {
    callId: 'stopped',
    startMs: 7000,
    durationMs: 30_000,
    codec: 'opus',
    calleeToCaller: { durationMs: 12_000 },
  },
  {
    callId: 'jittery',
    startMs: 9000,
    durationMs: 30_000,
    codec: 'PCMU',
    calleeToCaller: { jitter: { kind: 'uniform', maxMs: 120 } },
  },
  {
    callId: 'held',
    startMs: 11_000,
    durationMs: 30_000,
    codec: 'AMR',
    hold: { atMs: 9000, durationMs: 9000 },
  },
  { callId: 'refused', startMs: 12_000, outcome: 'not_found', finalCode: 503 },
];

const IN_TURN = {
  caller: { ip: '192.0.2.10', rtpPort: 16384 },
  callee: { ip: '203.0.113.10', rtpPort: 32768 },
};

export const SEVERAL_CASES: FindingCase[] = [
  ...[
    { name: 'IPv4', more: {} },
    { name: 'IPv6 under a VLAN tag', more: { ipv6: true, vlans: [30] } },
    { name: 'as told by HEP', more: { hep: true } },
  ].map(
    ({ name, more }): FindingCase => ({
      name: `an office, ${name}`,
      scenario: { seed: 21, ...more, calls: OFFICE },
      expected: [
        'random_loss calleeToCaller @lossy',
        'one_way_media callerToCallee @oneway',
        'dead_air callerToCallee @mute',
        'media_stopped calleeToCaller @stopped',
        'high_jitter calleeToCaller @jittery',
        'setup_failed @refused',
      ],
      allowed: { late_discard: 'hangs on what depth a receiver chooses' },
    }),
  ),
  {
    name: 'calls one after the other on the same ports',
    scenario: {
      seed: 3,
      calls: [0, 12_000, 24_000].map((startMs) => ({ ...IN_TURN, startMs, durationMs: 9000 })),
    },
    expected: [],
  },
  {
    name: 'the same ports at once, as a BYE was lost',
    scenario: {
      seed: 4,
      calls: [
        { ...IN_TURN, outcome: 'open', durationMs: 9000 },
        { ...IN_TURN, startMs: 12_000, durationMs: 9000 },
      ],
    },
    expected: [],
  },
  {
    name: 'streams without signalling beside a call',
    scenario: {
      seed: 5,
      calls: [
        { callId: 'plain', durationMs: 20_000 },
        {
          startMs: 0,
          outcome: 'none',
          durationMs: 20_000,
          codec: 'PCMA',
          callerToCallee: loss(0.06),
          calleeToCaller: null,
        },
      ],
    },
    expected: ['random_loss'],
  },
  {
    name: 'two legs of a PBX that repacks nothing',
    scenario: {
      seed: 6,
      calls: [
        {
          callId: 'leg-a',
          startMs: 0,
          durationMs: 20_000,
          caller: { user: 'alice', ip: '192.0.2.11' },
          callee: { user: 'bob', ip: '192.0.2.200' },
        },
        {
          callId: 'leg-b',
          startMs: 30,
          durationMs: 19_900,
          caller: { user: 'alice', ip: '192.0.2.200' },
          callee: { user: 'bob', ip: '203.0.113.40' },
        },
      ],
    },
    expected: [],
  },
];
