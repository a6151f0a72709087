import type { BandClass, Provenance } from './codecs.ts';

/** Ie, Bpl with concealment and Bpl without, in this order. */
type ThreeProvenances = `${Provenance}${Provenance}${Provenance}`;

/** One line of figures. A decoder that conceals by itself has no published Bpl without: its own one stands in, `G`. */
export type Figures = readonly [
  id: string,
  codec: string,
  bandClass: BandClass,
  ie: number,
  bpl: number,
  bplWithoutPlc: number,
  lookAheadMs: number,
  provenance: ThreeProvenances,
  source: string,
  note?: string,
];

const I4 = 'G.113 App. I, Table I.4';
const I1 = 'G.113 App. I, Table I.1';
const KIN = 'kinship';

/** Narrowband scale: G.113 Appendix I and its kin (standards 5.3). */
export const NARROWBAND_FIGURES: readonly Figures[] = [
  ['g711', 'G.711', 'NB', 0, 25.1, 4.3, 0, 'SSS', I4],
  ['g729', 'G.729', 'NB', 10, 19, 19, 5, 'SGG', I1, 'Bpl of G.729A'],
  ['g729a-vad', 'G.729A with VAD', 'NB', 11, 19, 19, 5, 'SSG', I4],
  ['g723.1-6.3', 'G.723.1 6.3 kbit/s with VAD', 'NB', 15, 16.1, 16.1, 7.5, 'SSG', I4],
  ['g723.1-5.3', 'G.723.1 5.3 kbit/s', 'NB', 19, 16, 16, 7.5, 'SGG', I1],
  ['gsm-efr', 'GSM-EFR', 'NB', 5, 10, 10, 0, 'SSG', I4],
  ['gsm-fr', 'GSM-FR', 'NB', 20, 10, 10, 0, 'RGG', I1],
  ['gsm-hr', 'GSM-HR', 'NB', 23, 10, 10, 4.4, 'RGG', I1],
  ['g726-40', 'G.726 40 kbit/s', 'NB', 2, 20, 4.3, 0, 'SGG', I1],
  ['g726-32', 'G.726 32 kbit/s', 'NB', 7, 20, 4.3, 0, 'SGG', I1],
  ['g726-24', 'G.726 24 kbit/s', 'NB', 25, 20, 4.3, 0, 'SGG', I1],
  ['g726-16', 'G.726 16 kbit/s', 'NB', 50, 20, 4.3, 0, 'SGG', I1],
  ['g728-16', 'G.728 16 kbit/s', 'NB', 7, 15, 15, 0, 'SGG', I1],
  ['g728-12.8', 'G.728 12.8 kbit/s', 'NB', 20, 15, 15, 0, 'SGG', I1],
  ['is-54', 'VSELP (IS-54)', 'NB', 20, 10, 10, 0, 'RGG', I1, 'Bpl as for GSM; no RTP format'],
  ['is-641', 'TDMA-EFR (IS-641)', 'NB', 10, 10, 10, 0, 'RGG', I1, 'Bpl as for GSM; no RTP format'],
  ['is-96a', 'QCELP 8 kbit/s (IS-96a)', 'NB', 21, 10, 10, 0, 'RGG', I1, 'Bpl as for GSM'],
  ['is-127', 'EVRC (IS-127)', 'NB', 6, 10, 10, 0, 'RGG', I1, 'Bpl as for GSM'],
  ['pdc', 'VSELP (PDC)', 'NB', 24, 10, 10, 0, 'RGG', I1, 'Bpl as for GSM; no RTP format'],
  ['amr-12.2', 'AMR 12.2 kbit/s', 'NB', 5, 10, 10, 0, 'GGG', KIN, 'G.113 has no AMR; as GSM-EFR'],
  ['amr-10.2', 'AMR 10.2 kbit/s', 'NB', 6, 10, 10, 5, 'GGG', KIN],
  ['amr-7.95', 'AMR 7.95 kbit/s', 'NB', 8, 9, 9, 5, 'GGG', KIN],
  ['amr-7.4', 'AMR 7.4 kbit/s', 'NB', 10, 9, 9, 5, 'GGG', KIN, 'as IS-641'],
  ['amr-6.7', 'AMR 6.7 kbit/s', 'NB', 12, 9, 9, 5, 'GGG', KIN],
  ['amr-5.9', 'AMR 5.9 kbit/s', 'NB', 14, 8, 8, 5, 'GGG', KIN],
  ['amr-5.15', 'AMR 5.15 kbit/s', 'NB', 16, 8, 8, 5, 'GGG', KIN],
  ['amr-4.75', 'AMR 4.75 kbit/s', 'NB', 18, 7, 7, 5, 'GGG', KIN],
  ['ilbc-20', 'iLBC 15.2 kbit/s', 'NB', 11, 32, 32, 5, 'GGG', KIN],
  ['ilbc-30', 'iLBC 13.33 kbit/s', 'NB', 12, 27, 27, 10, 'GGG', KIN],
  ['speex-nb', 'Speex narrowband 15 to 18 kbit/s', 'NB', 12, 18, 18, 10, 'GGG', KIN],
  ['l16-8', 'L16 at 8 kHz', 'NB', 0, 25.1, 4.3, 0, 'GGG', KIN, 'as G.711'],
];

const DIOTIC = 'G.113 App. IV, Tables IV.3 and IV.4';
const INTERPOLATED =
  'no diotic figures: interpolated over the bit rate between 12.65, 15.85 and 23.05 kbit/s';

/**
 * Wideband scale (standards 5.4). AMR-WB: the diotic column with diotic Bpl, because Bpl,WB exists only diotic. G.722
 * and G.722.1 have monotic Ie only, and a guessed Bpl.
 */
export const WIDEBAND_FIGURES: readonly Figures[] = [
  ['amr-wb-6.6', 'AMR-WB 6.60 kbit/s', 'WB', 56, 4, 4, 5, 'SGG', DIOTIC],
  ['amr-wb-8.85', 'AMR-WB 8.85 kbit/s', 'WB', 41, 4.1, 4.1, 5, 'SGG', DIOTIC],
  ['amr-wb-12.65', 'AMR-WB 12.65 kbit/s', 'WB', 20, 4.3, 4.3, 5, 'SSG', DIOTIC],
  ['amr-wb-14.25', 'AMR-WB 14.25 kbit/s', 'WB', 18.5, 4.4, 4.4, 5, 'GGG', DIOTIC, INTERPOLATED],
  ['amr-wb-15.85', 'AMR-WB 15.85 kbit/s', 'WB', 17, 4.4, 4.4, 5, 'SGG', DIOTIC],
  ['amr-wb-18.25', 'AMR-WB 18.25 kbit/s', 'WB', 14, 4.5, 4.5, 5, 'GGG', DIOTIC, INTERPOLATED],
  ['amr-wb-19.85', 'AMR-WB 19.85 kbit/s', 'WB', 12, 4.5, 4.5, 5, 'GGG', DIOTIC, INTERPOLATED],
  ['amr-wb-23.05', 'AMR-WB 23.05 kbit/s', 'WB', 8, 4.6, 4.6, 5, 'SSG', DIOTIC],
  ['amr-wb-23.85', 'AMR-WB 23.85 kbit/s', 'WB', 10, 4.9, 4.9, 5, 'SSG', DIOTIC, 'worse than 23.05: no slip'],
  ['g722-64', 'G.722 64 kbit/s', 'WB', 13, 4.5, 4.5, 1.6, 'RGG', 'G.113 App. IV', 'Ie monotic'],
  ['g722-56', 'G.722 56 kbit/s', 'WB', 20, 4.5, 4.5, 1.6, 'RGG', 'G.113 App. IV', 'Ie monotic'],
  ['g722-48', 'G.722 48 kbit/s', 'WB', 31, 4.5, 4.5, 1.6, 'RGG', 'G.113 App. IV', 'Ie monotic'],
  ['g722.1-32', 'G.722.1 32 kbit/s', 'WB', 13, 4.5, 4.5, 20, 'RGG', 'G.113 App. IV', 'Ie monotic'],
  ['g722.1-24', 'G.722.1 24 kbit/s', 'WB', 19, 4.5, 4.5, 20, 'RGG', 'G.113 App. IV', 'Ie monotic'],
];

/** Ie,WB of AMR-WB heard with one ear (Table IV.1), for the documentation: up to 15 points below the diotic ones. */
export const AMR_WB_MONOTIC: readonly (readonly [kbps: number, ie: number])[] = [
  [6.6, 41],
  [8.85, 26],
  [12.65, 13],
  [14.25, 10],
  [15.85, 7],
  [18.25, 5],
  [19.85, 3],
  [23.05, 1],
  [23.85, 8],
];

const EVS = 'G.113 App. V and Erratum 1';

/** Fullband scale (standards 5.5): EVS superwideband modes, diotic. No other EVS mode has figures. */
export const FULLBAND_FIGURES: readonly Figures[] = [
  ['evs-swb-9.6', 'EVS SWB 9.6 kbit/s', 'SWB', 22.7, 13, 13, 12, 'SSG', EVS],
  ['evs-swb-13.2', 'EVS SWB 13.2 kbit/s', 'SWB', 17.1, 11.7, 11.7, 12, 'SSG', EVS],
  ['evs-swb-16.4', 'EVS SWB 16.4 kbit/s', 'SWB', 10.8, 10.3, 10.3, 12, 'SSG', EVS],
  ['evs-swb-24.4', 'EVS SWB 24.4 kbit/s', 'SWB', 7.2, 11.4, 11.4, 12, 'SSG', EVS],
  ['evs-swb-32', 'EVS SWB 32 kbit/s', 'SWB', 8.7, 9.3, 9.3, 12, 'SSG', EVS],
  ['evs-swb-48', 'EVS SWB 48 kbit/s', 'SWB', 10.2, 9.6, 9.6, 12, 'SSG', EVS],
  [
    'opus',
    'Opus, bandwidth or rate unknown, or fullband',
    'FB',
    20,
    10.5,
    10.5,
    6.5,
    'GGG',
    KIN,
    'ITU has published no factor for Opus',
  ],
];

/** Codecs that are recognised but have no figures: reported without a score. */
export const UNSCORED_CODECS: readonly (readonly [
  name: string,
  bandClass: BandClass,
  lookAheadMs: number | null,
])[] = [
  ['AMR-WB+', 'SWB', null],
  ['EVS narrowband, wideband and fullband modes, AMR-WB IO', 'FB', 12],
  ['G.719', 'FB', 20],
  ['G.722.1 Annex C', 'SWB', 20],
  ['L16 above 8 kHz', 'WB', 0],
  ['Opus mediumband', 'WB', 6.5],
  ['QCELP 13 kbit/s', 'NB', null],
  ['SILK', 'WB', 5],
  ['Speex wideband and ultra-wideband', 'WB', 14],
  ['DVI4, LPC and others', 'NB', null],
];
