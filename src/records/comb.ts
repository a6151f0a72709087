/** Moments that keep to a beat, others between them or not. */
export interface Comb {
  periodMs: number;
  /** Which moments lie on it, by index. */
  hits: number[];
  /** Deviation of the steps from one to the next, as a share of the period. */
  variation: number;
}

/**
 * A moment belongs to the next beat when it is off by no more than this share of the period: first narrowly, since what
 * else is lost near a beat would lead astray, then as widely as timers wander.
 */
const TOLERANCES = [0.02, 0.12];
/** So many beats in a hundred may be missing: a loss that hit nothing. */
const SKIPPED_MAX = 0.2;
/** Share of the moments that must keep to the beat; the rest is what is lost on any day. */
const SHARE_MIN = 0.4;
/** A beat that chance would make of as many moments more often than this is none. */
const CHANCE_MAX = 1e-3;
/** No timing is known better than this share of the period. */
const EXACT = 0.005;
/** Beats are looked for among the first moments, between one and the next three. */
const FIRST = 64;
const AHEAD = 3;

/** The comb that holds most of some moments (ms, ascending); null when there is none, or chance would do as well. */
export function bestComb(timesMs: readonly number[], periodMinMs: number, hitsMin: number): Comb | null {
  let best: Comb | null = null;
  const looked = Math.min(timesMs.length, FIRST);
  const needed = Math.max(hitsMin, timesMs.length * SHARE_MIN);
  // Too few follow the last ones.
  for (let i = 0; i < looked && timesMs.length - i >= needed; i++) {
    for (let j = i + 1; j < Math.min(looked, i + 1 + AHEAD); j++) {
      const guessMs = timesMs[j]! - timesMs[i]!;
      for (const tolerance of TOLERANCES) {
        const comb = combFrom(timesMs, i, guessMs, tolerance);
        if (comb === null || comb.hits.length < needed) continue;
        if (chance(comb, timesMs.length) > CHANCE_MAX) continue;
        const more = comb.hits.length - (best?.hits.length ?? 0);
        if (more > 0 || (more === 0 && comb.variation < best!.variation)) best = comb;
      }
    }
  }
  // Looked for as well, since every other beat of a faster one would pass for a beat.
  return best !== null && best.periodMs < periodMinMs ? null : best;
}

/** Goes from beat to beat, each counted from the last one that was heard: timers wander. */
function combFrom(
  timesMs: readonly number[],
  first: number,
  guessMs: number,
  tolerance: number,
): Comb | null {
  const hits = [first];
  const spans: number[] = [];
  let beats = 0;
  let at = first;
  for (;;) {
    const next = nextOnBeat(timesMs, at, guessMs, guessMs * tolerance);
    if (next === null) break;
    hits.push(next.index);
    spans.push(next.beats);
    beats += next.beats;
    at = next.index;
  }
  if (beats - spans.length > beats * SKIPPED_MAX || beats === 0) return null;
  const periodMs = (timesMs[at]! - timesMs[first]!) / beats;
  const squares = spans.map((span, i) => {
    const stepMs = timesMs[hits[i + 1]!]! - timesMs[hits[i]!]!;
    return ((stepMs - span * periodMs) / periodMs) ** 2;
  });
  return { periodMs, hits, variation: Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length) };
}

/** The moment nearest to the next beat, or to the one after that; null when neither was heard. */
function nextOnBeat(
  timesMs: readonly number[],
  from: number,
  periodMs: number,
  offMaxMs: number,
): { index: number; beats: number } | null {
  let at = from + 1;
  for (const beats of [1, 2]) {
    const dueMs = timesMs[from]! + beats * periodMs;
    let nearest: number | null = null;
    for (; at < timesMs.length && timesMs[at]! <= dueMs + offMaxMs; at++) {
      const offMs = Math.abs(timesMs[at]! - dueMs);
      if (offMs > offMaxMs) continue;
      if (nearest === null || offMs < Math.abs(timesMs[nearest]! - dueMs)) nearest = at;
    }
    if (nearest !== null) return { index: nearest, beats };
  }
  return null;
}

/**
 * How many combs as good as this one chance would make of `count` moments: the first two set the beat, each further one
 * falls near enough to it with the probability of twice the deviation (of two deviations, to be safe).
 */
function chance({ hits, variation }: Comb, count: number): number {
  const near = Math.min(1, 4 * Math.max(variation, EXACT));
  let tried = AHEAD * Math.min(count, FIRST);
  const others = count - hits.length;
  for (let k = 1; k <= others; k++) tried *= (hits.length + k) / k;
  return tried * near ** (hits.length - 2);
}
