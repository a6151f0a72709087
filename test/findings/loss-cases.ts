import type { CallSpec, LossSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import {
  ALL,
  AMR,
  AMRWB6,
  cases,
  G722,
  G729,
  OPUS6,
  PCMA6,
  PCMU,
  SOME,
  scattered,
  streamCases,
} from './settings.ts';

/** 1500 packets of 20 ms each way. */
const HALF_MINUTE: CallSpec = { durationMs: 30_050 };
const exact = (positions: number[]): { loss: LossSpec } => ({ loss: { kind: 'exact', positions } });

/** `runs` holes of `length` packets each, far apart. */
function holes(runs: number, length: number, total: number): number[] {
  return scattered(runs, total - length).flatMap((at) => Array.from({ length }, (_, i) => at + i));
}

const REPORTS: NonNullable<CallSpec['rtcp']> = { intervalMs: 3000, tapToCallerMs: 4, tapToCalleeMs: 21 };
const REPORTED: CallSpec = { durationMs: 40_000, rtcp: REPORTS };
const ALSO_BEATS = { periodic_impairment: 'a regular loss has a beat as well' };

/** Loss of every shape, just above the limits and just below. */
export const LOSS_CASES: FindingCase[] = [
  ...[0.02, 0.05, 0.1, 0.2].flatMap((ratio) =>
    streamCases(
      `random loss of ${ratio}`,
      ['random_loss'],
      SOME,
      { loss: { kind: 'random', ratio } },
      HALF_MINUTE,
    ),
  ),
  ...streamCases('1.2 % one by one', ['random_loss'], ALL, exact(scattered(18, 1500)), HALF_MINUTE),
  ...streamCases('0.8 % one by one', [], ALL, exact(scattered(12, 1500)), HALF_MINUTE),
  ...streamCases('random loss of 0.2 %', [], ALL, { loss: { kind: 'random', ratio: 0.002 } }, HALF_MINUTE),
  ...cases('loss both ways', ['random_loss callerToCallee', 'random_loss calleeToCaller'], [G722, AMRWB6], {
    ...HALF_MINUTE,
    callerToCallee: { loss: { kind: 'random', ratio: 0.04 } },
    calleeToCaller: { loss: { kind: 'random', ratio: 0.06 } },
  }),
  ...streamCases(
    '12 % for ten seconds of two minutes',
    ['random_loss'],
    [PCMU, PCMA6, AMR],
    { loss: { kind: 'random', ratio: 0.12, fromMs: 40_000, untilMs: 50_000 } },
    { durationMs: 160_000 },
  ),
  ...streamCases(
    '2 % for ten seconds of two minutes',
    [],
    [PCMU, G729],
    { loss: { kind: 'random', ratio: 0.02, fromMs: 40_000, untilMs: 50_000 } },
    { durationMs: 120_000 },
  ),
  ...streamCases(
    '4 % of a call too short to say',
    [],
    [PCMU, OPUS6],
    exact(scattered(8, 200)),
    { durationMs: 4100 },
    { allowed: { short_call: 'it is one' } },
  ),
  ...[
    { p: 0.01, q: 0.25 },
    { p: 0.01, q: 0.4 },
    { p: 0.02, q: 0.3 },
  ].flatMap(({ p, q }) =>
    streamCases(
      `Gilbert ${p} and ${q}`,
      ['burst_loss'],
      SOME,
      { loss: { kind: 'gilbert', p, q } },
      {
        durationMs: 60_000,
      },
    ),
  ),
  ...streamCases('holes of two, 1.3 %', ['burst_loss'], SOME, exact(holes(10, 2, 1500)), HALF_MINUTE),
  ...streamCases('holes of ten, 2 %', ['burst_loss'], ALL, exact(holes(3, 10, 1500)), HALF_MINUTE),
  ...streamCases('holes of ten, 0.7 %', [], [PCMU, PCMA6], exact(holes(1, 10, 1500)), HALF_MINUTE),
  ...streamCases(
    'a hole of 0.8 s in two minutes',
    ['burst_loss'],
    [PCMU, G729],
    { loss: { kind: 'windows', windows: [{ atMs: 61_000, durationMs: 800 }] } },
    { durationMs: 120_000 },
  ),
  ...streamCases('2 % one by one in packets of 40 ms', ['critical_loss'], SOME, exact(scattered(20, 1000)), {
    durationMs: 40_050,
    ptimeMs: 40,
  }),
  ...streamCases(
    '1.2 % one by one in packets of 60 ms',
    ['critical_loss'],
    [PCMU, G729],
    exact(scattered(9, 750)),
    {
      durationMs: 45_050,
      ptimeMs: 60,
    },
  ),
  ...streamCases('0.8 % one by one in packets of 40 ms', [], SOME, exact(scattered(8, 1000)), {
    durationMs: 40_050,
    ptimeMs: 40,
  }),
  ...[25, 40, 80].flatMap((every) =>
    streamCases(
      `every ${every}th packet`,
      ['critical_loss'],
      [PCMU, OPUS6],
      { loss: { kind: 'periodic', every } },
      HALF_MINUTE,
      { allowed: ALSO_BEATS },
    ),
  ),
  ...streamCases(
    'random loss of 6 % in packets of 40 ms',
    ['random_loss'],
    [PCMU, PCMA6],
    { loss: { kind: 'random', ratio: 0.06 } },
    { durationMs: 60_000, ptimeMs: 40 },
  ),
];

/** Where packets are lost, by what receivers report. */
export const LOSS_PLACE_CASES: FindingCase[] = [
  ...streamCases(
    'random loss of 4 % before the tap',
    ['random_loss', 'loss_before_probe'],
    SOME,
    { loss: { kind: 'random', ratio: 0.04 } },
    REPORTED,
  ),
  ...streamCases(
    'bursts before the tap',
    ['burst_loss', 'loss_before_probe'],
    [PCMU, PCMA6],
    { loss: { kind: 'gilbert', p: 0.01, q: 0.3 } },
    { ...REPORTED, durationMs: 60_000 },
  ),
  ...streamCases(
    '4 % behind the tap',
    ['loss_after_probe'],
    SOME,
    { lossAfterTap: { kind: 'random', ratio: 0.04 } },
    REPORTED,
  ),
  ...streamCases(
    '2 % behind the tap, reports on the media port',
    ['loss_after_probe'],
    [G722, AMR, AMRWB6],
    { lossAfterTap: { kind: 'random', ratio: 0.025 } },
    { ...REPORTED, rtcp: { ...REPORTS, mux: true } },
  ),
  ...streamCases(
    'loss on both sides of the tap',
    ['random_loss', 'loss_before_probe', 'loss_after_probe'],
    [PCMU, OPUS6],
    { loss: { kind: 'random', ratio: 0.04 }, lossAfterTap: { kind: 'random', ratio: 0.04 } },
    REPORTED,
  ),
  ...streamCases(
    '0.3 % behind the tap',
    [],
    SOME,
    { lossAfterTap: { kind: 'random', ratio: 0.003 } },
    REPORTED,
  ),
  ...streamCases('0.3 % before the tap', [], SOME, { loss: { kind: 'random', ratio: 0.003 } }, REPORTED),
  ...cases('reports and no loss', [], ALL, REPORTED),
];
