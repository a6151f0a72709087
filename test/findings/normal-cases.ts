import type { CallSpec, Direction } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import {
  ALL,
  AMR,
  BACK,
  cases,
  FORTH,
  G711,
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
const LONG: CallSpec = { durationMs: 30_000 };
/** Nothing is sent from 8 s to 18 s, as on hold without music. */
const HUSH = { pauses: [{ atMs: 8000, durationMs: 10_000 }] };
const HUSH_RUNS_ON = { pauses: [{ atMs: 8000, durationMs: 10_000, clockRunsOn: true }] };
const resume = { atMs: 18_000, sdp: { flow: 'sendrecv' as const } };

/** Hold in all its ways, from 8 s to 18 s after the answer. */
export const HOLD_CASES: FindingCase[] = [
  ...(['caller', 'callee'] as const).flatMap((by) => [
    ...cases(`hold by the ${by} with music`, [], ALL, {
      ...LONG,
      hold: { atMs: 8000, durationMs: 10_000, by },
    }),
    ...cases(`hold by the ${by}, silent both ways`, [], SOME, {
      ...LONG,
      hold: { atMs: 8000, durationMs: 10_000, by },
      [by === 'caller' ? FORTH : BACK]: HUSH,
    }),
    ...cases(`hold by the ${by}, clocks run on`, [], SOME, {
      ...LONG,
      hold: { atMs: 8000, durationMs: 10_000, by },
      [by === 'caller' ? FORTH : BACK]: HUSH_RUNS_ON,
    }),
    ...cases(`inactive, by the ${by}`, [], SOME, {
      ...LONG,
      reinvites: [
        { atMs: 8000, by, sdp: { flow: 'inactive' } },
        { ...resume, by },
      ],
      callerToCallee: HUSH,
      calleeToCaller: HUSH,
    }),
    ...cases(`c=0.0.0.0, by the ${by}`, [], [PCMU, G722, G729, AMR], {
      ...LONG,
      reinvites: [
        { atMs: 8000, by, sdp: { address: '0.0.0.0' } },
        { ...resume, by },
      ],
      [by === 'caller' ? BACK : FORTH]: HUSH,
    }),
    ...cases(`held by the ${by} until the end`, [], SOME, {
      ...LONG,
      reinvites: [{ atMs: 8000, by, sdp: { flow: 'sendonly' } }],
      [by === 'caller' ? BACK : FORTH]: { durationMs: 8000 },
    }),
    ...cases(`music on hold from a host in no SDP, held by the ${by}`, [], SOME, {
      ...LONG,
      reinvites: [
        { atMs: 8000, by, sdp: { flow: 'sendonly' } },
        { ...resume, by },
      ],
      callerToCallee: HUSH,
      calleeToCaller: HUSH,
      extraStreams: [
        {
          way: by === 'caller' ? FORTH : BACK,
          from: { ip: '198.51.100.61', port: 20_000 },
          offsetMs: 8200,
          durationMs: 9700,
        },
      ],
    }),
    ...cases(`music on hold from another host, held by the ${by}`, [], [PCMU, G722, G729, AMR], {
      ...LONG,
      reinvites: [
        { atMs: 8000, by, rtpPort: 20_000, sdp: { flow: 'sendonly', address: '198.51.100.60' } },
        { ...resume, by },
      ],
      callerToCallee: HUSH,
      calleeToCaller: HUSH,
      extraStreams: [
        {
          way: by === 'caller' ? FORTH : BACK,
          from: { ip: '198.51.100.60', port: 20_000 },
          offsetMs: 8100,
          durationMs: 9800,
        },
      ],
    }),
  ]),
  ...cases('an announcement: the callee answers sendonly', [], SOME, {
    ...CALL,
    sdp: { callee: { flow: 'sendonly' } },
    callerToCallee: null,
  }),
  ...cases('held twice', [], [PCMU, PCMA6], {
    durationMs: 40_000,
    reinvites: [8000, 24_000].flatMap((atMs) => [
      { atMs, sdp: { flow: 'sendonly' as const } },
      { atMs: atMs + 8000, sdp: { flow: 'sendrecv' as const } },
    ]),
    calleeToCaller: { pauses: [8000, 24_000].map((atMs) => ({ atMs, durationMs: 8000 })) },
  }),
];

const dtx = (talkMs: number, silenceMs: number, comfortNoise: boolean) => ({
  dtx: { talkMs, silenceMs, comfortNoise },
});

export const SILENCE_SUPPRESSION_CASES: FindingCase[] = [
  ...cases('silence suppression with comfort noise', [], [PCMU, PCMA6, G729, AMR], {
    ...LONG,
    callerToCallee: dtx(2000, 1500, true),
    calleeToCaller: dtx(1300, 4000, true),
  }),
  ...cases('silence suppression with markers alone', [], ALL, {
    ...LONG,
    callerToCallee: dtx(2000, 1500, false),
    calleeToCaller: dtx(900, 3100, false),
  }),
  ...cases('a listener who is silent for 12 s', [], [PCMU, PCMA6, G729, OPUS6], {
    durationMs: 60_000,
    callerToCallee: dtx(3000, 12_000, false),
  }),
  ...cases('silence suppression and jitter of 5 ms', [], [PCMU, G722, OPUS6], {
    durationMs: 60_000,
    callerToCallee: { ...dtx(2500, 1700, false), jitter: { kind: 'gauss', sigmaMs: 5 } },
    calleeToCaller: { ...dtx(1500, 2700, false), jitter: { kind: 'gauss', sigmaMs: 5 } },
  }),
];

export const SETUP_CASES: FindingCase[] = [
  ...cases('early media', [], ALL, {
    ...CALL,
    earlyMedia: true,
    ringMs: [200, 5000],
    calleeToCaller: { offsetMs: -4900 },
  }),
  ...cases('early media both ways', [], SOME, {
    ...CALL,
    earlyMedia: true,
    ringMs: [200, 5000],
    callerToCallee: { offsetMs: -4500 },
    calleeToCaller: { offsetMs: -4900 },
  }),
  ...cases('announcement before the answer by another host', [], [PCMU, G722, G729, AMR], {
    ...CALL,
    earlyMedia: true,
    ringMs: [200, 6000],
    extraStreams: [
      { way: BACK, from: { ip: '203.0.113.200', port: 22_000 }, offsetMs: -5800, durationMs: 5600 },
    ],
  }),
  ...cases('early media of a branch that loses, until it is told so', [], [PCMU, G722, G729, AMR], {
    ...CALL,
    earlyMedia: true,
    ringMs: [200, 6000],
    signalling: { forks: 1 },
    calleeToCaller: { offsetMs: -5700 },
    extraStreams: [
      { way: BACK, from: { ip: '203.0.113.201', port: 22_000 }, offsetMs: -5000, durationMs: 5400 },
    ],
  }),
  ...cases('forked to three', [], SOME, { ...CALL, signalling: { forks: 2 } }),
  ...cases('offer in the 200', [], ALL, { ...CALL, lateSdp: true }),
  ...cases('re-INVITEs that change nothing', [], SOME, {
    ...LONG,
    reinvites: [{ atMs: 7000 }, { atMs: 15_000, by: 'callee' }],
  }),
  ...(['INVITE', 'UPDATE'] as const).flatMap((method) =>
    cases(`the session is refreshed by ${method}`, [], [PCMU, PCMA6], {
      durationMs: 110_000,
      signalling: { sessionTimer: { seconds: 90, method } },
    }),
  ),
  ...cases('transferred', [], SOME, {
    ...CALL,
    signalling: {
      transfer: { atMs: 15_000, target: 'sip:carol@example.com', answer: 202, notify: [100, 200] },
    },
  }),
  ...(['caller', 'callee'] as const).flatMap((by) =>
    cases(`transferred by the ${by}, and media goes elsewhere from then on`, [], SOME, {
      ...LONG,
      signalling: {
        transfer: { atMs: 12_000, by, target: 'sip:carol@example.com', answer: 202, notify: [100, 200] },
      },
      callerToCallee: { durationMs: 12_600 },
      calleeToCaller: { durationMs: 12_300 },
    }),
  ),
  ...cases('over after 6 s', [], ALL, { durationMs: 6000 }),
  ...cases('given up while ringing', [], SOME, { outcome: 'canceled', ringMs: [200, 8000] }),
  ...cases('busy', [], SOME, { outcome: 'busy' }),
];

export const CAPTURE_EDGE_CASES: FindingCase[] = [
  ...cases('the capture begins in the call', [], SOME, { ...LONG, outcome: 'midcall' }),
  ...cases('the capture begins in the call, which is held later', [], SOME, {
    ...LONG,
    outcome: 'midcall',
    hold: { atMs: 8000, durationMs: 6000 },
  }),
  ...cases('the capture ends in the call', [], SOME, { ...LONG, outcome: 'open' }),
  ...cases('the capture ends in the call, one side fell silent just before', [], SOME, {
    ...LONG,
    outcome: 'open',
    callerToCallee: { durationMs: 29_000 },
    calleeToCaller: { durationMs: 26_000 },
  }),
  ...cases('no signalling at all', [], ALL, { ...CALL, outcome: 'none' }),
  ...(['caller', 'callee'] as const).flatMap((onlyFrom) =>
    cases(
      `only what the ${onlyFrom} sends is seen`,
      [],
      SOME,
      { ...CALL, signalling: { onlyFrom } },
      {
        allowed: { capture_one_sided: 'it is' },
      },
    ),
  ),
];

const each = (
  name: string,
  settings: readonly Setting[],
  stream: CallSpec[Direction],
  call: CallSpec = CALL,
): FindingCase[] =>
  cases(name, [], settings, { ...call, callerToCallee: stream ?? null, calleeToCaller: stream ?? null });

export const STREAM_CASES: FindingCase[] = [
  ...each('numbers wrap', ALL, { startSeq: 65_300, startTimestamp: 0xffff0000 }),
  ...each('another SSRC from packet 400 on', SOME, { ssrcChangeAt: 400 }),
  ...each('numbers begin anew', ALL, { restartAt: { index: 400, seqJump: 20_000, tsJump: 1_000_000 } }),
  ...each('timestamps begin anew', SOME, { restartAt: { index: 400, seqJump: 0, tsJump: 3_000_000 } }),
  ...each('packets of 10 ms', [PCMU, PCMA6, G729], {}, { ...CALL, ptimeMs: 10 }),
  ...each('packets of 30 ms', [PCMU, PCMA6, G729], {}, { ...LONG, ptimeMs: 30 }),
  ...each('packets of 60 ms', SOME, {}, { ...LONG, ptimeMs: 60 }),
  ...each('loss of 0.2 %', ALL, { loss: { kind: 'random', ratio: 0.002 } }, { durationMs: 60_000 }),
  ...each('jitter of 5 ms', ALL, { jitter: { kind: 'gauss', sigmaMs: 5 } }, LONG),
  ...each('jitter of 10 ms', SOME, { jitter: { kind: 'gauss', sigmaMs: 10 } }, LONG),
  ...each(
    'copies made by the mirror',
    SOME,
    { duplicate: { positions: Array.from({ length: 900 }, (_, i) => i), afterMs: 0.05, mirror: true } },
    CALL,
  ).map((one) => ({
    ...one,
    allowed: { capture_duplicates: 'most packets came twice' },
  })),
  ...WAYS.flatMap((way) =>
    cases(`digits amid the call (${way})`, [], SOME, {
      ...LONG,
      dtmf: { atMs: 8000, digits: '0123456789*#', from: way === FORTH ? 'caller' : 'callee', toneMs: 160 },
      [way]: { jitter: { kind: 'gauss', sigmaMs: 5 } },
    }),
  ),
  ...cases('a long digit', [], SOME, { ...CALL, dtmf: { atMs: 5000, digits: '5', toneMs: 1000 } }),
  ...cases('reports on the media port', [], SOME, {
    ...CALL,
    rtcp: { mux: true, tapToCallerMs: 5, tapToCalleeMs: 9 },
  }),
  ...cases('extended reports', [], SOME, {
    ...LONG,
    rtcp: { tapToCallerMs: 5, tapToCalleeMs: 9, xr: ['reference_time', 'voip_metrics', 'statistics'] },
  }),
  ...cases('video beside audio', [], SOME, {
    ...CALL,
    video: true,
    extraStreams: [
      {
        way: FORTH,
        codec: 'H264',
        ptimeMs: 40,
        from: { ip: '192.0.2.10', port: 16386 },
        to: { ip: '203.0.113.10', port: 32770 },
      },
      {
        way: BACK,
        codec: 'H264',
        ptimeMs: 40,
        from: { ip: '203.0.113.10', port: 32770 },
        to: { ip: '192.0.2.10', port: 16386 },
      },
    ],
  }),
  ...cases('speech that is soft', [], G711, {
    ...LONG,
    [FORTH]: { quiet: { atMs: 5000, durationMs: 6000 } },
  }),
];
