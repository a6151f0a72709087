import { bestComb } from '../records/comb.ts';

/** What onsets have in common, each with its moments; the one that was heard of least recently makes room. */
const KEPT = 64;
/** Moments of one, the newest. */
const MOMENTS_KEPT = 64;

export interface OnsetBeat {
  periodMs: number;
  /** Of the first moment, within the period, by the capture's clock. */
  phaseMs: number;
  /** Moments that keep to it. */
  moments: number;
}

/** Moments at which several calls became bad, and whether those with the same in common keep to a beat. */
export class OnsetBeats {
  private readonly momentsOf = new Map<string, number[]>();

  /**
   * The beat that a moment keeps to, together with those before it; null for none.
   *
   * @param common what its streams have in common, in a word
   * @param momentsMin so many make a beat
   */
  add(common: string, atUs: number, periodMinMs: number, momentsMin: number): OnsetBeat | null {
    const moments = this.momentsOf.get(common) ?? [];
    this.momentsOf.delete(common);
    if (this.momentsOf.size >= KEPT) this.momentsOf.delete(this.momentsOf.keys().next().value!);
    this.momentsOf.set(common, moments);
    moments.push(atUs / 1000);
    // Calls that were long bring moments that are past.
    moments.sort((a, b) => a - b);
    if (moments.length > MOMENTS_KEPT) moments.shift();
    const comb = bestComb(moments, periodMinMs, momentsMin);
    if (comb === null || !comb.hits.includes(moments.indexOf(atUs / 1000))) return null;
    const { periodMs, hits } = comb;
    return { periodMs, phaseMs: moments[hits[0]!]! % periodMs, moments: hits.length };
  }
}
