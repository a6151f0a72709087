/** Inputs of the narrowband E-model, named as in G.107 (06/2015) Table 3; the unit is in each comment. */
export interface NarrowbandParameters {
  /** Send and receive loudness rating, dB. */
  slr: number;
  rlr: number;
  /** Sidetone masking rating, dB. */
  stmr: number;
  /** D-factor of the telephone at the send and receive side. */
  ds: number;
  dr: number;
  /** Listener sidetone rating, dB; `stmr + dr` unless set. */
  lstr: number;
  /** Talker echo loudness rating and weighted echo path loss, dB. */
  telr: number;
  wepl: number;
  /** One-way delay of the echo path, round-trip delay of the four-wire loop, absolute one-way delay, ms. */
  t: number;
  tr: number;
  ta: number;
  /** Quantisation distortion units. */
  qdu: number;
  /** Equipment impairment factor, packet-loss robustness, loss (percent, discards included), burst ratio. */
  ie: number;
  bpl: number;
  ppl: number;
  burstR: number;
  /** Circuit noise referred to 0 dBr, noise floor at the receive side, dBm0p. */
  nc: number;
  nfor: number;
  /** Room noise at the send and receive side, dB(A). */
  ps: number;
  pr: number;
  /** Advantage factor: 0 for measurement, anything else would be a gift. */
  a: number;
  /** Delay sensitivity class: sT and the minimum perceivable delay mT, ms (default class). */
  sT: number;
  mT: number;
}

/** G.107 Table 3 defaults, with the Bpl of G.711 without concealment. */
export const NARROWBAND_DEFAULTS: Readonly<NarrowbandParameters> = {
  slr: 8,
  rlr: 2,
  stmr: 15,
  ds: 3,
  dr: 3,
  lstr: 18,
  telr: 65,
  wepl: 110,
  t: 0,
  tr: 0,
  ta: 0,
  qdu: 1,
  ie: 0,
  bpl: 4.3,
  ppl: 0,
  burstR: 1,
  nc: -70,
  nfor: -64,
  ps: 35,
  pr: 35,
  a: 0,
  sT: 1,
  mT: 100,
};

/** Least and greatest permitted value by parameter name. */
export type PermittedRanges = Readonly<Record<string, readonly [number, number]>>;

/** Permitted ranges of Table 3. Outside them the formula still gives a number, but nobody has validated it. */
export const PERMITTED_RANGES = {
  slr: [0, 18],
  rlr: [-5, 14],
  stmr: [10, 20],
  ds: [-3, 3],
  dr: [-3, 3],
  lstr: [13, 23],
  telr: [5, 65],
  wepl: [5, 110],
  t: [0, 500],
  tr: [0, 1000],
  ta: [0, 500],
  qdu: [1, 14],
  ie: [0, 40],
  bpl: [4.3, 40],
  ppl: [0, 20],
  burstR: [1, 8],
  nc: [-80, -40],
  ps: [35, 85],
  pr: [35, 85],
  a: [0, 20],
} as const satisfies PermittedRanges;

/** Names of the parameters that lie outside their permitted range. */
export function outOfRange(parameters: object, ranges: PermittedRanges): string[] {
  const given = parameters as Record<string, unknown>;
  return Object.entries(ranges)
    .filter(([name, [least, greatest]]) => {
      const value = given[name];
      return typeof value === 'number' && !(value >= least && value <= greatest);
    })
    .map(([name]) => name);
}
