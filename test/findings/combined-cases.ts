import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import {
  ALL,
  AMR,
  AMRWB6,
  BACK,
  cases,
  FORTH,
  G711,
  G722,
  G729,
  OPUS6,
  PCMA6,
  PCMU,
  SOME,
  streamCases,
} from './settings.ts';

const LONG: CallSpec = { durationMs: 60_000 };
const gauss = (sigmaMs: number): StreamSpec => ({ jitter: { kind: 'gauss', sigmaMs } });
const random = (ratio: number): StreamSpec => ({ loss: { kind: 'random', ratio } });
const DEPTH = { late_discard: 'hangs on what depth a receiver chooses' };

/** Two troubles at once, and trouble amid normal life. */
export const COMBINED_CASES: FindingCase[] = [
  ...streamCases(
    'loss and jitter',
    ['random_loss', 'high_jitter'],
    SOME,
    { ...random(0.04), jitter: { kind: 'uniform', maxMs: 130 } },
    LONG,
    { allowed: DEPTH },
  ),
  ...streamCases(
    'loss of 4 % under jitter of 8 ms',
    ['random_loss'],
    ALL,
    { ...random(0.04), ...gauss(8) },
    LONG,
  ),
  ...streamCases(
    'loss of 3 % in a call of 6.5 s',
    ['random_loss'],
    SOME,
    { loss: { kind: 'exact', positions: [9, 31, 80, 97, 121, 160, 188, 207, 233, 290] } },
    { durationMs: 6500 },
  ),
  ...streamCases(
    'lossy for the first ten seconds',
    ['random_loss'],
    [PCMU, PCMA6, OPUS6],
    { loss: { kind: 'random', ratio: 0.2, fromMs: 0, untilMs: 10_000 } },
    LONG,
  ),
  ...streamCases(
    'bursts for the last fifteen seconds',
    ['burst_loss'],
    [PCMU, G729, AMRWB6],
    { loss: { kind: 'gilbert', p: 0.04, q: 0.3, fromMs: 45_000, untilMs: 60_000 } },
    LONG,
  ),
  ...streamCases(
    'jittery for 20 s of a minute',
    ['high_jitter'],
    [PCMU, PCMA6, AMR],
    {
      jitter: {
        kind: 'exact',
        delaysMs: Array.from({ length: 2000 }, (_, i) =>
          i < 1000 ? 0 : ((i * i * 40_503 + i * 7919) % 1009) / 7.2,
        ),
      },
    },
    LONG,
    { allowed: DEPTH },
  ),
  ...cases('loss beside a hold', ['random_loss callerToCallee'], SOME, {
    ...LONG,
    hold: { atMs: 20_000, durationMs: 15_000 },
    callerToCallee: random(0.04),
  }),
  ...cases('loss of the held side, before and after', ['random_loss calleeToCaller'], SOME, {
    ...LONG,
    hold: { atMs: 20_000, durationMs: 15_000 },
    calleeToCaller: random(0.05),
  }),
  ...cases(
    'jitter beside digits',
    ['high_jitter callerToCallee'],
    [PCMU, G729, OPUS6],
    {
      durationMs: 30_000,
      dtmf: { atMs: 8000, digits: '0123456789' },
      callerToCallee: gauss(40),
    },
    { allowed: DEPTH },
  ),
  ...streamCases(
    'loss under silence suppression',
    ['random_loss'],
    [PCMU, PCMA6, G729, OPUS6],
    { ...random(0.05), dtx: { talkMs: 2500, silenceMs: 1500, comfortNoise: false } },
    LONG,
  ),
  ...streamCases(
    'jitter under silence suppression',
    ['high_jitter'],
    [PCMU, G722, OPUS6],
    { ...gauss(45), dtx: { talkMs: 4000, silenceMs: 1500, comfortNoise: false } },
    LONG,
    { allowed: DEPTH },
  ),
  ...streamCases(
    'a step of the delay and a drift',
    ['path_change', 'clock_drift'],
    [PCMU, PCMA6, G729],
    { skewPpm: 500, pathChange: { atMs: 40_000, delayMs: 40 } },
    { durationMs: 100_000 },
  ),
  ...streamCases(
    'three steps of the delay in two minutes',
    ['path_change'],
    [PCMU, OPUS6],
    {
      jitter: {
        kind: 'exact',
        delaysMs: Array.from({ length: 6000 }, (_, i) => [0, 30, 0, 45][Math.floor(i / 1500)]!),
      },
    },
    { durationMs: 120_000 },
  ),
  ...streamCases(
    'a drift, packets of 60 ms',
    ['clock_drift'],
    [PCMU, PCMA6],
    { skewPpm: -800 },
    { durationMs: 120_000, ptimeMs: 60 },
  ),
  ...streamCases(
    'a drift under jitter of 8 ms',
    ['clock_drift'],
    [PCMU, G722],
    { skewPpm: 700, ...gauss(8) },
    { durationMs: 120_000 },
  ),
  ...streamCases(
    'a drift and pauses by silence suppression',
    ['clock_drift'],
    [PCMU, G729],
    { skewPpm: 700, dtx: { talkMs: 3000, silenceMs: 2000, comfortNoise: true } },
    { durationMs: 120_000 },
  ),
  ...streamCases(
    'a queue under jitter of 2 ms',
    ['queueing'],
    SOME,
    {
      jitter: {
        kind: 'exact',
        delaysMs: Array.from(
          { length: 3000 },
          (_, i) => 70 * (1 - Math.abs(((i % 400) - 200) / 200)) + ((i * 31) % 5),
        ),
      },
    },
    LONG,
    { allowed: { ...DEPTH, high_jitter: 'the delay varies by that much' } },
  ),
  ...cases('the callee falls silent after a hold', ['media_stopped calleeToCaller'], SOME, {
    ...LONG,
    hold: { atMs: 10_000, durationMs: 10_000 },
    calleeToCaller: { durationMs: 30_000 },
  }),
  ...cases('the callee does not come back from hold', ['media_stopped calleeToCaller'], SOME, {
    ...LONG,
    hold: { atMs: 10_000, durationMs: 10_000 },
    calleeToCaller: { durationMs: 9000 },
  }),
  ...cases(
    'one way, and the other way lossy',
    ['one_way_media calleeToCaller', 'random_loss callerToCallee'],
    SOME,
    {
      durationMs: 30_000,
      callerToCallee: random(0.05),
      calleeToCaller: null,
    },
  ),
  ...cases('nothing from the callee, and no end of the call', ['one_way_media calleeToCaller'], SOME, {
    durationMs: 30_000,
    outcome: 'open',
    calleeToCaller: null,
  }),
  ...cases('offer in the 200, nothing from the caller', ['one_way_media callerToCallee'], SOME, {
    durationMs: 20_000,
    lateSdp: true,
    callerToCallee: null,
  }),
  ...cases('one way after early media both ways', ['one_way_media callerToCallee'], [PCMU, PCMA6], {
    durationMs: 20_000,
    earlyMedia: true,
    ringMs: [200, 5000],
    callerToCallee: { offsetMs: -4500, durationMs: 4000 },
    calleeToCaller: { offsetMs: -4800 },
  }),
  ...cases('4 % loss of media that no call claims', ['random_loss'], SOME, {
    durationMs: 30_000,
    outcome: 'none',
    callerToCallee: random(0.05),
  }),
  ...cases('media that no call claims is interrupted', ['media_interrupted'], [PCMU, PCMA6], {
    durationMs: 30_000,
    outcome: 'none',
    calleeToCaller: { loss: { kind: 'windows', windows: [{ atMs: 9000, durationMs: 2500 }] } },
  }),
  ...cases('mid-call, then one side stops', ['media_stopped callerToCallee'], SOME, {
    durationMs: 40_000,
    outcome: 'midcall',
    hold: { atMs: 5000, durationMs: 4000 },
    callerToCallee: { durationMs: 20_000 },
  }),
];

/** Normal life that looks odd. */
export const ODD_CASES: FindingCase[] = [
  ...cases('the callee sends before its answer is seen', [], ALL, {
    durationMs: 12_000,
    calleeToCaller: { offsetMs: -120 },
  }),
  ...cases('media runs on for half a second after the BYE', [], SOME, {
    durationMs: 12_000,
    callerToCallee: { durationMs: 12_400 },
    calleeToCaller: { durationMs: 12_450 },
  }),
  ...cases('a new SSRC with a re-INVITE', [], SOME, {
    durationMs: 24_000,
    reinvites: [{ atMs: 12_000 }],
    callerToCallee: { ssrcChangeAt: 600 },
    calleeToCaller: { ssrcChangeAt: 602 },
  }),
  ...cases('a new stream of the callee at the answer', [], SOME, {
    durationMs: 20_000,
    earlyMedia: true,
    ringMs: [200, 5000],
    calleeToCaller: { offsetMs: -4800, ssrcChangeAt: 250 },
  }),
  ...cases('a listener of comfort noise alone for 25 s', [], [PCMU, PCMA6, G729], {
    durationMs: 40_000,
    callerToCallee: { dtx: { talkMs: 3000, silenceMs: 25_000, comfortNoise: true } },
  }),
  ...cases('short bursts of speech', [], [PCMU, G722, G729, OPUS6], {
    durationMs: 60_000,
    callerToCallee: { dtx: { talkMs: 300, silenceMs: 2700, comfortNoise: false } },
  }),
  ...cases('held with silence suppression', [], [PCMU, PCMA6], {
    durationMs: 40_000,
    hold: { atMs: 9000, durationMs: 12_000 },
    callerToCallee: { dtx: { talkMs: 2000, silenceMs: 1200, comfortNoise: true } },
    calleeToCaller: { dtx: { talkMs: 1000, silenceMs: 2200, comfortNoise: true } },
  }),
  ...cases('held three times, clocks standing still', [], SOME, {
    durationMs: 90_000,
    reinvites: [10_000, 35_000, 60_000].flatMap((atMs) => [
      { atMs, by: 'callee' as const, sdp: { flow: 'inactive' as const } },
      { atMs: atMs + 15_000, by: 'callee' as const, sdp: { flow: 'sendrecv' as const } },
    ]),
    ...Object.fromEntries(
      [FORTH, BACK].map((way) => [
        way,
        { pauses: [10_000, 35_000, 60_000].map((atMs) => ({ atMs: atMs + 30, durationMs: 15_000 })) },
      ]),
    ),
  }),
  ...cases('T.38 and back to audio', [], G711, {
    durationMs: 40_000,
    reinvites: [
      { atMs: 8000, by: 'callee', image: 'accepted' },
      { atMs: 25_000, by: 'callee' },
    ],
    callerToCallee: { pauses: [{ atMs: 8100, durationMs: 17_000 }] },
    calleeToCaller: { pauses: [{ atMs: 8100, durationMs: 17_000 }] },
  }),
  ...cases('digits all the time', [], SOME, {
    durationMs: 30_000,
    dtmf: { atMs: 1000, digits: '0123456789'.repeat(9), toneMs: 120, gapMs: 160 },
  }),
  ...cases('jitter of 8 ms and digits', [], [PCMU, PCMA6, G729, OPUS6], {
    durationMs: 30_000,
    dtmf: { atMs: 1000, digits: '0123456789', toneMs: 200 },
    callerToCallee: gauss(8),
  }),
  ...cases('loss of 0.2 % and digits', [], [PCMU, AMR], {
    durationMs: 60_000,
    dtmf: { atMs: 1000, digits: '0123456789', toneMs: 200 },
    callerToCallee: random(0.002),
  }),
  ...cases('the clocks of both sides 60 ppm off, either way', [], SOME, {
    durationMs: 120_000,
    callerToCallee: { skewPpm: 60 },
    calleeToCaller: { skewPpm: -60 },
  }),
  ...cases('a step of 3 ms and one hop as ever', [], SOME, {
    ...LONG,
    callerToCallee: { pathChange: { atMs: 20_000, delayMs: 3 } },
    calleeToCaller: { pathChange: { atMs: 40_000, delayMs: -3 }, baseDelayMs: 10 },
  }),
  ...cases('a single late packet', [], SOME, {
    ...LONG,
    calleeToCaller: { jitter: { kind: 'exact', delaysMs: [...Array(700).fill(0), 300] } },
  }),
  ...cases(
    'a capture clock 60 ppm off',
    [],
    SOME,
    { durationMs: 90_000 },
    { scenario: { capture: { skewPpm: 60 } } },
  ),
  ...cases('time stamps in whole milliseconds', [], SOME, LONG, {
    scenario: { capture: { resolutionMs: 1 } },
    allowed: { capture_clock: 'a resolution of 1 ms is the limit' },
  }),
  ...cases(
    'headers alone, 100 octets of each packet',
    [],
    [PCMU, G729],
    { ...LONG, outcome: 'none' },
    { scenario: { capture: { snapLength: 100 } }, allowed: { capture_truncated: 'packets are cut' } },
  ),
  ...[560, 640, 700].flatMap((snapLength) =>
    cases(`${snapLength} octets of each packet`, [], [PCMU, G729], LONG, {
      scenario: { capture: { snapLength } },
      allowed: { capture_truncated: 'descriptions are cut' },
    }),
  ),
  ...cases('noise of other protocols', [], SOME, LONG, {
    scenario: { background: { dns: 200, quic: 300, randomUdp: 300 } },
  }),
];
