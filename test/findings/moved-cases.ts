import type { CallSpec, Direction, StreamSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import { BACK, cases, FORTH, PCMU, SOME, WAYS } from './settings.ts';

const CALLER = { ip: '192.0.2.10', port: 16384 };
const CALLEE = { ip: '203.0.113.10', port: 32768 };
const ELSEWHERE = { ip: '198.51.100.77', port: 40_000 };
const ENDS = { [FORTH]: CALLER, [BACK]: CALLEE } as const;
const LENGTH_MS = 30_000;
const MOVED_MS = 12_000;

/** Where the sender of a direction goes, after which gap, and after how long the other direction follows. */
interface Move {
  way: Direction;
  to?: { ip: string; port: number };
  gapMs: number;
  /** Null: never. */
  followsMs: number | null;
  ssrc?: number;
}

/** A call of which one side sends from elsewhere from the twelfth second on. */
function moving({ way, to = ELSEWHERE, gapMs, followsMs, ssrc }: Move, more: CallSpec = {}): CallSpec {
  const other: Direction = way === FORTH ? BACK : FORTH;
  const atMs = MOVED_MS + 40 + gapMs;
  const sameSsrc: StreamSpec = ssrc === undefined ? {} : { ssrc };
  const returns =
    followsMs === null
      ? []
      : [{ way: other, to, offsetMs: atMs + followsMs, durationMs: LENGTH_MS - atMs - followsMs - 100 }];
  return {
    durationMs: LENGTH_MS,
    ...more,
    [way]: { durationMs: MOVED_MS, ...sameSsrc },
    [other]: followsMs === null ? {} : { durationMs: MOVED_MS + gapMs + followsMs },
    extraStreams: [
      { way, from: to, offsetMs: atMs, durationMs: LENGTH_MS - atMs - 100, ...sameSsrc },
      ...returns,
    ],
  };
}

/** The caller's NAT: its SDP names a private address, and the callee sends to where media comes from. */
const NAT: CallSpec = {
  caller: { user: 'alice', ip: '192.168.1.10' },
  natCaller: { ip: '198.51.100.7', port: 41_000 },
};
const BEHIND_NAT = ['source_differs_from_sdp callerToCallee', 'private_sdp_address calleeToCaller'] as const;

export const MOVED_CASES: FindingCase[] = [
  ...WAYS.flatMap((way) => [
    ...cases(
      `goes on from elsewhere, and nothing follows (${way})`,
      [`media_moved ${way}`],
      SOME,
      moving({ way, gapMs: 1500, followsMs: null }),
    ),
    ...cases(
      `goes on from elsewhere at once, and nothing follows (${way})`,
      [`media_moved ${way}`],
      [PCMU],
      moving({ way, gapMs: 200, followsMs: null }),
    ),
    ...cases(
      `goes on from elsewhere after a second and a half, and is followed (${way})`,
      [`media_moved ${way}`],
      SOME,
      moving({ way, gapMs: 1500, followsMs: 100 }),
    ),
    ...cases(
      `goes on with its SSRC, and is followed after eight seconds (${way})`,
      [`media_moved ${way}`],
      [PCMU],
      moving({ way, gapMs: 300, followsMs: 8000, ssrc: 0x1234 }),
    ),
  ]),
  ...cases(
    'a NAT chooses another port, and the callee stays with the old one',
    [...BEHIND_NAT, 'media_moved callerToCallee'],
    [PCMU],
    moving(
      { way: FORTH, to: { ip: '198.51.100.7', port: 52_000 }, gapMs: 100, followsMs: null, ssrc: 0x77 },
      NAT,
    ),
  ),
];

/** What looks like a move, and is none. */
export const STAYED_CASES: FindingCase[] = [
  ...cases(
    'sends from another port of the host that it announced',
    ['source_differs_from_sdp callerToCallee'],
    SOME,
    moving({ way: FORTH, to: { ip: CALLER.ip, port: 17_002 }, gapMs: 100, followsMs: null }),
  ),
  ...WAYS.flatMap((way) =>
    cases(
      `music from elsewhere for eight seconds, and back again (${way})`,
      [`source_differs_from_sdp ${way}`],
      [PCMU],
      {
        durationMs: LENGTH_MS,
        [way]: { durationMs: 10_000 },
        extraStreams: [
          { way, from: ELSEWHERE, offsetMs: 10_100, durationMs: 8000 },
          { way, from: ENDS[way as typeof FORTH], offsetMs: 18_200, durationMs: 11_000 },
        ],
      },
    ),
  ),
  ...cases('moves with a re-INVITE that says so, and is followed', [], [PCMU], {
    ...moving({ way: BACK, to: { ip: CALLEE.ip, port: 32_900 }, gapMs: 100, followsMs: 0 }),
    reinvites: [{ atMs: MOVED_MS, by: 'callee', rtpPort: 32_900 }],
  }),
];
