import type { CallSpec, JitterSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import { ALL, AMR, AMRWB6, cases, G722, G729, OPUS6, PCMA6, PCMU, SOME, streamCases } from './settings.ts';

const HALF_MINUTE: CallSpec = { durationMs: 30_000 };
const MINUTES: CallSpec = { durationMs: 75_000 };
const jitter = (spec: JitterSpec): { jitter: JitterSpec } => ({ jitter: spec });

const DEPTH = { late_discard: 'hangs on what depth a receiver chooses' };
const BUFFER = { allowed: DEPTH };
const ALSO_JITTER = { allowed: { ...DEPTH, high_jitter: 'the delay varies by that much, slowly or not' } };
const ALSO_LATE = {
  allowed: {
    ...DEPTH,
    high_jitter: 'packets behind a spike are late, too',
    reordering: 'spikes overtake none',
  },
};

/** Delay spikes at odd times: packet numbers and how late each is, ms. */
function spikes(numbers: readonly number[], delayMs: number): JitterSpec {
  const delaysMs: number[] = new Array(Math.max(...numbers) + 1).fill(0);
  for (const number of numbers) delaysMs[number] = delayMs;
  return { kind: 'exact', delaysMs };
}

const ODD = [131, 207, 389, 460, 655, 790, 826, 1043, 1190, 1391];

/** Jitter, lateness, queues, clocks, delay and order. */
export const JITTER_CASES: FindingCase[] = [
  ...[100, 140].flatMap((maxMs) =>
    streamCases(
      `jitter of 0 to ${maxMs} ms`,
      ['high_jitter'],
      SOME,
      jitter({ kind: 'uniform', maxMs }),
      HALF_MINUTE,
      BUFFER,
    ),
  ),
  ...streamCases(
    'normal jitter, sigma 40 ms',
    ['high_jitter'],
    ALL,
    jitter({ kind: 'gauss', sigmaMs: 40 }),
    HALF_MINUTE,
    BUFFER,
  ),
  ...streamCases('jitter of 0 to 45 ms', [], ALL, jitter({ kind: 'uniform', maxMs: 45 }), HALF_MINUTE),
  ...[2, 5, 8, 10].flatMap((sigmaMs) =>
    streamCases(
      `normal jitter, sigma ${sigmaMs} ms`,
      [],
      SOME,
      jitter({ kind: 'gauss', sigmaMs }),
      HALF_MINUTE,
    ),
  ),
  ...cases('jitter of 5 ms both ways', [], ALL, {
    ...MINUTES,
    callerToCallee: jitter({ kind: 'gauss', sigmaMs: 5 }),
    calleeToCaller: jitter({ kind: 'uniform', maxMs: 10 }),
  }),
  ...streamCases(
    'ten spikes of 240 ms at odd times',
    ['late_discard'],
    SOME,
    jitter(spikes(ODD, 240)),
    HALF_MINUTE,
    ALSO_LATE,
  ),
  ...streamCases(
    'ten spikes of 400 ms at odd times',
    ['late_discard'],
    [G722, AMR, AMRWB6],
    jitter(spikes(ODD, 400)),
    HALF_MINUTE,
    ALSO_LATE,
  ),
  ...streamCases('three spikes of 120 ms', [], SOME, jitter(spikes([310, 720, 1230], 120)), HALF_MINUTE),
  ...streamCases('ten spikes of 25 ms', [], SOME, jitter(spikes(ODD, 25)), HALF_MINUTE),
];

/** A share of the packets sent in the fifth of each turn in which a ramp is highest. */
function atTops(everyMs: number, ratio: number): number[] {
  return Array.from({ length: 3000 }, (_, i) => i).filter((i) => {
    const turn = ((i * 20) % everyMs) / everyMs;
    return Math.abs(turn - 0.5) < 0.1 && (i * 7919) % 1000 < ratio * 1000;
  });
}

export const QUEUE_CASES: FindingCase[] = [
  ...[
    [8000, 55],
    [6000, 90],
    [20_000, 120],
    [15_000, 60],
    [3000, 60],
  ].flatMap(([everyMs, riseMs]) =>
    streamCases(
      `the delay ramps by ${riseMs} ms every ${everyMs} ms`,
      ['queueing'],
      SOME,
      jitter({ kind: 'ramp', everyMs: everyMs!, riseMs: riseMs! }),
      { durationMs: 60_000 },
      { allowed: { ...ALSO_JITTER.allowed, clock_drift: 'no clock is off' } },
    ),
  ),
  ...[
    [6000, 90, 0.1],
    [8000, 60, 0.25],
    [4000, 150, 0.4],
  ].flatMap(([everyMs, riseMs, ratio]) =>
    streamCases(
      `the delay ramps by ${riseMs} ms every ${everyMs} ms, and at its top ${ratio} is lost`,
      ['queueing'],
      SOME,
      {
        ...jitter({ kind: 'ramp', everyMs: everyMs!, riseMs: riseMs! }),
        loss: { kind: 'exact', positions: atTops(everyMs!, ratio!) },
      },
      { durationMs: 60_000 },
      {
        allowed: {
          ...ALSO_JITTER.allowed,
          clock_drift: 'no clock is off',
          random_loss: 'it overflows',
          burst_loss: 'it overflows',
          periodic_impairment: 'it does so in a beat',
        },
      },
    ),
  ),
  ...streamCases('the delay ramps by 25 ms', [], SOME, jitter({ kind: 'ramp', everyMs: 8000, riseMs: 25 }), {
    durationMs: 60_000,
  }),
];

export const CLOCK_CASES: FindingCase[] = [
  ...[300, -300, 600, -1500].flatMap((skewPpm) =>
    streamCases(`a clock ${skewPpm} ppm off`, ['clock_drift'], [PCMU, G729, OPUS6], { skewPpm }, MINUTES),
  ),
  ...streamCases(
    'a clock 400 ppm off under jitter',
    ['clock_drift'],
    [PCMA6, AMR],
    { skewPpm: 400, ...jitter({ kind: 'gauss', sigmaMs: 3 }) },
    MINUTES,
  ),
  ...[50, -50, 150, -150].flatMap((skewPpm) =>
    streamCases(`a clock ${skewPpm} ppm off`, [], [PCMU, PCMA6, OPUS6], { skewPpm }, MINUTES),
  ),
  ...streamCases('a clock 400 ppm off for 30 s only', [], [PCMU, G722], { skewPpm: 400 }, HALF_MINUTE),
  ...streamCases(
    'a clock 50 ppm off, with silence suppression',
    [],
    [PCMU, G729],
    { skewPpm: 50, dtx: { talkMs: 1700, silenceMs: 1300, comfortNoise: true } },
    MINUTES,
  ),
];

const ROUND_TRIPS: [number, number][] = [
  [150, 160],
  [80, 90],
  [400, 450],
  [5, 149],
];

export const DELAY_CASES: FindingCase[] = [
  ...ROUND_TRIPS.flatMap(([tapToCallerMs, tapToCalleeMs]) =>
    cases(
      `${tapToCallerMs} ms to the caller and ${tapToCalleeMs} ms to the callee`,
      ['high_delay'],
      [PCMU, PCMA6, OPUS6],
      { ...HALF_MINUTE, rtcp: { intervalMs: 3000, tapToCallerMs, tapToCalleeMs } },
    ),
  ),
  ...cases('70 ms to either side', [], SOME, {
    ...HALF_MINUTE,
    rtcp: { intervalMs: 3000, tapToCallerMs: 70, tapToCalleeMs: 70 },
  }),
  ...cases('20 ms to either side, reports on the media port', [], ALL, {
    ...HALF_MINUTE,
    rtcp: { intervalMs: 3000, tapToCallerMs: 20, tapToCalleeMs: 20, mux: true },
  }),
];

const every = (step: number, total: number): number[] =>
  Array.from({ length: Math.floor(total / step) - 1 }, (_, i) => (i + 1) * step - (i % 7));

export const ORDER_CASES: FindingCase[] = [
  ...streamCases(
    'one in 75 overtaken',
    ['reordering'],
    SOME,
    { reorder: { positions: every(75, 1500), by: 1 } },
    HALF_MINUTE,
  ),
  ...streamCases(
    'one in 30 overtaken by three',
    ['reordering'],
    SOME,
    { reorder: { positions: every(30, 1500), by: 3 } },
    HALF_MINUTE,
    {
      allowed: { ...DEPTH, high_jitter: 'being overtaken by three is being late by 60 ms' },
    },
  ),
  ...streamCases(
    'one in five overtaken',
    ['reordering'],
    [PCMU, G722, AMRWB6],
    { reorder: { positions: every(10, 1500).concat(every(10, 1500).map((p) => p + 4)), by: 1 } },
    HALF_MINUTE,
  ),
  ...streamCases(
    'one in 150 overtaken',
    [],
    SOME,
    { reorder: { positions: every(150, 1500), by: 1 } },
    HALF_MINUTE,
  ),
  ...streamCases(
    'four of 300 overtaken',
    [],
    [PCMU, PCMA6],
    { reorder: { positions: [40, 90, 177, 260], by: 1 } },
    { durationMs: 6000 },
  ),
  ...streamCases(
    'copies by the network',
    [],
    SOME,
    { duplicate: { positions: [100, 300, 301, 500, 700], afterMs: 3 } },
    HALF_MINUTE,
  ),
];

const ALSO_LOSS = {
  allowed: {
    burst_loss: 'it is loss as well',
    random_loss: 'it is loss as well',
    critical_loss: 'it is loss as well',
  },
};

/** Two packets of every `step` (none for 0), and of the others a share by a generator of its own. */
function beatAmid(step: number, total: number, ratio: number): number[] {
  let state = step + 12_345;
  return Array.from({ length: total }, (_, i) => i).filter((i) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (step > 0 && i % step < 2) || state / 2 ** 31 < ratio;
  });
}

export const BEAT_CASES: FindingCase[] = [
  ...[
    [2000, 40],
    [3000, 100],
    [800, 20],
  ].flatMap(([everyMs, forMs]) =>
    streamCases(
      `loss of ${forMs} ms every ${everyMs} ms`,
      ['periodic_impairment'],
      SOME,
      { loss: { kind: 'beat', everyMs: everyMs!, forMs: forMs!, atMs: 700 } },
      HALF_MINUTE,
      ALSO_LOSS,
    ),
  ),
  ...[
    [1500, 120],
    [5000, 200],
  ].flatMap(([everyMs, delayMs]) =>
    streamCases(
      `spikes of ${delayMs} ms every ${everyMs} ms`,
      ['periodic_impairment'],
      SOME,
      jitter({ kind: 'beat', everyMs: everyMs!, forMs: 40, delayMs: delayMs! }),
      { durationMs: 40_000 },
      ALSO_LATE,
    ),
  ),
  ...[0.0005, 0.001, 0.002].flatMap((ratio) =>
    streamCases(
      `two packets lost every 3 s, and ${ratio} of all besides`,
      ['periodic_impairment'],
      SOME,
      { loss: { kind: 'exact', positions: beatAmid(150, 3000, ratio) } },
      { durationMs: 60_050 },
      ALSO_LOSS,
    ),
  ),
  ...streamCases(
    'spikes of 100 ms every 6 s under jitter of 5 ms',
    ['periodic_impairment'],
    SOME,
    {
      jitter: {
        kind: 'exact',
        delaysMs: Array.from({ length: 3000 }, (_, i) => (i % 300 < 2 ? 100 : 0) + ((i * i * 7) % 101) / 20),
      },
    },
    { durationMs: 60_000 },
    ALSO_LATE,
  ),
  ...streamCases(
    'ten losses by chance',
    [],
    SOME,
    { loss: { kind: 'exact', positions: beatAmid(0, 3000, 0.0033) } },
    { durationMs: 60_050 },
  ),
  ...streamCases(
    'four losses in a beat',
    [],
    SOME,
    { loss: { kind: 'exact', positions: [200, 400, 600, 800] } },
    HALF_MINUTE,
  ),
];
