import { FIELDS, type RowKind } from '../rows/fields.ts';

/** What a percentile, a mean or an extreme is taken of. */
export interface Measure {
  kind: Exclude<RowKind, 'findings'>;
  path: readonly string[];
  /** Its full name: `streams.quality.mosLq`. */
  name: string;
}

const KINDS = ['streams', 'calls', 'intervals'] as const;
/** The part of a name that may be left out, since the scores are what most conditions are about. */
const SCORES = 'quality.';

const MEASURES: ReadonlyMap<string, Measure> = namesOfMeasures();

/**
 * Every name a measure can be given by. Of a stream or a call its name in the contract is enough, and scores of streams
 * need no `quality.`; those of intervals begin with `intervals.`.
 */
function namesOfMeasures(): Map<string, Measure> {
  const names = new Map<string, Measure>();
  for (const kind of KINDS) {
    for (const { name, path, kind: holds } of FIELDS[kind]) {
      if (holds !== 'number') continue;
      const measure = { kind, path, name: `${kind}.${name}` };
      names.set(measure.name, measure);
      if (kind !== 'intervals' && !names.has(name)) names.set(name, measure);
    }
  }
  for (const { path, name, kind } of [...names.values()]) {
    if (kind !== 'streams' || path[0] !== 'quality' || path.length !== 2) continue;
    const short = name.slice(`${kind}.${SCORES}`.length);
    if (!names.has(short)) names.set(short, { kind, path, name });
  }
  return names;
}

/** A measure by one of its names; null when there is none. */
export function measureNamed(name: string): Measure | null {
  return MEASURES.get(name) ?? null;
}

/** All names, for whoever mistyped one. */
export function measureNames(): string[] {
  return [...MEASURES.keys()];
}

/** Names that begin with a name that stands for several: `jitterMs.p95` for `jitterMs`. */
export function namesWithin(name: string): string[] {
  return measureNames().filter((each) => each.startsWith(`${name}.`));
}
