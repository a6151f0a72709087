import type { Scale } from './scales.ts';

/** One measured setting of Opus. */
export interface OpusFigures {
  bandwidth: 'NB' | 'WB' | 'SWB';
  scale: Scale;
  cbr: boolean;
  kbps: number;
  ie: number;
  /** Robustness fitted to random loss, for use with a burst ratio. */
  bplRandom: number;
  /** Robustness fitted to bursty loss: an alternative to a burst ratio, never used together with one. */
  bplBursty: number;
}

type Line = readonly [kbps: number, ie: number, bplRandom: number, bplBursty: number];

function lines(
  bandwidth: OpusFigures['bandwidth'],
  scale: Scale,
  cbr: boolean,
  of: readonly Line[],
): OpusFigures[] {
  return of.map(([kbps, ie, bplRandom, bplBursty]) => ({
    bandwidth,
    scale,
    cbr,
    kbps,
    ie,
    bplRandom,
    bplBursty,
  }));
}

/**
 * Impairment factors of Opus by bandwidth, rate control and bit rate, from the data published with Alahmadi, Pocta and
 * Melvin (2021), fitted to PESQ and POLQA: each bandwidth on the scale of its own model, to one decimal.
 */
export const OPUS_FIGURES: readonly OpusFigures[] = [
  ...lines('NB', 'NB', false, [
    [6, 23, 24.6, 15.4],
    [7, 21.3, 22.5, 14.4],
    [8, 16, 20.3, 13.5],
    [9, 11.7, 18.9, 12.4],
  ]),
  ...lines('NB', 'NB', true, [
    [6, 46.3, 8.9, 5.7],
    [7, 31.7, 18.2, 11.8],
    [8, 19.2, 15.1, 10.1],
    [9, 13.2, 17.2, 11.4],
    [10, 6.2, 15.3, 10.5],
    [11, 2, 16, 10.7],
  ]),
  ...lines('WB', 'WB', false, [
    [11, 28.4, 23.9, 20.1],
    [12, 23.3, 22.2, 18.9],
    [13, 20, 19.5, 16.9],
  ]),
  ...lines('WB', 'WB', true, [
    [12, 29.8, 24.8, 20.8],
    [13, 26.2, 23, 19.4],
    [14, 20.8, 17.6, 15.8],
    [15, 18.1, 18.7, 16.1],
  ]),
  ...lines('SWB', 'FB', false, [
    [14, 38.1, 16.5, 9.1],
    [15, 34.1, 15, 7.9],
    [16, 30.2, 11.8, 10.1],
    [19, 23.8, 10.7, 8.9],
    [22, 20.2, 10.5, 8.6],
    [25, 20.2, 11.3, 9.2],
    [28, 18.5, 10.6, 8.9],
    [31, 16.8, 10.4, 8.8],
    [34, 14.8, 10.1, 8.5],
    [37, 12.1, 10.4, 8.3],
    [40, 10.7, 9.8, 8],
  ]),
  ...lines('SWB', 'FB', true, [
    [16, 36.9, 13.3, 10.8],
    [19, 29.6, 10.7, 8.9],
    [22, 23.4, 10, 8.5],
    [25, 22.6, 10.6, 8.7],
    [28, 23.7, 11.7, 10],
    [31, 21.7, 11.5, 9.6],
    [34, 20.6, 11.8, 9.7],
    [37, 16.2, 10.6, 9],
    [40, 15.9, 11.4, 9.4],
  ]),
];
