import { absoluteDelay } from './emodel.ts';
import { WIDER_RANGES } from './emodel-wb.ts';
import { outOfRange } from './parameters.ts';
import { effectiveEquipmentOn, SCALES } from './scales.ts';

/** R of a flawless fullband line (G.107.2): `Ro,FB` in 2019, its default since noise was added in 2023. */
export const FULLBAND_RO = 148;

/** Inputs of the fullband E-model, named as in G.107.2. It has no echo terms. */
export interface FullbandParameters {
  /** Absolute one-way delay, ms. */
  ta: number;
  /** `Ie,FB`, `Bpl,FB`, loss (percent, discards included), burst ratio. */
  ie: number;
  bpl: number;
  ppl: number;
  burstR: number;
  sT: number;
  mT: number;
}

export const FULLBAND_DEFAULTS: Readonly<FullbandParameters> = {
  ta: 0,
  ie: 0,
  bpl: 4.3,
  ppl: 0,
  burstR: 1,
  sT: 1,
  mT: 100,
};

export interface FullbandResult {
  ro: number;
  is: number;
  id: { idte: number; idle: number; idd: number; total: number };
  ieEff: number;
  /** Transmission rating on the fullband scale, unclamped; a flawless line has 148. */
  r: number;
  /** Parameters outside their permitted range. */
  outOfRange: string[];
}

/** The fullband E-model (G.107.2 06/2019): `R = 148 - 1.48 Idd - Ie,eff,FB`, the loss term with its constant 132. */
export function computeFullband(given: Partial<FullbandParameters> = {}): FullbandResult {
  const p: FullbandParameters = { ...FULLBAND_DEFAULTS, ...given };
  const idd = SCALES.FB.factor * absoluteDelay(p.ta, p.sT, p.mT);
  const ieEff = effectiveEquipmentOn('FB', p.ie, p.bpl, p.ppl, p.burstR);
  return {
    ro: FULLBAND_RO,
    is: 0,
    id: { idte: 0, idle: 0, idd, total: idd },
    ieEff,
    r: FULLBAND_RO - idd - ieEff,
    outOfRange: outOfRange(p, WIDER_RANGES),
  };
}
