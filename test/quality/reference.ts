/**
 * The narrowband E-model a second time, written from the text of the standard without a look at src/quality: one
 * long function in the order of the equations, so that a slip in either shows as a difference.
 */
export function referenceR(input: {
  ie: number;
  bpl: number;
  ppl: number;
  burstR: number;
  ta: number;
  t: number;
  tr: number;
}): number {
  const [SLR, RLR, STMR, Ds, LSTR, TELR, WEPL] = [8, 2, 15, 3, 18, 65, 110];
  const [Nc, Nfor, Ps, Pr] = [-70, -64, 35, 35];
  const OLR = SLR + RLR;
  const Nos = Ps - SLR - Ds - 100 + 0.004 * (Ps - OLR - Ds - 14) ** 2;
  const Pre = Pr + 10 * Math.log10(1 + 10 ** ((10 - LSTR) / 10));
  const Nor = RLR - 121 + Pre + 0.008 * (Pre - 35) ** 2;
  const Nfo = Nfor + RLR;
  const power = [Nc, Nos, Nor, Nfo].reduce((sum, level) => sum + 10 ** (level / 10), 0);
  const No = 10 * Math.log10(power);
  const Ro = 15 - 1.5 * (SLR + No);

  const Xolr = OLR + 0.2 * (64 + No - RLR);
  const Iolr = 20 * ((1 + (Xolr / 8) ** 8) ** (1 / 8) - Xolr / 8);
  const STMRo = -10 * Math.log10(10 ** (-STMR / 10) + Math.exp(0) * 10 ** (-TELR / 10));
  // Sidetone with the talker's echo at its delay.
  const STMRoT = -10 * Math.log10(10 ** (-STMR / 10) + Math.exp(-input.t / 4) * 10 ** (-TELR / 10));
  const sidetone = (s: number): number =>
    12 * (1 + ((s - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((s + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((s - 3) / 33) ** 13) ** (1 / 13) +
    29;
  const Ist = sidetone(input.t === 0 ? STMRo : STMRoT);
  const Q = 37 - 15 * Math.log10(1);
  const G = 1.07 + 0.258 * Q + 0.0602 * Q * Q;
  const Y = (Ro - 100) / 15 + 46 / 8.4 - G / 9;
  const Z = 46 / 30 - G / 40;
  const Iq = 15 * Math.log10(1 + 10 ** Y + 10 ** Z);
  const Is = Iolr + Ist + Iq;

  let Idte = 0;
  if (input.t >= 1) {
    const TERV =
      TELR -
      40 * Math.log10((1 + input.t / 10) / (1 + input.t / 150)) +
      6 * Math.exp(-0.3 * input.t * input.t);
    const Re = 80 + 2.5 * (TERV - 14);
    const Roe = -1.5 * (No - RLR);
    Idte = ((Roe - Re) / 2 + Math.sqrt((Roe - Re) ** 2 / 4 + 100) - 1) * (1 - Math.exp(-input.t));
  }
  const Rle = 10.5 * (WEPL + 7) * (input.tr + 1) ** -0.25;
  const Idle = (Ro - Rle) / 2 + Math.sqrt((Ro - Rle) ** 2 / 4 + 169);
  let Idd = 0;
  if (input.ta > 100) {
    const X = Math.log(input.ta / 100) / Math.log(2);
    Idd = 25 * ((1 + X ** 6) ** (1 / 6) - 3 * (1 + (X / 3) ** 6) ** (1 / 6) + 2);
  }
  const ieEff = input.ie + (95 - input.ie) * (input.ppl / (input.ppl / input.burstR + input.bpl));
  return Ro - Is - (Idte + Idle + Idd) - ieEff;
}

/** Idd written out from the text once more, with natural logarithms. */
function idd(ta: number): number {
  if (ta <= 100) return 0;
  const X = Math.log2(ta / 100);
  const sixth = (v: number): number => Math.exp(Math.log(1 + v ** 6) / 6);
  return 25 * (sixth(X) - 3 * sixth(X / 3) + 2);
}

/** The wideband E-model a second time (G.107.1 06/2019), from the text: R, with the echo terms where asked for. */
export function referenceWidebandR(input: {
  ie: number;
  bpl: number;
  ppl: number;
  /** Only our extension uses it; 1 is the model. */
  burstR: number;
  ta: number;
  /** Talker quality without echo; null for a line free of echo. */
  roe: number | null;
}): number {
  const T = input.ta;
  let Id = 1.29 * idd(T);
  if (input.roe !== null) {
    const Tr = 2 * T;
    if (T >= 1) {
      const K = T >= 100 ? 18 : 10 + 0.08 * T;
      const TERV =
        65 + K - (40 * Math.log((1 + T / 10) / (1 + T / 150))) / Math.LN10 + 6 * Math.exp(-0.3 * T * T);
      const Re = 80 + 3 * (TERV - 14);
      const half = (input.roe - Re) / 2;
      Id += (half + Math.hypot(half, 10) - 1) * (1 - Math.exp(-T));
    }
    const Rle = (10.5 * (110 + 7)) / Math.sqrt(Math.sqrt(Tr + 1));
    const half = (129 - Rle) / 2;
    Id += half + Math.hypot(half, 13);
  }
  const share = input.ppl / (input.ppl / input.burstR + input.bpl);
  return 129 - Id - (input.ie * (1 - share) + 95 * share);
}

/** The fullband E-model a second time (G.107.2 06/2019), from the text. */
export function referenceFullbandR(input: {
  ie: number;
  bpl: number;
  ppl: number;
  burstR: number;
  ta: number;
}): number {
  const share = input.ppl / (input.ppl / input.burstR + input.bpl);
  return 148 - 1.48 * idd(input.ta) - (input.ie * (1 - share) + 132 * share);
}

/** MOS of Annex B, multiplied out. */
export function referenceMos(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return Math.max(1, 1 + r * (0.035 - 0.042 + 7e-6 * (160 * r - r * r)));
}
