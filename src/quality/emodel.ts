import {
  NARROWBAND_DEFAULTS,
  type NarrowbandParameters,
  outOfRange,
  PERMITTED_RANGES,
} from './parameters.ts';
import { effectiveEquipmentOn } from './scales.ts';

/** What R is made of. */
export interface NarrowbandResult {
  /** Basic signal-to-noise ratio. */
  ro: number;
  /** Simultaneous impairments. */
  is: number;
  /** Delay impairments: talker echo, listener echo, absolute delay, and their sum. */
  id: { idte: number; idle: number; idd: number; total: number };
  ieEff: number;
  /** Transmission rating, unclamped: below 0 for what nobody can use. */
  r: number;
  /** Parameters outside the permitted range of Table 3. */
  outOfRange: string[];
}

const lg = Math.log10;

/** The narrowband E-model (G.107 06/2015): `R = Ro - Is - Id - Ie,eff + A` (eq. 7-1). */
export function computeNarrowband(given: Partial<NarrowbandParameters> = {}): NarrowbandResult {
  const p: NarrowbandParameters = { ...NARROWBAND_DEFAULTS, ...given };
  if (given.lstr === undefined) p.lstr = p.stmr + p.dr;
  return { ...narrowbandOf(p), outOfRange: outOfRange(p, PERMITTED_RANGES) };
}

/** The same with all parameters given, and without a word on their range. */
export function narrowbandOf(p: NarrowbandParameters): Omit<NarrowbandResult, 'outOfRange'> {
  const { ro, no } = signalToNoise(p);
  const { is, ist } = simultaneous(p, ro, no);
  const id = delayImpairments(p, ro, no, ist);
  const ieEff = effectiveEquipment(p.ie, p.bpl, p.ppl, p.burstR);
  return { ro, is, id, ieEff, r: ro - is - id.total - ieEff + p.a };
}

/** Ro and the sum of all noise, No, dBm0p (eq. 7-2 to 7-7). */
export function signalToNoise(p: Readonly<NarrowbandParameters>): { ro: number; no: number } {
  const olr = p.slr + p.rlr;
  const nos = p.ps - p.slr - p.ds - 100 + 0.004 * (p.ps - olr - p.ds - 14) ** 2;
  const pre = p.pr + 10 * lg(1 + 10 ** ((10 - p.lstr) / 10));
  const nor = p.rlr - 121 + pre + 0.008 * (pre - 35) ** 2;
  const nfo = p.nfor + p.rlr;
  const no = 10 * lg(10 ** (p.nc / 10) + 10 ** (nos / 10) + 10 ** (nor / 10) + 10 ** (nfo / 10));
  return { ro: 15 - 1.5 * (p.slr + no), no };
}

/** Is: too loud a connection, sidetone, quantisation (eq. 7-8 to 7-16). */
function simultaneous(p: NarrowbandParameters, ro: number, no: number): { is: number; ist: number } {
  const xolr = p.slr + p.rlr + 0.2 * (64 + no - p.rlr);
  const iolr = 20 * ((1 + (xolr / 8) ** 8) ** (1 / 8) - xolr / 8);
  const stmro = -10 * lg(10 ** (-p.stmr / 10) + Math.exp(-p.t / 4) * 10 ** (-p.telr / 10));
  const ist =
    12 * (1 + ((stmro - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((stmro + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((stmro - 3) / 33) ** 13) ** (1 / 13) +
    29;
  const q = 37 - 15 * lg(p.qdu);
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2;
  const y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  const iq = 15 * lg(1 + 10 ** y + 10 ** z);
  return { is: iolr + ist + iq, ist };
}

/** Id: talker echo, listener echo, absolute delay (eq. 7-17 to 7-28). */
function delayImpairments(
  p: NarrowbandParameters,
  ro: number,
  no: number,
  ist: number,
): NarrowbandResult['id'] {
  const idte = talkerEcho(p, no, ist);
  const idle = listenerEcho(ro, p.wepl, p.tr);
  const idd = absoluteDelay(p.ta, p.sT, p.mT);
  return { idte, idle, idd, total: idte + idle + idd };
}

/** Idle, 0.149 at Tr 0, not 0. */
export function listenerEcho(ro: number, wepl: number, tr: number): number {
  const rle = 10.5 * (wepl + 7) * (tr + 1) ** (-1 / 4);
  return (ro - rle) / 2 + Math.sqrt((ro - rle) ** 2 / 4 + 169);
}

function talkerEcho(p: NarrowbandParameters, no: number, ist: number): number {
  if (p.t < 1) return 0;
  const roe = -1.5 * (no - p.rlr);
  let terv = echoLoudness(p.telr, p.t);
  if (p.stmr < 9) terv += ist / 2;
  const idte = echoImpairment(roe, 80 + 2.5 * (terv - 14), p.t);
  return p.stmr > 20 ? Math.sqrt(idte ** 2 + ist ** 2) : idte;
}

/** TERV without its sidetone term: how loud the talker's echo is at its delay. */
export function echoLoudness(telr: number, t: number): number {
  return telr - 40 * lg((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t ** 2);
}

/** Idte of an echo of quality `re` on a line of quality `roe`. Slightly negative for T of 1 to 3 ms. */
export function echoImpairment(roe: number, re: number, t: number): number {
  return ((roe - re) / 2 + Math.sqrt((roe - re) ** 2 / 4 + 100) - 1) * (1 - Math.exp(-t));
}

/**
 * Idd: 0 up to the minimum perceivable delay, then rising with the logarithm of the delay (eq. 7-27, 7-28). On the
 * narrowband scale; the wider models multiply it by 1.29 and 1.48.
 *
 * @param ta absolute one-way delay, ms
 */
export function absoluteDelay(ta: number, sT: number, mT: number): number {
  if (ta <= mT) return 0;
  const x = lg(ta / mT) / lg(2);
  const k = 6 * sT;
  return 25 * ((1 + x ** k) ** (1 / k) - 3 * (1 + (x / 3) ** k) ** (1 / k) + 2);
}

/**
 * Effective equipment impairment (eq. 7-29).
 *
 * @param pplPercent packets lost or discarded, percent
 * @param burstR burst ratio, 1 for independent loss
 */
export function effectiveEquipment(ie: number, bpl: number, pplPercent: number, burstR: number): number {
  return effectiveEquipmentOn('NB', ie, bpl, pplPercent, burstR);
}
