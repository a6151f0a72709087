import { evaluate } from './evaluate.ts';
import { mosFromR } from './mos.ts';

/*
 * Formulas that other tools print as MOS or R, so that a difference to them can be explained. None of them is G.107,
 * and no score of ours uses them.
 */

/** How Cole and Rosenbluth (2001) fit the impairment of a codec to loss: `a + b ln(1 + c e)`, e the share lost. */
const COLE_FITS = {
  'g711-random': [0, 30, 15],
  'g711-bursty': [0, 19, 70],
  'g729a-random': [11, 40, 10],
} as const;

/** R by Cole and Rosenbluth: 94.2, the default before 2000, and two straight lines for delay. */
export function coleRosenbluthR(codec: keyof typeof COLE_FITS, delayMs: number, lossRatio: number): number {
  const [base, slope, curve] = COLE_FITS[codec];
  return 94.2 - coleDelay(delayMs) - base - slope * Math.log(1 + curve * lossRatio);
}

function coleDelay(delayMs: number): number {
  return 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
}

/** R as PingPlotter and NetBeez compute it: loss counts in a straight line, the codec not at all. */
export function pingPlotterR(delayMs: number, jitterMs: number, lossPercent: number): number {
  const latency = delayMs + 2 * jitterMs + 10;
  const r = latency < 160 ? 93.2 - latency / 40 : 93.2 - (latency - 120) / 10;
  return r - 2.5 * lossPercent;
}

/** R of rtpengine's default `G.107`: at most 89.9. Its delay is half the round trip plus jitter. */
export function rtpengineR(delayMs: number, lossPercent: number): number {
  const r = 93.2 - lossPercent;
  return 0.18 * r ** 2 - 27.9 * r + 1126.62 - coleDelay(delayMs);
}

/** MOS of rtpengine's `G.107.2`: the fullband formula with the factors of one EVS mode, whatever the codec. */
export function rtpengineFullbandMos(delayMs: number, lossPercent: number): number {
  const { mosCq } = evaluate({ scale: 'FB', ie: 10.2, bpl: 4.3, pplPercent: lossPercent, delayMs });
  return mosCq ?? 1;
}

/** MOS of VoIPmonitor for G.711: fitted to PESQ, without delay, 4.5 while fewer than five packets are lost. */
export function voipmonitorG711Mos(lossPercent: number, burstR: number, packetsLost: number): number {
  if (packetsLost < 5) return 4.5;
  const r = 93.206 - (95 * lossPercent) / (lossPercent / burstR + 17.2647);
  return 2.06405 + 0.031738 * r - 0.000356641 * r ** 2 + 2.93143e-6 * r ** 3;
}

/** MOS of a narrowband formula's R by Annex B, which is what these tools print. */
export function printedMos(r: number): number {
  return mosFromR(r);
}
