import type { CodecRow } from './codecs.ts';
import { computeNarrowband, effectiveEquipment } from './emodel.ts';
import { mosFromR } from './mos.ts';

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
  /** Whether the talker's echo returns (G.107 defaults) or the line is free of echo (standards 4.3). */
  echo: 'default' | 'free';
}

/** Counts over a stretch of a stream: an interval, or all of it. */
export interface LossCounts {
  expected: number;
  lost: number;
  discarded: number;
  /** Runs of consecutive losses and discards. */
  runs: number;
}

/** A score on the narrowband scale and what it is made of. R is unclamped. */
export interface NarrowbandScore {
  rFactor: number | null;
  rFactorLq: number;
  mosLq: number;
  mosCq: number | null;
  /** Mouth-to-ear delay, ms. */
  delayMs: number | null;
  /** The burst ratio fed to the model, clamped to its validity. */
  burstR: number;
  impairments: { codec: number; loss: number; discard: number; delay: number };
  flags: string[];
}

/** Range of the burst ratio in G.107 Table 3, and the loss above which values over 2 are not validated (Note 6). */
const BURST_RATIO_MAX = 8;
const BURST_RATIO_HIGH = 2;
const BURST_RATIO_PPL_MAX = 2;
const PPL_MAX = 20;
/** Too little to know a burst ratio (standards 2.5). */
const CONFIDENT_EXPECTED = 300;
const CONFIDENT_RUNS = 3;

/** R of a flawless G.711 line without delay: what every narrowband score starts from. */
const FLAWLESS_R = computeNarrowband().r;

/** Scores stretches of one narrowband stream; what does not change within the stream is computed once. */
export class NarrowbandScorer {
  /** Mouth-to-ear delay, ms; null when neither measured nor assumed. */
  readonly delayMs: number | null;
  private readonly ie: number;
  private readonly bpl: number;
  /** R that delay and echo take; they do not depend on loss, so the model's terms simply add up (eq. 7-1). */
  private readonly delayPoints: number;

  /** @param row a narrowband row with figures */
  constructor(row: CodecRow, context: ScoreContext) {
    this.ie = row.ie ?? 0;
    this.bpl = context.plc ? row.bpl : row.bplWithoutPlc;
    this.delayMs = mouthToEarMs(row, context);
    const ta = this.delayMs ?? 0;
    const echo = context.echo === 'default';
    this.delayPoints = FLAWLESS_R - computeNarrowband({ ta, t: echo ? ta : 0, tr: echo ? 2 * ta : 0 }).r;
  }

  /**
   * Scores a stretch. Loss and discard share what the loss term takes in proportion to their numbers;
   * `codec + loss + discard + delay` is exactly what separates R from that of a flawless G.711 line.
   *
   * @returns null when nothing was expected
   */
  score(counts: LossCounts): NarrowbandScore | null {
    if (counts.expected <= 0) return null;
    const events = counts.lost + counts.discarded;
    const ppl = (100 * events) / counts.expected;
    const raw = events === 0 || counts.runs === 0 ? 1 : (events / counts.runs) * (1 - ppl / 100);
    const burstR = Math.min(BURST_RATIO_MAX, Math.max(1, raw));
    const ieEff = effectiveEquipment(this.ie, this.bpl, ppl, burstR);
    const listening = FLAWLESS_R - ieEff;
    const conversation = this.delayMs === null ? null : listening - this.delayPoints;
    const lossPoints = ieEff - this.ie;
    const discard = events === 0 ? 0 : (lossPoints * counts.discarded) / events;
    return {
      rFactor: conversation,
      rFactorLq: listening,
      mosLq: mosFromR(listening),
      mosCq: conversation === null ? null : mosFromR(conversation),
      delayMs: this.delayMs,
      burstR,
      impairments: {
        codec: this.ie,
        loss: lossPoints - discard,
        discard,
        delay: conversation === null ? 0 : this.delayPoints,
      },
      flags: validityFlags(counts, ppl, raw, events),
    };
  }
}

/** The scorer for a stream, or null for codecs without narrowband figures. */
export function narrowbandScorer(row: CodecRow, context: ScoreContext): NarrowbandScorer | null {
  return row.ie === null || row.scale !== 'NB' ? null : new NarrowbandScorer(row, context);
}

/** Ta (standards 4.3): network, one frame, look-ahead and playout. Jitter is not delay: it costs through playout. */
function mouthToEarMs(row: CodecRow, context: ScoreContext): number | null {
  if (context.networkDelayMs === null) return null;
  return context.networkDelayMs + (context.ptimeMs ?? 0) + row.lookAheadMs + context.playoutDelayMs;
}

function validityFlags(counts: LossCounts, ppl: number, rawBurstR: number, events: number): string[] {
  const flags: string[] = [];
  const beyond = rawBurstR > BURST_RATIO_MAX || (rawBurstR > BURST_RATIO_HIGH && ppl >= BURST_RATIO_PPL_MAX);
  if (beyond) flags.push('burstR_out_of_validity');
  if (events > 0 && (counts.expected < CONFIDENT_EXPECTED || counts.runs < CONFIDENT_RUNS)) {
    flags.push('burstR_low_confidence');
  }
  if (ppl > PPL_MAX) flags.push('ppl_out_of_range');
  return flags;
}
