import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { FindingCase, Label } from './case.ts';
import {
  ALL,
  AMR,
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
  streamCases,
  WAYS,
} from './settings.ts';

const HEALTHY: CallSpec = { callId: 'healthy', startMs: 0, durationMs: 20_000 };

/** The call beside a healthy one, so that the capture is known to show media. */
function beside(
  name: string,
  expected: readonly Label[],
  settings: readonly Setting[],
  call: CallSpec,
): FindingCase[] {
  return settings.map((setting) => {
    const sick = { callId: 'sick', startMs: 1000, ...setting.call, ...call };
    const scenario: Scenario = { seed: 2, ...setting.scenario, calls: [HEALTHY, sick] };
    return { name: `${name}: ${setting.name}`, expected, scenario };
  });
}

const SILENT: CallSpec = { callerToCallee: null, calleeToCaller: null };
const MISSING = 'nothing that way';

export const ABSENCE_CASES: FindingCase[] = [
  ...beside('nothing either way', ['no_media @sick'], ALL, { ...SILENT, durationMs: 15_000 }),
  ...beside('nothing either way in 9 s', ['no_media @sick'], [PCMU, PCMA6], { ...SILENT, durationMs: 9000 }),
  ...beside('nothing either way in 7 s', [], SOME, { ...SILENT, durationMs: 7000 }),
  ...WAYS.flatMap((way) => [
    ...cases(`${MISSING} (${way})`, [`one_way_media ${way}`], ALL, { durationMs: 15_000, [way]: null }),
    ...cases(`${MISSING} in 9 s (${way})`, [`one_way_media ${way}`], [PCMU, OPUS6], {
      durationMs: 9000,
      [way]: null,
    }),
    ...cases(`${MISSING} in 7 s (${way})`, [], SOME, { durationMs: 7000, [way]: null }),
  ]),
  ...cases('only early media from the callee', ['one_way_media calleeToCaller'], [PCMU, PCMA6, G729], {
    earlyMedia: true,
    ringMs: [300, 5000],
    durationMs: 20_000,
    calleeToCaller: { offsetMs: -4500, durationMs: 4000 },
  }),
  ...cases(
    'nothing from the caller after a re-INVITE, nor before',
    ['one_way_media callerToCallee'],
    [PCMU, PCMA6],
    {
      durationMs: 25_000,
      reinvites: [{ atMs: 6000 }],
      callerToCallee: null,
    },
  ),
];

export const LATE_CASES: FindingCase[] = [
  ...[2500, 4000, 9000].flatMap((offsetMs) =>
    streamCases(
      `the first packet after ${offsetMs} ms`,
      ['late_media'],
      SOME,
      { offsetMs },
      { durationMs: 30_000 },
    ),
  ),
  ...streamCases('the first packet after 1.5 s', [], ALL, { offsetMs: 1500 }, { durationMs: 20_000 }),
  ...cases('flowing before the answer', [], SOME, {
    earlyMedia: true,
    ringMs: [200, 6000],
    durationMs: 12_000,
    calleeToCaller: { offsetMs: -5500 },
  }),
];

const DTX = { talkMs: 2000, silenceMs: 1500, comfortNoise: true };

export const STOPPED_CASES: FindingCase[] = [
  ...[6000, 15_000].flatMap((earlyMs) =>
    streamCases(
      `ends ${earlyMs} ms before the call`,
      ['media_stopped'],
      ALL,
      { durationMs: 10_000 },
      { durationMs: 10_000 + earlyMs },
    ),
  ),
  ...streamCases('ends 4 s before the call', [], SOME, { durationMs: 10_000 }, { durationMs: 14_000 }),
  ...cases(
    'both ways end 10 s before the call',
    ['media_stopped callerToCallee', 'media_stopped calleeToCaller'],
    [PCMU, PCMA6, AMR],
    {
      durationMs: 25_000,
      callerToCallee: { durationMs: 14_900 },
      calleeToCaller: { durationMs: 15_000 },
    },
  ),
  ...streamCases(
    'suppressed silence for the last 20 s',
    [],
    [PCMU, PCMA6, G729],
    { durationMs: 20_000, dtx: DTX },
    { durationMs: 40_000 },
  ),
  ...streamCases(
    'silent for 40 s, with silence suppression before',
    ['media_stopped'],
    [PCMU, G729],
    { durationMs: 20_000, dtx: DTX },
    {
      durationMs: 60_000,
    },
  ),
  ...cases('ends after a transfer that failed', ['media_stopped calleeToCaller', 'transfer_failed'], SOME, {
    durationMs: 40_000,
    signalling: {
      transfer: { atMs: 8000, target: 'sip:carol@example.com', answer: 202, notify: [100, 404] },
    },
    calleeToCaller: { durationMs: 20_000 },
  }),
  ...cases('ends while on hold, call released on hold', [], [PCMU, PCMA6, OPUS6], {
    durationMs: 30_000,
    reinvites: [{ atMs: 8000, by: 'callee', sdp: { flow: 'sendonly' } }],
    callerToCallee: { durationMs: 8000 },
  }),
];

const gap = (atMs: number, durationMs: number) => ({
  loss: { kind: 'windows' as const, windows: [{ atMs, durationMs }] },
});

export const GAP_CASES: FindingCase[] = [
  ...[1200, 3000, 8000].flatMap((durationMs) =>
    streamCases(`${durationMs} ms are missing`, ['media_interrupted'], SOME, gap(8000, durationMs), {
      durationMs: 30_000,
    }),
  ),
  ...streamCases(
    'three holes of 1.5 s',
    ['media_interrupted'],
    ALL,
    {
      loss: { kind: 'windows', windows: [6000, 14_000, 21_000].map((atMs) => ({ atMs, durationMs: 1500 })) },
    },
    { durationMs: 30_000 },
  ),
  ...streamCases(
    'a hole of 2 s and random loss of 5 %',
    ['media_interrupted', 'random_loss'],
    [PCMU, G722],
    {
      restartAt: { index: 500, seqJump: 100, tsJump: 16_000 },
      pauses: [{ atMs: 10_000, durationMs: 2000 }],
      loss: { kind: 'random', ratio: 0.05 },
    },
    { durationMs: 40_000 },
  ),
  ...streamCases(
    "the sender's clock runs on for 2 s",
    ['media_interrupted'],
    SOME,
    {
      pauses: [{ atMs: 9000, durationMs: 2000, clockRunsOn: true }],
    },
    { durationMs: 30_000 },
  ),
  ...streamCases('0.8 s are missing', ['burst_loss'], SOME, gap(8000, 800), { durationMs: 30_000 }),
  ...[1300, 4000].flatMap((durationMs) =>
    streamCases(
      `the sender pauses for ${durationMs} ms`,
      ['sender_paused'],
      ALL,
      { pauses: [{ atMs: 9000, durationMs }] },
      {
        durationMs: 30_000,
      },
    ),
  ),
  ...streamCases(
    'the sender pauses three times in two minutes',
    ['sender_paused'],
    [PCMU, PCMA6, OPUS6],
    {
      pauses: [20_000, 50_000, 80_000].map((atMs) => ({ atMs, durationMs: 2000 })),
    },
    { durationMs: 120_000 },
  ),
  ...streamCases(
    'the sender pauses for 0.8 s',
    [],
    SOME,
    { pauses: [{ atMs: 9000, durationMs: 800 }] },
    { durationMs: 30_000 },
  ),
  ...cases('a pause of both while on hold', [], [PCMU, OPUS6], {
    durationMs: 30_000,
    reinvites: [
      { atMs: 9000, sdp: { flow: 'inactive' } },
      { atMs: 15_000, sdp: { flow: 'sendrecv' } },
    ],
    callerToCallee: { pauses: [{ atMs: 9000, durationMs: 6000 }] },
    calleeToCaller: { pauses: [{ atMs: 9000, durationMs: 6000 }] },
  }),
];

const quiet = (atMs: number, durationMs: number) => ({ quiet: { atMs, durationMs } });

export const SILENCE_CASES: FindingCase[] = [
  ...streamCases('zero level for 12 s of 30', ['dead_air'], G711, quiet(9000, 12_000), {
    durationMs: 30_000,
  }),
  ...streamCases('zero level for all of 20 s', ['dead_air'], G711, quiet(0, 60_000), { durationMs: 20_000 }),
  ...streamCases('zero level for 25 s of packets of 40 ms', ['dead_air'], G711, quiet(3000, 25_000), {
    durationMs: 30_000,
    ptimeMs: 40,
  }),
  ...streamCases('zero level for 8 s', [], G711, quiet(9000, 8000), { durationMs: 30_000 }),
  ...cases('zero level while on hold', [], G711, {
    durationMs: 40_000,
    hold: { atMs: 9000, durationMs: 15_000 },
    [FORTH]: quiet(9000, 15_000),
  }),
];
