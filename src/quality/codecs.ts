/**
 * Where a row's figures come from: `S` the standard or several public restatements of it, `R` the standard as
 * recalled, `P` a paper, `G` a guess by kinship. Only `S` rows are called grounded.
 */
export type Provenance = 'S' | 'R' | 'P' | 'G';

/** One codec (mode) in the table of equipment impairments. */
export interface CodecRow {
  id: string;
  scale: 'NB' | 'WB' | 'FB';
  /** Equipment impairment factor on the row's scale; null where the scale is not computed. */
  ie: number | null;
  /** Packet-loss robustness with concealment, and without where that is known. */
  bpl: number;
  bplWithoutPlc: number;
  /** Algorithmic delay beyond one frame, ms. */
  lookAheadMs: number;
  ieProvenance: Provenance;
  bplProvenance: Provenance;
  /** Both factors are published values. */
  grounded: boolean;
}

/** A codec as signalled: encoding name, RTP clock rate and format parameters. */
export interface CodecFormat {
  name: string;
  clockRate: number;
  fmtp: string | null;
}

type Figures = readonly [
  id: string,
  ie: number,
  bpl: number,
  bplWithoutPlc: number,
  lookAheadMs: number,
  provenance: `${Provenance}${Provenance}`,
];

/** Narrowband figures of G.113 Appendix I and their kin (standards 5.3). Provenance: of Ie, then of Bpl. */
const NARROWBAND: readonly Figures[] = [
  ['g711', 0, 25.1, 4.3, 0, 'SS'],
  ['g729', 10, 19, 19, 5, 'SG'],
  ['g729a-vad', 11, 19, 19, 5, 'SS'],
  ['g723.1-6.3', 15, 16.1, 16.1, 7.5, 'SS'],
  ['g723.1-5.3', 19, 16, 16, 7.5, 'SG'],
  ['gsm-efr', 5, 10, 10, 0, 'SS'],
  ['gsm-fr', 20, 10, 10, 0, 'RG'],
  ['gsm-hr', 23, 10, 10, 4.4, 'RG'],
  ['g726-40', 2, 20, 4.3, 0, 'SG'],
  ['g726-32', 7, 20, 4.3, 0, 'SG'],
  ['g726-24', 25, 20, 4.3, 0, 'SG'],
  ['g726-16', 50, 20, 4.3, 0, 'SG'],
  ['g728-16', 7, 15, 15, 0, 'SG'],
  ['amr-12.2', 5, 10, 10, 0, 'GG'],
  ['amr-10.2', 6, 10, 10, 5, 'GG'],
  ['amr-7.95', 8, 9, 9, 5, 'GG'],
  ['amr-7.4', 10, 9, 9, 5, 'GG'],
  ['amr-6.7', 12, 9, 9, 5, 'GG'],
  ['amr-5.9', 14, 8, 8, 5, 'GG'],
  ['amr-5.15', 16, 8, 8, 5, 'GG'],
  ['amr-4.75', 18, 7, 7, 5, 'GG'],
  ['ilbc-20', 11, 32, 32, 5, 'GG'],
  ['ilbc-30', 12, 27, 27, 10, 'GG'],
  ['speex-nb', 12, 18, 18, 10, 'GG'],
  ['l16-8', 0, 25.1, 4.3, 0, 'GG'],
];

/** Wideband and fullband codecs: recognised, so that they are not scored as narrowband ones. */
const WIDER: readonly (readonly [id: string, scale: 'WB' | 'FB', lookAheadMs: number])[] = [
  ['g722', 'WB', 1.6],
  ['amr-wb', 'WB', 5],
  ['g722.1', 'WB', 20],
  ['speex-wb', 'WB', 14],
  ['silk-wb', 'WB', 5],
  ['l16-wb', 'WB', 0],
  ['evs', 'FB', 12],
  ['opus', 'FB', 6.5],
  ['g719', 'FB', 20],
];

const ROWS: ReadonlyMap<string, CodecRow> = new Map([
  ...NARROWBAND.map(([id, ie, bpl, bplWithoutPlc, lookAheadMs, provenance]): [string, CodecRow] => {
    const ieProvenance = provenance[0] as Provenance;
    const bplProvenance = provenance[1] as Provenance;
    const grounded = provenance === 'SS';
    return [
      id,
      { id, scale: 'NB', ie, bpl, bplWithoutPlc, lookAheadMs, ieProvenance, bplProvenance, grounded },
    ];
  }),
  ...WIDER.map(([id, scale, lookAheadMs]): [string, CodecRow] => [
    id,
    {
      id,
      scale,
      ie: null,
      bpl: 0,
      bplWithoutPlc: 0,
      lookAheadMs,
      ieProvenance: 'G',
      bplProvenance: 'G',
      grounded: false,
    },
  ]),
]);

/** Modes of AMR by number (RFC 4867): a `mode-set` with a single entry pins one. */
const AMR_MODES = ['4.75', '5.15', '5.9', '6.7', '7.4', '7.95', '10.2', '12.2'];

/**
 * The row of the codec table for a signalled format, or null for a codec nobody has measured. Format parameters
 * decide where the name does not: `annexb` of G.729, the mode of iLBC and AMR, the rate of G.723.1.
 */
export function codecRow(format: CodecFormat): CodecRow | null {
  const id = rowId(format);
  return id === null ? null : (ROWS.get(id) ?? null);
}

/** All rows, for the documentation. */
export function codecTable(): readonly CodecRow[] {
  return [...ROWS.values()];
}

function rowId({ name, clockRate, fmtp }: CodecFormat): string | null {
  const parameters = (fmtp ?? '').toLowerCase().replace(/\s/g, '');
  switch (name.toUpperCase()) {
    case 'PCMU':
    case 'PCMA':
      return 'g711';
    case 'G729':
    case 'G729A':
      // Annex B (silence suppression) is on unless it is refused (RFC 4856 2.1.9).
      return /annexb=no/.test(parameters) ? 'g729' : 'g729a-vad';
    case 'G723':
      return /bitrate=5\.3/.test(parameters) ? 'g723.1-5.3' : 'g723.1-6.3';
    case 'GSM':
      return 'gsm-fr';
    case 'GSM-EFR':
      return 'gsm-efr';
    case 'GSM-HR':
    case 'GSM-HR-08':
      return 'gsm-hr';
    case 'G728':
      return 'g728-16';
    case 'ILBC':
      // RFC 3952 5: 30 ms frames unless mode=20 is signalled.
      return /mode=20/.test(parameters) ? 'ilbc-20' : 'ilbc-30';
    case 'AMR':
      return amrRow(parameters);
    case 'SPEEX':
      return clockRate === 8000 ? 'speex-nb' : 'speex-wb';
    case 'SILK':
      return clockRate > 8000 ? 'silk-wb' : null;
    case 'L16':
      return clockRate === 8000 ? 'l16-8' : 'l16-wb';
    case 'G722':
      return 'g722';
    case 'AMR-WB':
      return 'amr-wb';
    case 'G7221':
      return 'g722.1';
    case 'EVS':
      return 'evs';
    case 'OPUS':
      return 'opus';
    case 'G719':
      return 'g719';
    default:
      return g726Row(name.toUpperCase());
  }
}

function amrRow(parameters: string): string {
  const mode = /mode-set=([0-7])(?:;|$)/.exec(parameters)?.[1];
  return `amr-${AMR_MODES[mode === undefined ? 7 : Number(mode)]}`;
}

/** `G726-32`, its other packing `AAL2-G726-32`, and the old names of the 32 kbit/s rate. */
function g726Row(name: string): string | null {
  const rate = /^(?:AAL2-)?G726-(16|24|32|40)$/.exec(name)?.[1];
  if (rate !== undefined) return `g726-${rate}`;
  return name === 'G721' ? 'g726-32' : null;
}
