import { type CodecRow, opusRowId, rowById } from './codecs.ts';
import type { ObservedPayload } from './observed.ts';
import { OPUS_FIGURES } from './opus-figures.ts';
import { AMR_KBPS, AMR_WB_KBPS } from './payload-mode.ts';

/** A codec as signalled: encoding name, RTP clock rate and format parameters. */
export interface CodecFormat {
  name: string;
  clockRate: number;
  fmtp: string | null;
}

/** The row a stream is scored with, or why there is none. */
export type CodecChoice =
  | {
      row: CodecRow;
      reason: null;
      /** What was taken for granted to choose the row, in words; null when signalling or packets decided. */
      assumed: string | null;
    }
  | {
      row: null;
      reason: 'codec_without_figures';
      /** Which figures are missing, in words. */
      text: string;
    };

/**
 * The row of the codec table for a stream. What the packets show goes before what was signalled, and that before the
 * default of the codec. A mode without figures gives no row and says so: it is not scored as another one.
 */
export function codecRowFor(format: CodecFormat, observed: ObservedPayload = {}): CodecChoice {
  const name = format.name.toUpperCase();
  const parameters = formatParameters(format.fmtp);
  switch (name) {
    case 'G723':
      return g723(parameters, observed);
    case 'ILBC':
      return ilbc(parameters, observed);
    case 'AMR':
      return amr('amr', AMR_KBPS, 12.2, parameters, observed);
    case 'AMR-WB':
      return amr('amr-wb', AMR_WB_KBPS, 12.65, parameters, observed);
    case 'G722':
      return g722(observed);
    case 'G7221':
      return g7221(format.clockRate, parameters, observed);
    case 'EVS':
      return evs(parameters, observed);
    case 'OPUS':
      return opus(parameters, observed);
    default: {
      const id = fixedRow(name, format.clockRate, parameters, observed);
      return id === null ? missing(`${format.name}/${format.clockRate}`) : chosen(id);
    }
  }
}

/** The row for a signalled format alone, or null: see `codecRowFor`. */
export function codecRow(format: CodecFormat): CodecRow | null {
  return codecRowFor(format).row;
}

/** Codecs whose name, clock rate and format parameters decide. */
function fixedRow(
  name: string,
  clockRate: number,
  parameters: ReadonlyMap<string, string>,
  { variant, silence }: ObservedPayload,
): string | null {
  switch (name) {
    case 'PCMU':
    case 'PCMA':
      return clockRate === 8000 ? 'g711' : null;
    case 'G729':
    case 'G729A':
      // Annex B (silence suppression) is on unless it is refused (RFC 4856 2.1.9), and when it is used all the same.
      return parameters.get('annexb') === 'no' && silence !== true ? 'g729' : 'g729a-vad';
    case 'GSM':
      return variant === 'gsm-efr' ? 'gsm-efr' : 'gsm-fr';
    case 'GSM-EFR':
      return 'gsm-efr';
    case 'GSM-HR':
    case 'GSM-HR-08':
      return 'gsm-hr';
    case 'G728':
      return 'g728-16';
    case 'EVRC':
    case 'EVRC0':
      return 'is-127';
    case 'SPEEX':
      return clockRate === 8000 ? 'speex-nb' : null;
    case 'L16':
      return clockRate === 8000 ? 'l16-8' : null;
    case 'G721':
      return 'g726-32';
    default: {
      // `G726-32`, and its other packing `AAL2-G726-32`.
      const rate = /^(?:AAL2-)?G726-(16|24|32|40)$/.exec(name)?.[1];
      return rate === undefined ? null : `g726-${rate}`;
    }
  }
}

function g723(parameters: ReadonlyMap<string, string>, { modeKbps }: ObservedPayload): CodecChoice {
  const rate = modeKbps ?? finiteNumber(parameters.get('bitrate'));
  if (rate === 5.3) return chosen('g723.1-5.3');
  return chosen('g723.1-6.3', rate === 6.3 ? null : 'the 6.3 kbit/s mode');
}

function ilbc(parameters: ReadonlyMap<string, string>, { modeKbps }: ObservedPayload): CodecChoice {
  if (modeKbps !== undefined) return chosen(modeKbps > 14 ? 'ilbc-20' : 'ilbc-30');
  // RFC 3952 5: 30 ms frames unless mode=20 is signalled.
  return chosen(parameters.get('mode') === '20' ? 'ilbc-20' : 'ilbc-30');
}

/** AMR and AMR-WB: a `mode-set` with one entry pins the mode, several entries do not; then the highest is assumed. */
function amr(
  id: 'amr' | 'amr-wb',
  rates: readonly number[],
  usualKbps: number,
  parameters: ReadonlyMap<string, string>,
  { modeKbps }: ObservedPayload,
): CodecChoice {
  if (modeKbps !== undefined) {
    const row = rowById(`${id}-${modeKbps}`);
    return row === null ? missing(`${id.toUpperCase()} at ${modeKbps} kbit/s`) : chosen(row.id);
  }
  const modes = (parameters.get('mode-set') ?? '').split(',').filter((mode) => mode !== '');
  const highest = modes.reduce((most, mode) => Math.max(most, Number(mode)), -1);
  const pinned = rates[highest];
  if (pinned === undefined) return chosen(`${id}-${usualKbps}`, `the ${usualKbps} kbit/s mode`);
  return chosen(
    `${id}-${pinned}`,
    modes.length === 1 ? null : `the ${pinned} kbit/s mode, the highest allowed`,
  );
}

/** G.722: RTP carries 64 kbit/s (RFC 3551 4.5.2) unless the packets show less. */
function g722({ modeKbps }: ObservedPayload): CodecChoice {
  const row = rowById(`g722-${modeKbps ?? 64}`);
  return row === null ? missing(`G.722 at ${modeKbps} kbit/s`) : chosen(row.id);
}

/** G.722.1 (RFC 5577): `bitrate` is mandatory; 32 kHz is the superwideband Annex C. */
function g7221(
  clockRate: number,
  parameters: ReadonlyMap<string, string>,
  { modeKbps }: ObservedPayload,
): CodecChoice {
  if (clockRate !== 16_000) return missing('G.722.1 Annex C');
  const bitrate = finiteNumber(parameters.get('bitrate'));
  const kbps = modeKbps ?? (bitrate === null ? null : bitrate / 1000);
  if (kbps === null) return chosen('g722.1-24', 'the 24 kbit/s mode');
  return rowById(`g722.1-${kbps}`) === null ? missing(`G.722.1 at ${kbps} kbit/s`) : chosen(`g722.1-${kbps}`);
}

/** EVS: only superwideband modes have figures, and packets do not show the bandwidth; signalling (`bw`) must. */
function evs(parameters: ReadonlyMap<string, string>, observed: ObservedPayload): CodecChoice {
  if (observed.variant === 'amr-wb-io') return missing('EVS in AMR-WB IO mode');
  const signalled = parameters.get('bw') ?? parameters.get('bw-recv') ?? '';
  const bandwidth = observed.bandwidth?.toLowerCase() ?? signalled.split('-').at(-1)!;
  if (bandwidth === '') return missing('EVS of unknown audio bandwidth');
  if (bandwidth !== 'swb') return missing(`EVS ${bandwidth.toUpperCase()}`);
  const kbps = observed.modeKbps ?? finiteNumber(parameters.get('br') ?? parameters.get('br-recv'));
  if (kbps === null) return missing('EVS SWB at an unknown rate');
  if (rowById(`evs-swb-${kbps}`) === null) return missing(`EVS SWB at ${kbps} kbit/s`);
  const range = observed.bandwidth === undefined && signalled.includes('-');
  return chosen(`evs-swb-${kbps}`, range ? 'superwideband, the widest of those allowed' : null);
}

/**
 * Opus: the measured setting of the same bandwidth and rate control that is nearest in bit rate. Variable rate unless
 * packets or `cbr=1` (RFC 7587) say otherwise. Fullband has not been measured and gets the default row.
 */
function opus(parameters: ReadonlyMap<string, string>, observed: ObservedPayload): CodecChoice {
  const { bandwidth, bitrateKbps } = observed;
  if (bandwidth === undefined) return chosen('opus', 'no particular bandwidth or rate');
  if (bandwidth === 'FB') return chosen('opus', 'no particular rate');
  if (bandwidth === 'MB') return missing('Opus mediumband');
  if (bitrateKbps === undefined || !(bitrateKbps > 0)) {
    return bandwidth === 'SWB'
      ? chosen('opus', 'no particular rate')
      : missing(`Opus ${bandwidth} at an unknown rate`);
  }
  const cbr = observed.cbr ?? parameters.get('cbr') === '1';
  let nearest = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (const figures of OPUS_FIGURES) {
    if (figures.bandwidth !== bandwidth || figures.cbr !== cbr) continue;
    const away = Math.abs(figures.kbps - bitrateKbps);
    if (away < distance) {
      distance = away;
      nearest = figures.kbps;
    }
  }
  const beyond = distance > OPUS_STEP_KBPS ? `${nearest} kbit/s, the nearest rate measured` : null;
  return chosen(opusRowId(bandwidth, cbr, nearest), beyond);
}

/** Half the widest distance between measured rates: further away is beyond what was measured. */
const OPUS_STEP_KBPS = 1.5;

function chosen(id: string, assumed: string | null = null): CodecChoice {
  const row = rowById(id);
  return row === null ? missing(id) : { row, reason: null, assumed };
}

function missing(what: string): CodecChoice {
  return {
    row: null,
    reason: 'codec_without_figures',
    text: `no impairment factors are published for ${what}`,
  };
}

function finiteNumber(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** `a=1; b=2` by lower-case name. */
const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

function formatParameters(fmtp: string | null): ReadonlyMap<string, string> {
  if (fmtp === null) return NO_PARAMETERS;
  const parameters = new Map<string, string>();
  for (const part of fmtp.toLowerCase().replace(/\s/g, '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return parameters;
}
