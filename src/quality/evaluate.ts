import { codecRowFor } from './codec-choice.ts';
import { type CodecRow, onFullbandScale, onWidebandScale, rowById } from './codecs.ts';
import { delayPoints, type EchoMode, FLAWLESS_R } from './delay-points.ts';
import type { ROE_WIDEBAND } from './emodel-wb.ts';
import {
  BURST_RATIO_MAX,
  FLAG,
  type FlagName,
  flagNames,
  lineFlags,
  lossFlags,
  widebandBurstFlag,
} from './flags.ts';
import type { ObservedPayload } from './observed.ts';
import { effectiveEquipmentOn, mosOnScale, SCALES, type Scale } from './scales.ts';

/** Circumstances of a score in plain numbers. What is left out is absent: no loss, no bursts, no delay. */
export interface Circumstances {
  /** Packets lost or discarded, percent, 0 to 100. */
  pplPercent?: number;
  /** Burst ratio as found, above 0; fed to the model within 1 and 8. */
  burstR?: number;
  /** Mouth-to-ear delay, ms, complete: nothing is added. `null` for unknown: then there is no R and no MOS-CQ. */
  delayMs?: number | null;
  echo?: EchoMode;
  /** Our extension of G.107.1: let the burst ratio enter the wideband loss term. Off. */
  burstExtension?: boolean;
  /** `Roe,WB` of the wideband echo terms: see `ROE_WIDEBAND`. */
  roe?: keyof typeof ROE_WIDEBAND;
}

export interface EvaluateInput extends Circumstances {
  scale: Scale;
  /** Impairment factor and loss robustness on that scale. */
  ie: number;
  bpl: number;
}

export interface EvaluateCodecInput extends Circumstances {
  /** Id of a row (`g729a-vad`), or name, clock rate and format parameters: `AMR/8000/mode-set=7`, `opus/48000/2`. */
  codec: string;
  /** Whether lost packets are concealed; they are unless this is false. */
  plc?: boolean;
  /** What the packets show of the codec's mode. */
  observed?: ObservedPayload;
  /** Put the codec on a wider scale than its own (G.107.1, G.113). */
  scale?: Scale;
}

/** A rating and the terms it consists of, all on the scale named. Nothing is clamped or rounded but MOS (1 to 4.5). */
export interface Evaluation {
  scale: Scale;
  r: number | null;
  /** R without delay. */
  rLq: number;
  mosLq: number;
  mosCq: number | null;
  /** R of a line with nothing wrong: 93.2, 129, 148. */
  flawlessR: number;
  ieEff: number;
  /** Delay terms; null when the delay is unknown. Narrowband `idle` counts from 0.15, which the flawless line has. */
  idd: number | null;
  idte: number | null;
  idle: number | null;
  /** Points taken by delay and echo: `rLq - r`. */
  delayPoints: number | null;
  echo: 'free' | 'returned' | null;
  /** The burst ratio fed to the loss term. */
  burstR: number;
  flags: readonly FlagName[];
}

export interface CodecEvaluation extends Evaluation {
  codecRow: string;
  /** All codec factors used are published ITU values. */
  grounded: boolean;
  ie: number;
  bpl: number;
  /** What was taken for granted to choose the row. */
  assumed: string | null;
}

/** An input that cannot be evaluated. `parameter` names it. */
export class EvaluationError extends RangeError {
  readonly code: 'invalid_parameter' | 'codec_without_figures';
  readonly parameter: string;

  constructor(code: EvaluationError['code'], parameter: string, message: string) {
    super(message);
    this.name = 'EvaluationError';
    this.code = code;
    this.parameter = parameter;
  }
}

/**
 * The E-model on one scale, from plain numbers (G.107, G.107.1, G.107.2).
 *
 * @throws EvaluationError for what is no number, negative, or beyond sense (loss over 100 %, Ie over the loss constant)
 */
export function evaluate(input: EvaluateInput): Evaluation {
  const { scale, ie, bpl } = input;
  if (typeof scale !== 'string' || !Object.hasOwn(SCALES, scale)) {
    throw invalid('scale', "must be 'NB', 'WB' or 'FB'");
  }
  const { lossConstant } = SCALES[scale];
  checked('ie', ie, 0, lossConstant);
  checked('bpl', bpl, Number.MIN_VALUE);
  const ppl = checked('pplPercent', input.pplPercent ?? 0, 0, 100);
  const raw = checked('burstR', input.burstR ?? 1, Number.MIN_VALUE);
  const delayMs = input.delayMs === undefined ? 0 : input.delayMs;
  if (delayMs !== null) checked('delayMs', delayMs, 0);
  const echo = oneOf('echo', input.echo ?? 'default', ['default', 'free', 'returned'] as const);
  const roe = oneOf('roe', input.roe ?? 'noise', ['noise', 'ro'] as const);

  const used = scale !== 'WB' || input.burstExtension === true;
  const burstR = used ? Math.min(BURST_RATIO_MAX, Math.max(1, raw)) : 1;
  const ieEff = effectiveEquipmentOn(scale, ie, bpl, ppl, burstR);
  const rLq = FLAWLESS_R[scale] - ieEff;
  const delay = delayMs === null ? null : delayPoints(scale, delayMs, echo, roe);
  const r = delay === null ? null : rLq - delay.taken;
  let flags = lineFlags(scale, ie, bpl, delayMs) | lossFlags(ppl, used ? raw : 1);
  if (scale === 'WB') flags |= widebandBurstFlag(raw, used);
  if (scale === 'FB' && echo === 'returned') flags |= FLAG.echo_not_modelled;
  return {
    scale,
    r,
    rLq,
    mosLq: mosOnScale(rLq, scale),
    mosCq: r === null ? null : mosOnScale(r, scale),
    flawlessR: FLAWLESS_R[scale],
    ieEff,
    idd: delay?.idd ?? null,
    idte: delay?.idte ?? null,
    idle: delay?.idle ?? null,
    delayPoints: delay?.taken ?? null,
    echo: delay?.echo ?? null,
    burstR,
    flags: flagNames(flags),
  };
}

/**
 * The E-model for a codec of the table, on the codec's own scale or a wider one.
 *
 * @throws EvaluationError as `evaluate`; with `codec_without_figures` when the table has no figures for the codec
 */
export function evaluateCodec(input: EvaluateCodecInput): CodecEvaluation {
  const { row, assumed } = rowOf(input);
  const plc = input.plc ?? true;
  const bpl = plc ? row.bpl : row.bplWithoutPlc;
  const evaluation = evaluate({ ...input, scale: row.scale, ie: row.ie, bpl });
  return {
    ...evaluation,
    codecRow: row.id,
    grounded: row.ieProvenance === 'S' && (plc ? row.bplProvenance : row.bplWithoutPlcProvenance) === 'S',
    ie: row.ie,
    bpl,
    assumed,
  };
}

function rowOf({ codec, observed, scale }: EvaluateCodecInput): { row: CodecRow; assumed: string | null } {
  if (typeof codec !== 'string' || codec === '')
    throw invalid('codec', 'must be the id of a row or name/clock/fmtp');
  let row = rowById(codec);
  let assumed: string | null = null;
  if (row === null) {
    const parts = /^([^/;]+)\/(\d{1,6})(?:\/\d{1,2}(?![^/;\s]))?(?:[/;\s](.*))?$/.exec(codec);
    if (parts === null) throw invalid('codec', `is neither the id of a row nor name/clock/fmtp: ${codec}`);
    const choice = codecRowFor(
      { name: parts[1]!, clockRate: Number(parts[2]), fmtp: parts[3] ?? null },
      observed,
    );
    if (choice.row === null) throw new EvaluationError('codec_without_figures', 'codec', choice.text);
    row = choice.row;
    assumed = choice.assumed;
  }
  if (scale === undefined || scale === row.scale) return { row, assumed };
  const wider = scale === 'WB' ? onWidebandScale(row) : scale === 'FB' ? onFullbandScale(row) : null;
  if (wider === null) throw invalid('scale', `cannot be ${scale}: ${row.id} is on the ${row.scale} scale`);
  return { row: wider, assumed };
}

function checked(parameter: string, value: unknown, least: number, most = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const bounds =
    least === Number.MIN_VALUE
      ? 'a finite number above 0'
      : most === Number.MAX_VALUE
        ? `a finite number, at least ${least}`
        : `a number from ${least} to ${most}`;
  throw invalid(parameter, `must be ${bounds}, not ${String(value)}`);
}

function oneOf<const T extends string>(parameter: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw invalid(parameter, `must be one of ${allowed.join(', ')}, not ${String(value)}`);
}

function invalid(parameter: string, message: string): EvaluationError {
  return new EvaluationError('invalid_parameter', parameter, `${parameter} ${message}`);
}
