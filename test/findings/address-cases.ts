import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import {
  AMR,
  BACK,
  cases,
  FORTH,
  G722,
  G729,
  OPUS6,
  PCMA6,
  PCMU,
  type Setting,
  SOME,
  WAYS,
} from './settings.ts';

const CALL: CallSpec = { durationMs: 20_000 };
const CALLER = { ip: '192.0.2.10', port: 16384 };
const CALLEE = { ip: '203.0.113.10', port: 32768 };
const ELSEWHERE = { ip: '198.51.100.20', port: 40_000 };
const IPV4: readonly Setting[] = [PCMU, G722, G729, AMR];
const endsOf = { [FORTH]: [CALLER, CALLEE], [BACK]: [CALLEE, CALLER] } as const;

/** Behind NAT: the SDP names the private address, packets come from, and go back to, the public one. */
const NAT: CallSpec = {
  ...CALL,
  caller: { user: 'alice', ip: '192.168.1.10' },
  natCaller: { ip: '198.51.100.7', port: 41_000 },
};

export const SOURCE_CASES: FindingCase[] = [
  ...WAYS.flatMap((way) => [
    ...cases(`from another host (${way})`, [`source_differs_from_sdp ${way}`], SOME, {
      ...CALL,
      [way]: { from: ELSEWHERE },
    }),
    ...cases(`from another port (${way})`, [`source_differs_from_sdp ${way}`], SOME, {
      ...CALL,
      [way]: { from: { ip: endsOf[way as typeof FORTH][0].ip, port: 17_002 } },
    }),
    ...cases(`from where the SDP says (${way})`, [], SOME, {
      ...CALL,
      [way]: { from: endsOf[way as typeof FORTH][0] },
    }),
  ]),
  ...cases(
    'a caller behind NAT that works',
    ['source_differs_from_sdp callerToCallee', 'private_sdp_address calleeToCaller'],
    IPV4,
    NAT,
  ),
];

export const PRIVATE_CASES: FindingCase[] = [
  ...(['10.1.2.3', '172.20.1.1', '100.64.9.9', '192.168.0.4'] as const).flatMap((address, i) =>
    cases(
      `the caller asks for media at ${address}, where none comes from`,
      [
        'private_sdp_address calleeToCaller',
        'rtp_to_wrong_address calleeToCaller',
        'source_differs_from_sdp callerToCallee',
      ],
      [IPV4[i]!],
      { ...CALL, sdp: { caller: { address } }, calleeToCaller: { to: { ip: address, port: CALLER.port } } },
    ),
  ),
  ...cases(
    'the callee asks for media at a private address and gets none',
    [
      'private_sdp_address callerToCallee',
      'one_way_media callerToCallee',
      'source_differs_from_sdp calleeToCaller',
    ],
    IPV4,
    { ...CALL, sdp: { callee: { address: '192.168.7.7' } }, callerToCallee: null },
  ),
  ...cases(
    'a unique local address',
    ['private_sdp_address calleeToCaller', 'source_differs_from_sdp callerToCallee'],
    [PCMA6, OPUS6],
    { ...CALL, sdp: { caller: { address: 'fd12:3456::9' } } },
  ),
  ...cases('all in one private network', [], IPV4, {
    ...CALL,
    caller: { ip: '10.1.1.5' },
    callee: { ip: '192.168.4.4' },
  }),
  ...cases('all in one private network, IPv6', [], [PCMU, OPUS6], {
    ...CALL,
    caller: { ip: 'fd00::5' },
    callee: { ip: 'fd00:1::7' },
  }),
];

/** The callee moves to another port after 8 s; whether the caller follows is for `follows` to say. */
function move(follows: boolean): CallSpec {
  const moved = { ip: CALLEE.ip, port: 32_900 };
  const later = { offsetMs: 8100, durationMs: 11_800 };
  return {
    durationMs: 20_000,
    reinvites: [{ atMs: 8000, by: 'callee', rtpPort: moved.port }],
    calleeToCaller: { durationMs: 8000 },
    callerToCallee: follows ? { durationMs: 8000 } : {},
    extraStreams: [
      { way: BACK, from: moved, ...later },
      ...(follows ? [{ way: FORTH, to: moved, ...later } as const] : []),
    ],
  };
}

export const TARGET_CASES: FindingCase[] = [
  ...WAYS.flatMap((way) =>
    cases(`to a host that nobody named (${way})`, [`rtp_to_wrong_address ${way}`], SOME, {
      ...CALL,
      [way]: { to: { ip: '198.51.100.77', port: 5004 } },
    }),
  ),
  ...cases('to a port that nobody named', ['rtp_to_wrong_address callerToCallee'], SOME, {
    ...CALL,
    callerToCallee: { to: { ip: CALLEE.ip, port: 33_000 } },
  }),
  ...cases(
    'to where the callee was before its re-INVITE',
    ['rtp_to_wrong_address callerToCallee'],
    SOME,
    move(false),
  ),
  ...cases('both follow a move', [], SOME, move(true)),
];

const stranger = (way: typeof FORTH | typeof BACK, atMs: number, durationMs: number): CallSpec => ({
  ...CALL,
  extraStreams: [{ way, from: ELSEWHERE, offsetMs: atMs, durationMs }],
});

export const STRANGER_CASES: FindingCase[] = [
  ...cases(
    'a stranger beside the caller',
    ['unexpected_rtp callerToCallee'],
    SOME,
    stranger(FORTH, 6000, 8000),
  ),
  ...cases(
    'a stranger beside the callee',
    ['unexpected_rtp calleeToCaller'],
    SOME,
    stranger(BACK, 3000, 2500),
  ),
  ...WAYS.flatMap((way) => [
    ...cases(`media for 7 s after the BYE (${way})`, [`unexpected_rtp ${way}`], SOME, {
      durationMs: 8000,
      [way]: { durationMs: 15_000 },
    }),
    ...cases(`media for 3 s after the BYE (${way})`, [], SOME, {
      durationMs: 8000,
      [way]: { durationMs: 11_000 },
    }),
  ]),
];
