import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import { ALL, cases, PCMA6, PCMU, SOME, streamCases } from './settings.ts';
import { doze, roams } from './wifi.ts';

const MINUTE: CallSpec = { durationMs: 60_000 };
const LATE = { late_discard: 'hangs on what depth a receiver chooses' };

/** What radio does to voice: sleep, changes of the cell, noise. */
export const WIFI_CASES: FindingCase[] = [
  ...[1, 2, 3].flatMap((wakesEvery) =>
    streamCases(
      `a device that wakes up for every ${wakesEvery}. beacon`,
      ['high_jitter'],
      SOME,
      { jitter: doze(3000, { wakesEvery }) },
      MINUTE,
      { allowed: LATE },
    ),
  ),
  ...streamCases(
    'a device that sleeps for two of eight seconds',
    ['high_jitter'],
    [PCMU, PCMA6],
    { jitter: doze(3000, { wakesEvery: 3, dozeMs: 2000, everyMs: 8000 }) },
    MINUTE,
    { allowed: { ...LATE, periodic_impairment: 'it sleeps by a timer' } },
  ),
  ...cases(
    'a device that roams three times',
    ['burst_loss callerToCallee', 'burst_loss calleeToCaller'],
    ALL,
    { ...MINUTE, ...roams([9000, 24_000, 41_000], 700) },
    { allowed: { ...LATE, high_jitter: 'what waited is late' } },
  ),
  ...cases(
    'a device that roams once, without a second of silence',
    [],
    SOME,
    { ...MINUTE, ...roams([21_000], 350) },
    { allowed: { burst_loss: 'ten packets in a row' } },
  ),
  ...cases(
    'a device that is away for two seconds',
    ['media_interrupted callerToCallee', 'media_interrupted calleeToCaller'],
    SOME,
    { ...MINUTE, ...roams([21_000], 2200) },
    { allowed: { ...LATE, burst_loss: 'the end of it', high_jitter: 'what waited is late' } },
  ),
];
