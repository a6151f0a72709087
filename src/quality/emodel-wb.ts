import { absoluteDelay, echoImpairment, echoLoudness, listenerEcho, signalToNoise } from './emodel.ts';
import { NARROWBAND_DEFAULTS, outOfRange, PERMITTED_RANGES, type PermittedRanges } from './parameters.ts';
import { effectiveEquipmentOn, SCALES } from './scales.ts';

/** R of a flawless wideband line (G.107.1): `Ro,WB`, from which `Is,WB` = 0 takes nothing. */
export const WIDEBAND_RO = 129;

/**
 * Talker quality without echo, `Roe,WB`. The 2019 text writes it through `No,WB`, which the wideband model leaves
 * undefined, and implementations differ: the narrowband noise sum with Nfor = -96 dBm0p, or Ro,WB itself.
 */
export const ROE_WIDEBAND = {
  noise: -1.5 * (signalToNoise({ ...NARROWBAND_DEFAULTS, nfor: -96 }).no - NARROWBAND_DEFAULTS.rlr),
  ro: WIDEBAND_RO,
} as const;

/** Inputs of the wideband E-model, named as in G.107.1. */
export interface WidebandParameters {
  /** One-way delay of the echo path, round-trip delay of the four-wire loop, absolute one-way delay, ms. */
  t: number;
  tr: number;
  ta: number;
  /** Talker echo loudness rating and weighted echo path loss, dB. */
  telr: number;
  wepl: number;
  /** `Ie,WB`, `Bpl,WB`, loss (percent, discards included), burst ratio. */
  ie: number;
  bpl: number;
  ppl: number;
  burstR: number;
  /** `free` of echo (only delay counts), or the echo `returned` as the terms of G.107.1 describe it. */
  echo: 'free' | 'returned';
  roe: keyof typeof ROE_WIDEBAND;
  /**
   * Whether the burst ratio enters the loss term. Eq. 7-15 has none: with `true` the result is our extension of the
   * model, not the model.
   */
  burstExtension: boolean;
  sT: number;
  mT: number;
}

/** Defaults: flawless, free of echo, and nothing that the text does not have. */
export const WIDEBAND_DEFAULTS: Readonly<WidebandParameters> = {
  t: 0,
  tr: 0,
  ta: 0,
  telr: 65,
  wepl: 110,
  ie: 0,
  bpl: 4.3,
  ppl: 0,
  burstR: 1,
  echo: 'free',
  roe: 'noise',
  burstExtension: false,
  sT: 1,
  mT: 100,
};

/** Ranges that the wider models share with the narrowband one. `Ie` and `Bpl` have none here: G.113 has Ie,WB 56. */
export const WIDER_RANGES = {
  t: PERMITTED_RANGES.t,
  tr: PERMITTED_RANGES.tr,
  ta: PERMITTED_RANGES.ta,
  telr: PERMITTED_RANGES.telr,
  wepl: PERMITTED_RANGES.wepl,
  ppl: PERMITTED_RANGES.ppl,
  burstR: PERMITTED_RANGES.burstR,
} as const satisfies PermittedRanges;

export interface WidebandResult {
  ro: number;
  is: number;
  /** Delay impairments on the wideband scale; the echo terms are 0 when free of echo. */
  id: { idte: number; idle: number; idd: number; total: number };
  ieEff: number;
  /** Transmission rating on the wideband scale, unclamped; a flawless line has 129. */
  r: number;
  /** Parameters outside their permitted range. */
  outOfRange: string[];
}

/** The wideband E-model (G.107.1 06/2019, Cor.1 01/2020): `R = 129 - Id,WB - Ie,eff,WB`. */
export function computeWideband(given: Partial<WidebandParameters> = {}): WidebandResult {
  const p: WidebandParameters = { ...WIDEBAND_DEFAULTS, ...given };
  const idd = SCALES.WB.factor * absoluteDelay(p.ta, p.sT, p.mT);
  const echo = p.echo === 'returned';
  const idte = echo ? talkerEcho(p) : 0;
  const idle = echo ? listenerEcho(WIDEBAND_RO, p.wepl, p.tr) : 0;
  const total = idte + idle + idd;
  const ieEff = effectiveEquipmentOn('WB', p.ie, p.bpl, p.ppl, p.burstExtension ? p.burstR : 1);
  return {
    ro: WIDEBAND_RO,
    is: 0,
    id: { idte, idle, idd, total },
    ieEff,
    r: WIDEBAND_RO - total - ieEff,
    outOfRange: outOfRange(p, WIDER_RANGES),
  };
}

/** `Idte,WB`: the narrowband shape with `TERV,WB = TERV + K` and `Re,WB = 80 + 3 (TERV,WB - 14)`. */
function talkerEcho({ t, telr, roe }: WidebandParameters): number {
  if (t < 1) return 0;
  const k = t < 100 ? 0.08 * t + 10 : 18;
  const terv = echoLoudness(telr, t) + k;
  return echoImpairment(ROE_WIDEBAND[roe], 80 + 3 * (terv - 14), t);
}
