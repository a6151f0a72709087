import type { Scale } from '../records/types.ts';
import type { CallSample, Part } from './call-sample.ts';

/**
 * What of a measure is compared: the median of the calls, the bound of the worst tenth of them, or the sum over all of
 * them (packets lost by packets expected).
 */
export type Aspect = 'typical' | 'worst_tenth' | 'overall';

/** One quantity that two sets of calls are compared by. */
export interface Measure {
  key: string;
  title: string;
  unit: 'ms' | 'MOS' | 'ratio';
  worse: 'higher' | 'lower';
  about: 'media' | 'signalling';
  aspects: readonly Aspect[];
  /**
   * The smallest difference that matters to people: this much, and this share of what it was before. Less is not called
   * better or worse, however certain it is.
   */
  matters: { atLeast: number; share: number };
  /** Of one call; null where it does not have the quantity. */
  value: (sample: CallSample) => number | null;
  /** What is summed for `overall`; a whole of 0 says nothing. */
  part?: (sample: CallSample) => Part;
  /** A share of calls: each is of the kind, or is not. */
  isOfCalls?: true;
}

const DELAY_ASPECTS = ['typical', 'worst_tenth'] as const;

function delayMeasure(
  key: 'jitterP95Ms' | 'pdvP95Ms' | 'roundTripMs' | 'postDialDelayMs' | 'mediaDelayMs',
  title: string,
  about: Measure['about'],
  atLeast: number,
): Measure {
  const matters = { atLeast, share: 0.05 };
  const value = (sample: CallSample): number | null => sample[key];
  return { key, title, unit: 'ms', worse: 'higher', about, aspects: DELAY_ASPECTS, matters, value };
}

/** A tenth of a MOS is about what tests with listeners can tell apart; single moments vary more. */
function mosMeasures(scale: Scale): Measure[] {
  const base = { unit: 'MOS', worse: 'lower', about: 'media', aspects: DELAY_ASPECTS } as const;
  return [
    {
      ...base,
      key: `mosLq${scale}`,
      title: `MOS-LQ (${scale})`,
      matters: { atLeast: 0.1, share: 0 },
      value: ({ mos }) => mos[scale] ?? null,
    },
    {
      ...base,
      key: `mosP05${scale}`,
      title: `MOS-LQ (${scale}) in the worst moments (p05)`,
      matters: { atLeast: 0.2, share: 0 },
      value: ({ mosP05 }) => mosP05[scale] ?? null,
    },
  ];
}

function shareMeasure(
  key: 'lost' | 'discarded' | 'badTime' | 'answered' | 'effective',
  title: string,
  worse: Measure['worse'],
  about: Measure['about'],
  aspects: readonly Aspect[],
  matters: Measure['matters'],
): Measure {
  const value = (sample: CallSample): number | null => {
    const { part, whole } = sample[key];
    return whole > 0 ? part / whole : null;
  };
  return { key, title, unit: 'ratio', worse, about, aspects, matters, value, part: (sample) => sample[key] };
}

function ofCalls(key: 'answered' | 'effective', title: string, atLeast: number): Measure {
  const matters = { atLeast, share: 0 };
  return { ...shareMeasure(key, title, 'lower', 'signalling', OVERALL, matters), isOfCalls: true };
}

const OVERALL = ['overall'] as const;
const OVERALL_AND_WORST = ['overall', 'worst_tenth'] as const;

/** What every comparison looks at. */
export const MEASURES: readonly Measure[] = [
  ...mosMeasures('NB'),
  ...mosMeasures('WB'),
  ...mosMeasures('FB'),
  delayMeasure('jitterP95Ms', 'jitter of a call (p95)', 'media', 1),
  delayMeasure('pdvP95Ms', 'delay variation of a call (PDV p95)', 'media', 2),
  shareMeasure('lost', 'packets lost', 'higher', 'media', OVERALL_AND_WORST, { atLeast: 0.002, share: 0.1 }),
  shareMeasure('discarded', 'packets too late to be played', 'higher', 'media', OVERALL_AND_WORST, {
    atLeast: 0.002,
    share: 0.1,
  }),
  shareMeasure('badTime', 'bad time', 'higher', 'media', OVERALL_AND_WORST, { atLeast: 0.01, share: 0.1 }),
  delayMeasure('roundTripMs', 'round trip', 'media', 10),
  delayMeasure('postDialDelayMs', 'post-dial delay', 'signalling', 100),
  delayMeasure('mediaDelayMs', 'first media after the answer', 'signalling', 50),
  ofCalls('answered', 'calls answered (ASR)', 0.02),
  ofCalls('effective', 'calls the network carried through (NER)', 0.01),
];

/** Findings and failures that are looked at, the most frequent ones; a code of one or two calls proves nothing. */
export const CODES_MAX = 24;
const CODE_CALLS_MIN = 3;

/** A measure for each kind of failure and finding of these calls. Chosen without looking at which side has them. */
export function codeMeasures(
  samples: readonly CallSample[],
  aboutOf: (code: string) => Measure['about'],
): Measure[] {
  const counts = new Map<string, number>();
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { findings, failure } of samples) {
    for (const code of findings) count(`finding ${code}`);
    if (failure !== null) count(`failure ${failure}`);
  }
  const frequent = [...counts].filter(([, calls]) => calls >= CODE_CALLS_MIN);
  frequent.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return frequent.slice(0, CODES_MAX).map(([key]) => codeMeasure(key, aboutOf));
}

function codeMeasure(key: string, aboutOf: (code: string) => Measure['about']): Measure {
  const [kind, code = ''] = key.split(' ', 2);
  const has =
    kind === 'finding'
      ? ({ findings }: CallSample): boolean => findings.includes(code)
      : ({ failure }: CallSample): boolean => failure === code;
  const whole = ({ signalled }: CallSample): number => (signalled ? 1 : 0);
  return {
    key: `${kind}:${code}`,
    title: kind === 'finding' ? `calls with ${code}` : `calls failed with ${code}`,
    unit: 'ratio',
    worse: 'higher',
    about: kind === 'finding' ? aboutOf(code) : 'signalling',
    aspects: OVERALL,
    isOfCalls: true,
    matters: { atLeast: 0.01, share: 0.1 },
    value: (sample) => (sample.signalled ? Number(has(sample)) : null),
    part: (sample) => ({ part: whole(sample) === 1 && has(sample) ? 1 : 0, whole: whole(sample) }),
  };
}
