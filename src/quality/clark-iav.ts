/** Impairment during bursts and gaps of a call, and how long they last on average. */
export interface BurstGapImpairments {
  /** `Ie,eff` computed from the loss inside bursts, and inside gaps. */
  ieBurst: number;
  ieGap: number;
  /** Mean durations, ms. */
  burstMs: number;
  gapMs: number;
  /** Time from the end of the last burst to the end of the call, ms. */
  sinceBurstMs?: number;
}

export interface ClarkIav {
  /** Perceived impairment at the end of a burst, and at the end of a gap. */
  i1: number;
  i2: number;
  /** Its average over the call. */
  iav: number;
  /** The average moved by what was heard last; null when the time since the last burst is not given. */
  iend: number | null;
}

/** Time constants of noticing and of forgiving a burst, and of forgetting it, ms. */
const WORSE_MS = 5000;
const BETTER_MS = 15_000;
const RECENCY_MS = 30_000;
const RECENCY_WEIGHT = 0.7;

/**
 * Time-varying impairment by Clark (2001), ETSI TS 101 329-5 Annex E, as recalled: a listener notices a burst and
 * forgives it exponentially. No ITU E-model output, hence under its own name: never print R or MOS made from it as
 * G.107.
 *
 * @returns null when neither bursts nor gaps last, or a figure is no finite number or a negative duration
 */
export function clarkIav(given: BurstGapImpairments): ClarkIav | null {
  const { ieBurst, ieGap, burstMs, gapMs, sinceBurstMs } = given;
  if (!Number.isFinite(ieBurst + ieGap + burstMs + gapMs + (sinceBurstMs ?? 0))) return null;
  if (burstMs < 0 || gapMs < 0 || burstMs + gapMs <= 0 || (sinceBurstMs ?? 0) < 0) return null;
  // `1 - e^(-x)` by expm1, or short bursts lose all their digits.
  const noticed = -Math.expm1(-burstMs / WORSE_MS);
  const forgiven = -Math.expm1(-gapMs / BETTER_MS);
  // I1 = Ieb - (Ieb - I2) e^(-b/t1) and I2 = Ieg + (I1 - Ieg) e^(-g/t2), solved for I1.
  const both = -Math.expm1(-burstMs / WORSE_MS - gapMs / BETTER_MS);
  const i1 = (ieBurst * noticed + ieGap * (1 - noticed) * forgiven) / both;
  const i2 = ieGap + (i1 - ieGap) * (1 - forgiven);
  const iav =
    (burstMs * ieBurst +
      gapMs * ieGap -
      WORSE_MS * (ieBurst - i2) * noticed +
      BETTER_MS * (i1 - ieGap) * forgiven) /
    (burstMs + gapMs);
  const iend =
    sinceBurstMs === undefined
      ? null
      : iav + RECENCY_WEIGHT * (i1 - iav) * Math.exp(-sinceBurstMs / RECENCY_MS);
  return { i1, i2, iav, iend };
}
