import type { CodecRow } from './codecs.ts';
import { delayTaken, type EchoMode, echoOn, FLAWLESS_R } from './delay-points.ts';
import {
  BURST_RATIO_MAX,
  FLAG,
  type FlagName,
  flagNames,
  lineFlags,
  lossFlags,
  widebandBurstFlag,
} from './flags.ts';
import { mosFromR } from './mos.ts';
import { SCALES, type Scale } from './scales.ts';

/** What is known and assumed about the listener's end of a stream. */
export interface ScoreContext {
  /** Frame length sent, ms; null when unknown. */
  ptimeMs: number | null;
  /** Whether lost packets are taken to be concealed. */
  plc: boolean;
  /** One-way network delay, ms; null when neither measured nor assumed. */
  networkDelayMs: number | null;
  delaySource: 'measured' | 'assumed';
  /** The playout model whose discards are counted, and the delay it adds, ms. */
  playout: string;
  playoutDelayMs: number;
  echo: EchoMode;
  /** Feed the burst ratio to the wideband model, which has no term for it. Off unless set: see `WidebandParameters`. */
  burstExtension?: boolean;
  /** The mode of the codec was taken for granted (`CodecChoice.assumed`): the score says so. */
  modeAssumed?: boolean;
}

/** Counts over a stretch of a stream: an interval, or all of it. */
export interface LossCounts {
  expected: number;
  lost: number;
  discarded: number;
  /** Runs of consecutive losses and discards. */
  runs: number;
}

/** Points of R by what took them; they add up to what separates R from that of a flawless line on the scale. */
export interface Impairments {
  codec: number;
  loss: number;
  discard: number;
  delay: number;
}

/** A score on one scale and what it is made of. R is unclamped. */
export interface Score {
  /** With delay; null when the delay is unknown. */
  readonly rFactor: number | null;
  /** Without delay. */
  readonly rFactorLq: number;
  readonly mosLq: number;
  readonly mosCq: number | null;
  /** Mouth-to-ear delay, ms. */
  readonly delayMs: number | null;
  /** The burst ratio fed to the model, clamped to its validity; 1 where the model has none. */
  readonly burstR: number;
  /** The burst ratio as it was found: run length over that of independent loss (standards 2.5). */
  readonly burstRRaw: number;
  readonly impairments: Readonly<Impairments>;
  readonly flags: readonly FlagName[];
}

/** Too little to know a burst ratio (standards 2.5). */
const CONFIDENT_EXPECTED = 300;
const CONFIDENT_RUNS = 3;

/** Scores stretches of one stream on the scale of its codec; what does not change within it is computed once. */
export class Scorer {
  readonly row: CodecRow;
  readonly scale: Scale;
  /** All codec factors used are published ITU values. */
  readonly grounded: boolean;
  /** Mouth-to-ear delay, ms; null when neither measured nor assumed. */
  readonly delayMs: number | null;
  /** What the echo mode of the context means on this scale. */
  readonly echo: 'free' | 'returned';
  private readonly flawless: number;
  private readonly factor: number;
  private readonly lossConstant: number;
  private readonly bpl: number;
  private readonly burstUsed: boolean;
  private readonly streamFlags: number;
  /** R that delay and echo take; they do not depend on loss, so the model's terms simply add up (eq. 7-1). */
  private readonly delayTaken: number;
  /** The score of any stretch without loss and discard: most are. */
  private unharmed: Score | null = null;

  constructor(row: CodecRow, context: ScoreContext) {
    this.row = row;
    this.scale = row.scale;
    this.flawless = FLAWLESS_R[row.scale];
    this.factor = SCALES[row.scale].factor;
    this.lossConstant = SCALES[row.scale].lossConstant;
    this.bpl = context.plc ? row.bpl : row.bplWithoutPlc;
    this.grounded =
      row.ieProvenance === 'S' && (context.plc ? row.bplProvenance : row.bplWithoutPlcProvenance) === 'S';
    this.delayMs = mouthToEarMs(row, context);
    this.echo = echoOn(row.scale, context.echo);
    this.delayTaken = this.delayMs === null ? 0 : delayTaken(row.scale, this.delayMs, context.echo);
    this.burstUsed = row.scale !== 'WB' || context.burstExtension === true;
    let flags = lineFlags(row.scale, row.ie, this.bpl, this.delayMs);
    if (row.scale === 'FB' && context.echo === 'returned') flags |= FLAG.echo_not_modelled;
    if (context.modeAssumed === true) flags |= FLAG.codec_mode_assumed;
    this.streamFlags = flags;
  }

  /**
   * Scores a stretch. Loss and discard share what the loss term takes in proportion to their numbers;
   * `codec + loss + discard + delay` is what separates R from that of a flawless line on the scale.
   *
   * @returns null when nothing was expected
   */
  score(counts: LossCounts): Score | null {
    if (!(counts.expected > 0)) return null;
    if (counts.lost + counts.discarded !== 0) return this.scoreOf(counts);
    this.unharmed ??= this.scoreOf(counts);
    return this.unharmed;
  }

  private scoreOf({ expected, lost, discarded, runs }: LossCounts): Score {
    const events = Math.min(expected, lost + discarded);
    const ppl = (100 * events) / expected;
    const raw = events === 0 || runs === 0 ? 1 : (events / runs) * (1 - ppl / 100);
    const burstR = this.burstUsed ? Math.min(BURST_RATIO_MAX, Math.max(1, raw)) : 1;
    const codec = this.row.ie;
    // G.107 eq. 7-29 and its kin, as in `effectiveEquipmentOn`.
    const lossPoints = events === 0 ? 0 : ((this.lossConstant - codec) * ppl) / (ppl / burstR + this.bpl);
    const discard = events === 0 ? 0 : lossPoints * (discarded / (lost + discarded));
    const rFactorLq = this.flawless - codec - lossPoints;
    const rFactor = this.delayMs === null ? null : rFactorLq - this.delayTaken;
    return {
      rFactor,
      rFactorLq,
      mosLq: mosFromR(rFactorLq / this.factor),
      mosCq: rFactor === null ? null : mosFromR(rFactor / this.factor),
      delayMs: this.delayMs,
      burstR,
      burstRRaw: raw,
      impairments: { codec, loss: lossPoints - discard, discard, delay: this.delayTaken },
      flags: flagNames(this.streamFlags | this.stretchFlags(expected, runs, ppl, raw)),
    };
  }

  private stretchFlags(expected: number, runs: number, ppl: number, raw: number): number {
    if (ppl === 0) return 0;
    if (!this.burstUsed) return lossFlags(ppl, 1) | widebandBurstFlag(raw, false);
    let flags = lossFlags(ppl, raw);
    if (this.scale === 'WB') flags |= widebandBurstFlag(raw, true);
    if (expected < CONFIDENT_EXPECTED || runs < CONFIDENT_RUNS) flags |= FLAG.burstR_low_confidence;
    return flags;
  }
}

/** Ta (standards 4.3): network, one frame, look-ahead and playout. Jitter is not delay: it costs through playout. */
function mouthToEarMs(row: CodecRow, context: ScoreContext): number | null {
  if (context.networkDelayMs === null) return null;
  return context.networkDelayMs + (context.ptimeMs ?? 0) + row.lookAheadMs + context.playoutDelayMs;
}
