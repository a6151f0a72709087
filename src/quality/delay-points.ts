import { computeNarrowband, narrowbandOf } from './emodel.ts';
import { computeFullband, FULLBAND_RO } from './emodel-fb.ts';
import { computeWideband, type ROE_WIDEBAND, WIDEBAND_RO } from './emodel-wb.ts';
import { NARROWBAND_DEFAULTS } from './parameters.ts';
import type { Scale } from './scales.ts';

/**
 * What becomes of the talker's echo. `default` is the default of each scale: narrowband with the G.107 defaults (T = Ta,
 * Tr = 2 Ta, TELR 65 dB), wideband and fullband free of echo. `free`: only the delay itself counts. `returned`: the
 * echo terms of the scale, where it has some (G.107, G.107.1).
 */
export type EchoMode = 'default' | 'free' | 'returned';

/** R of a line with nothing wrong, by scale: 93.2, 129, 148. Every score starts from it. */
export const FLAWLESS_R: Readonly<Record<Scale, number>> = {
  NB: computeNarrowband().r,
  WB: WIDEBAND_RO,
  FB: FULLBAND_RO,
};

/** What delay takes, term by term, in points of R on its scale. */
export interface DelayPoints {
  idte: number;
  idle: number;
  idd: number;
  /**
   * What the delay takes from the flawless line. On the narrowband scale this is not the sum of the terms: the flawless
   * line has the listener echo of Tr = 0 already, and sidetone masks a talker's echo that comes at once.
   */
  taken: number;
  /** What the echo was taken to be. */
  echo: 'free' | 'returned';
}

/**
 * Delay impairments on a scale (standards 4.3, 4.6, 4.7).
 *
 * @param delayMs one-way mouth-to-ear delay
 * @param roe for the wideband echo terms only: see `ROE_WIDEBAND`
 */
export function delayPoints(
  scale: Scale,
  delayMs: number,
  echoMode: EchoMode,
  roe: keyof typeof ROE_WIDEBAND = 'noise',
): DelayPoints {
  const echo = echoOn(scale, echoMode);
  const returned = echo === 'returned';
  const delays = { ta: delayMs, t: returned ? delayMs : 0, tr: returned ? 2 * delayMs : 0 };
  if (scale === 'NB') {
    const { id, r } = narrowbandOf({ ...NARROWBAND_DEFAULTS, ...delays });
    return { idte: id.idte, idle: id.idle, idd: id.idd, taken: FLAWLESS_R.NB - r, echo };
  }
  const { id } =
    scale === 'WB' ? computeWideband({ ...delays, echo, roe }) : computeFullband({ ta: delayMs });
  return { idte: id.idte, idle: id.idle, idd: id.idd, taken: id.total, echo };
}

/** Delays remembered of one kind: those that are assumed come again and again, measured ones hardly ever. */
const TAKEN_KEPT = 256;
const takenByDelay = new Map<string, Map<number, number>>();

/** `taken` of `delayPoints`, remembered: every stream asks it for several depths of buffer. */
export function delayTaken(scale: Scale, delayMs: number, echoMode: EchoMode): number {
  const kind = scale + echoMode;
  const known = takenByDelay.get(kind) ?? new Map<number, number>();
  takenByDelay.set(kind, known);
  let taken = known.get(delayMs);
  if (taken === undefined) {
    taken = delayPoints(scale, delayMs, echoMode).taken;
    if (known.size >= TAKEN_KEPT) known.clear();
    known.set(delayMs, taken);
  }
  return taken;
}

/** The echo that a mode means on a scale; the fullband model knows none. */
export function echoOn(scale: Scale, mode: EchoMode): 'free' | 'returned' {
  if (scale === 'FB' || mode === 'free') return 'free';
  return mode === 'returned' || scale === 'NB' ? 'returned' : 'free';
}
