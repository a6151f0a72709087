/**
 * Remarks on a score: where the model was used outside what has been validated, or what it does not know. One bit
 * each; a score carries the names.
 */
export const FLAG = {
  /** Burst ratio over 8 (G.107 Table 3), or over 2 at 2 % loss and more (Note 6). */
  burstR_out_of_validity: 1,
  /** Fewer than 300 packets or 3 runs of loss: too little to know a burst ratio. */
  burstR_low_confidence: 2,
  /** More than 20 % lost or discarded. */
  ppl_out_of_range: 4,
  /** Loss came in bursts (ratio 1.5 and more), and the wideband model (eq. 7-15) has no term for that. */
  burstR_not_in_model: 8,
  /** The burst ratio entered the wideband loss term all the same: our extension of G.107.1. */
  burstR_extension: 16,
  /** More than 500 ms one way. */
  delay_out_of_range: 32,
  /** Ie over 40 (narrowband). */
  ie_out_of_range: 64,
  /** Bpl outside 4.3 to 40 (narrowband). */
  bpl_out_of_range: 128,
  /** The echo terms were asked for on the fullband scale, which has none. */
  echo_not_modelled: 256,
  /** The mode of the codec was neither signalled nor seen: a usual one was assumed. */
  codec_mode_assumed: 512,
} as const;

export type FlagName = keyof typeof FLAG;

const NAMES = Object.keys(FLAG) as FlagName[];

/** Every combination once, so that scoring makes no arrays. */
const LISTS: readonly (readonly FlagName[])[] = Array.from({ length: 1 << NAMES.length }, (_, mask) =>
  Object.freeze(NAMES.filter((name) => (mask & FLAG[name]) !== 0)),
);

/** The names of the flags in a mask, in the order of `FLAG`. The array is shared: do not change it. */
export function flagNames(mask: number): readonly FlagName[] {
  return LISTS[mask]!;
}

/** Runs this much longer than independent loss would make them are bursts. */
const BURSTY_RATIO = 1.5;
/** Range of the burst ratio in G.107 Table 3, and the loss from which values over 2 are not validated (Note 6). */
export const BURST_RATIO_MAX = 8;
const BURST_RATIO_HIGH = 2;
const BURST_RATIO_PPL_MAX = 2;
const PPL_MAX = 20;
const DELAY_MAX_MS = 500;
const IE_MAX = 40;
const BPL_MIN = 4.3;
const BPL_MAX = 40;

/** Flags of loss and burst ratio as they were found. */
export function lossFlags(pplPercent: number, burstRRaw: number): number {
  let mask = pplPercent > PPL_MAX ? FLAG.ppl_out_of_range : 0;
  const high = burstRRaw > BURST_RATIO_HIGH && pplPercent >= BURST_RATIO_PPL_MAX;
  if (burstRRaw > BURST_RATIO_MAX || high) mask |= FLAG.burstR_out_of_validity;
  return mask;
}

/** The flag of a burst ratio on the wideband scale, where it is fed (our extension) or left out. */
export function widebandBurstFlag(burstRRaw: number, fed: boolean): number {
  if (fed) return burstRRaw > 1 ? FLAG.burstR_extension : 0;
  return burstRRaw >= BURSTY_RATIO ? FLAG.burstR_not_in_model : 0;
}

/** Flags of what stays the same for a stream; only the narrowband scale bounds Ie and Bpl. */
export function lineFlags(scale: string, ie: number, bpl: number, delayMs: number | null): number {
  let mask = delayMs !== null && delayMs > DELAY_MAX_MS ? FLAG.delay_out_of_range : 0;
  if (scale !== 'NB') return mask;
  if (ie > IE_MAX) mask |= FLAG.ie_out_of_range;
  if (bpl < BPL_MIN || bpl > BPL_MAX) mask |= FLAG.bpl_out_of_range;
  return mask;
}
