import { type Figures, FULLBAND_FIGURES, NARROWBAND_FIGURES, WIDEBAND_FIGURES } from './codec-figures.ts';
import { OPUS_FIGURES, type OpusFigures } from './opus-figures.ts';
import type { Scale } from './scales.ts';

/**
 * Where a figure comes from: `S` the standard or several public restatements of it, `R` the standard as recalled, `P` a
 * paper, `G` a guess by kinship or interpolation. Only `S` figures are called grounded.
 */
export type Provenance = 'S' | 'R' | 'P' | 'G';

/** Audio bandwidth: 300-3400 Hz, 50-7000 Hz, 50-14000 Hz, 20-20000 Hz. */
export type BandClass = 'NB' | 'WB' | 'SWB' | 'FB';

/** One codec (mode) in the table of equipment impairments. */
export interface CodecRow {
  /** Stable name of the row, carried by every score. */
  id: string;
  /** The codec in words. */
  codec: string;
  scale: Scale;
  bandClass: BandClass;
  /** Equipment impairment factor on the row's scale. */
  ie: number;
  /** Packet-loss robustness with concealment, and without. */
  bpl: number;
  bplWithoutPlc: number;
  /** Robustness fitted to bursty loss, where published: instead of a burst ratio, never with one. */
  bplBursty: number | null;
  /** Algorithmic delay beyond one frame, ms. */
  lookAheadMs: number;
  ieProvenance: Provenance;
  bplProvenance: Provenance;
  bplWithoutPlcProvenance: Provenance;
  /** Both factors used with concealment are published ITU values. */
  grounded: boolean;
  source: string;
  note: string | null;
}

const ROWS: ReadonlyMap<string, CodecRow> = new Map(
  [
    ...NARROWBAND_FIGURES.map((figures) => ituRow(figures, 'NB')),
    ...WIDEBAND_FIGURES.map((figures) => ituRow(figures, 'WB')),
    ...FULLBAND_FIGURES.map((figures) => ituRow(figures, 'FB')),
    ...OPUS_FIGURES.map(opusRow),
  ].map((row) => [row.id, row]),
);

/** All rows, narrowband first. */
export function codecTable(): readonly CodecRow[] {
  return [...ROWS.values()];
}

/** The row with this id, or null. */
export function rowById(id: string): CodecRow | null {
  return ROWS.get(id) ?? null;
}

/** Points that a narrowband codec has more on the wideband scale (G.107.1), and a wideband one on the fullband scale. */
const NARROWBAND_TO_WIDEBAND = 35.8;
const WIDEBAND_TO_FULLBAND = 19;

/**
 * A narrowband codec on the wideband scale: `Ie,WB = Ie + 35.8`. Bpl is carried over unchanged, which nobody has
 * published, so the row is not grounded.
 *
 * @returns null for codecs that are not on the narrowband scale
 */
export function onWidebandScale(row: CodecRow): CodecRow | null {
  return row.scale === 'NB' ? shifted(row, 'WB', NARROWBAND_TO_WIDEBAND, row.ieProvenance) : null;
}

/**
 * A codec of a narrower scale on the fullband scale: `Ie + 54.8` from narrowband, about `Ie,WB + 19` from wideband.
 * There is no way back. Bpl as in `onWidebandScale`.
 *
 * @returns null for codecs that are on the fullband scale already
 */
export function onFullbandScale(row: CodecRow): CodecRow | null {
  if (row.scale === 'FB') return null;
  return row.scale === 'NB'
    ? shifted(row, 'FB', NARROWBAND_TO_WIDEBAND + WIDEBAND_TO_FULLBAND, row.ieProvenance)
    : shifted(row, 'FB', WIDEBAND_TO_FULLBAND, 'R');
}

function shifted(row: CodecRow, scale: Scale, points: number, ieProvenance: Provenance): CodecRow {
  return {
    ...row,
    id: `${row.id}@${scale}`,
    scale,
    ie: row.ie + points,
    bplBursty: null,
    ieProvenance,
    bplProvenance: 'G',
    bplWithoutPlcProvenance: 'G',
    grounded: false,
    note: `Ie + ${points}, Bpl of the ${row.scale} scale`,
  };
}

function ituRow(figures: Figures, scale: Scale): CodecRow {
  const [id, codec, bandClass, ie, bpl, bplWithoutPlc, lookAheadMs, provenance, source, note] = figures;
  return {
    id,
    codec,
    scale,
    bandClass,
    ie,
    bpl,
    bplWithoutPlc,
    bplBursty: null,
    lookAheadMs,
    ieProvenance: provenance[0] as Provenance,
    bplProvenance: provenance[1] as Provenance,
    bplWithoutPlcProvenance: provenance[2] as Provenance,
    grounded: provenance.startsWith('SS'),
    source,
    note: note ?? null,
  };
}

function opusRow({ bandwidth, scale, cbr, kbps, ie, bplRandom, bplBursty }: OpusFigures): CodecRow {
  return {
    id: opusRowId(bandwidth, cbr, kbps),
    codec: `Opus ${bandwidth} ${cbr ? 'CBR' : 'VBR'} ${kbps} kbit/s`,
    scale,
    bandClass: bandwidth,
    ie,
    bpl: bplRandom,
    bplWithoutPlc: bplRandom,
    bplBursty,
    lookAheadMs: 6.5,
    ieProvenance: 'P',
    bplProvenance: 'P',
    bplWithoutPlcProvenance: 'G',
    grounded: false,
    source: 'Alahmadi, Pocta, Melvin 2021',
    note: null,
  };
}

/** Id of the row for one measured setting of Opus, `opus-swb-vbr-31`. */
export function opusRowId(bandwidth: OpusFigures['bandwidth'], cbr: boolean, kbps: number): string {
  return `opus-${bandwidth.toLowerCase()}-${cbr ? 'cbr' : 'vbr'}-${kbps}`;
}
