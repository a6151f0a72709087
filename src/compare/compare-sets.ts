import { type TimeZone, UTC } from '../report/search/time-zone.ts';
import type { CallSample } from './call-sample.ts';
import { CALLS_MIN, changesBetween, FAMILY_LEVEL } from './changes.ts';
import { compareGroups, groupNotes } from './compare-groups.ts';
import type { HistoryFacts, MeasureSpread, SetsComparison, SideFacts } from './contract.ts';
import type { Grouping } from './groupings.ts';
import { historyNotes } from './history-notes.ts';
import type { Observations, Units } from './observations.ts';
import { PERMUTATIONS } from './permutation.ts';

/** Shares of a codec that differ by more make scores hard to compare. */
const MIX_DIFFERENCE = 0.1;

/** One set of calls: what there is to say of where it comes from, and its calls. */
export interface Side {
  facts: Omit<SideFacts, 'calls' | 'callsWithMedia' | 'units' | 'codecs'>;
  samples: readonly CallSample[];
}

/** How a comparison is divided and read, beside what it compares. */
export interface CompareOptions {
  by?: Grouping;
  /** Of clocks that hours of the day are told by; UTC if absent. */
  zone?: TimeZone;
  history?: HistoryFacts;
}

/**
 * Compares two sets of calls. The call is what is drawn by lot: its streams and intervals are not independent.
 * The same calls give the same answer.
 */
export function compareSets(a: Side, b: Side, options: CompareOptions = {}): SetsComparison {
  const { by, zone = UTC, history } = options;
  const isDoubted = [a, b].some(({ facts }) => facts.trust.verdict === 'untrusted');
  const { changes, all, tested, units } = changesBetween(a.samples, b.samples, { isDoubted });
  const sides = [sideFacts(a, units.countA), sideFacts(b, units.count - units.countA)] as const;
  const groups = by === undefined ? null : compareGroups(a.samples, b.samples, { by, zone, isDoubted });
  return {
    kind: 'sets',
    a: sides[0],
    b: sides[1],
    method: {
      unit: 'call',
      test: 'permutation of calls',
      correction: 'step-down maxT (Westfall and Young)',
      familyLevel: FAMILY_LEVEL,
      permutations: PERMUTATIONS,
      measures: tested.length,
    },
    changes,
    distributions: spreadsOf(all),
    ...(groups === null ? {} : { groups }),
    ...(history === undefined ? {} : { history }),
    notes: [
      ...(history === undefined ? [] : historyNotes(history)),
      ...notesOn(sides, units),
      ...(groups === null ? [] : groupNotes(groups)),
    ],
  };
}

function spreadsOf(all: readonly Observations[]): MeasureSpread[] {
  // Of a share per call only the sum is of use.
  const first = all.filter(
    (each) => each.measure.aspects.length > 1 && all.find(({ measure }) => measure === each.measure) === each,
  );
  return first.map((each) => {
    const { p10, p50, p90 } = each.spread();
    const { key, title, unit } = each.measure;
    return {
      measure: key,
      title,
      unit,
      a: { calls: each.callsA, p10: p10.a, p50: p50.a, p90: p90.a },
      b: { calls: each.callsB, p10: p10.b, p50: p50.b, p90: p90.b },
    };
  });
}

function sideFacts({ facts, samples }: Side, units: number): SideFacts {
  const counts = new Map<string, number>();
  for (const { codecs } of samples)
    for (const codec of codecs) counts.set(codec, (counts.get(codec) ?? 0) + 1);
  const codecs = [...counts].map(([codec, calls]) => ({ codec, calls }));
  codecs.sort((left, right) => right.calls - left.calls || (left.codec < right.codec ? -1 : 1));
  const callsWithMedia = samples.filter((sample) => sample.codecs.length > 0).length;
  return { ...facts, calls: samples.length, callsWithMedia, units, codecs };
}

function notesOn([a, b]: readonly [SideFacts, SideFacts], units: Units): string[] {
  const notes: string[] = [];
  for (const [name, { trust }] of [['A', a] as const, ['B', b] as const]) {
    if (trust.verdict === 'trusted') continue;
    const why = trust.reasons.map(({ text }) => text).join('; ');
    const held = trust.verdict === 'untrusted' ? '; nothing is claimed of media' : '';
    notes.push(`the capture of ${name} is ${trust.verdict}: ${why}${held}`);
  }
  const codecs = new Set([...a.codecs, ...b.codecs].map(({ codec }) => codec));
  for (const codec of codecs) {
    const share = (side: SideFacts): number =>
      (side.codecs.find((each) => each.codec === codec)?.calls ?? 0) / Math.max(1, side.callsWithMedia);
    const few = Math.min(a.callsWithMedia, b.callsWithMedia) < CALLS_MIN;
    if (few || Math.abs(share(a) - share(b)) < MIX_DIFFERENCE) continue;
    notes.push(
      `codecs differ: ${codec} in ${percentOf(share(a))} of A's calls with media and ${percentOf(share(b))} of B's; a score follows its codec`,
    );
  }
  const without = [a, b].flatMap(({ calls }, at) => (calls === 0 ? 'AB'[at]! : []));
  if (without.length > 0)
    notes.push(
      `${without.join(' and ')} ${without.length === 2 ? 'have' : 'has'} no calls: there is nothing to compare`,
    );
  else if (Math.min(units.countA, units.count - units.countA) < CALLS_MIN)
    notes.push(`fewer than ${CALLS_MIN} calls on one side: nothing can be claimed`);
  return notes;
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
