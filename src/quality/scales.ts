import { mosFromR } from './mos.ts';

/**
 * The three scales of the E-model: narrowband (G.107), wideband (G.107.1), fullband (G.107.2). Values of one are never
 * averaged, compared or thresholded with those of another.
 */
export type Scale = 'NB' | 'WB' | 'FB';

export interface ScaleFacts {
  /** Recommendation that defines the scale. */
  model: string;
  /** R on the narrowband scale that has the same MOS, times this, is R on this scale. */
  factor: number;
  /** What the loss term saturates to: G.107 eq. 7-29, G.107.1 eq. 7-15, G.107.2. Neither 129 nor 148. */
  lossConstant: number;
  /** R is shown within 0 and this; inside it stays unclamped. */
  displayMax: number;
  /** Name of the estimate: MOS-CQE is not an opinion. */
  mosName: string;
}

export const SCALES: Readonly<Record<Scale, ScaleFacts>> = {
  NB: { model: 'G.107', factor: 1, lossConstant: 95, displayMax: 100, mosName: 'MOS_CQE' },
  WB: { model: 'G.107.1', factor: 1.29, lossConstant: 95, displayMax: 129, mosName: 'MOS_CQEW' },
  FB: { model: 'G.107.2', factor: 1.48, lossConstant: 132, displayMax: 148, mosName: 'MOS_CQEF' },
};

/** MOS of a rating on its own scale, 1 to 4.5: Annex B of G.107 applied to R, R/1.29 or R/1.48. */
export function mosOnScale(r: number, scale: Scale): number {
  return mosFromR(r / SCALES[scale].factor);
}

/**
 * Loss term of all three scales: `Ie + (C - Ie) Ppl / (Ppl/BurstR + Bpl)` with the constant C of the scale (G.107 eq.
 * 7-29). Rises with loss and burst ratio, is Ie without loss and stays below C.
 *
 * @param pplPercent packets lost or discarded, percent
 * @param burstR burst ratio, 1 for independent loss
 */
export function effectiveEquipmentOn(
  scale: Scale,
  ie: number,
  bpl: number,
  pplPercent: number,
  burstR: number,
): number {
  if (pplPercent <= 0) return ie;
  return ie + ((SCALES[scale].lossConstant - ie) * pplPercent) / (pplPercent / burstR + bpl);
}
