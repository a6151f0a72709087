import type { CodecRow } from './codecs.ts';
import { computeNarrowband } from './emodel.ts';
import { mosFromR } from './mos.ts';

/** What is known and assumed about the listener's end of a stream. */
export interface ScoreContext {
  row: CodecRow;
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

/**
 * Scores a stretch of a narrowband stream. Loss and discard share what the loss term takes in proportion to their
 * numbers; `codec + loss + discard + delay` is exactly what separates R from that of a flawless G.711 line.
 *
 * @returns null for codecs without narrowband figures, and when nothing was expected
 */
export function scoreNarrowband(context: ScoreContext, counts: LossCounts): NarrowbandScore | null {
  const { row } = context;
  if (row.ie === null || row.scale !== 'NB' || counts.expected <= 0) return null;
  const events = counts.lost + counts.discarded;
  const ppl = (100 * events) / counts.expected;
  const raw = events === 0 || counts.runs === 0 ? 1 : (events / counts.runs) * (1 - ppl / 100);
  const burstR = Math.min(BURST_RATIO_MAX, Math.max(1, raw));
  const bpl = context.plc ? row.bpl : row.bplWithoutPlc;
  const listening = computeNarrowband({ ie: row.ie, bpl, ppl, burstR });
  const delayMs = mouthToEarMs(context);
  const echo = context.echo === 'default';
  const conversation =
    delayMs === null
      ? null
      : computeNarrowband({
          ie: row.ie,
          bpl,
          ppl,
          burstR,
          ta: delayMs,
          t: echo ? delayMs : 0,
          tr: echo ? 2 * delayMs : 0,
        });
  const lossTerm = listening.ieEff - row.ie;
  const discard = events === 0 ? 0 : (lossTerm * counts.discarded) / events;
  return {
    rFactor: conversation?.r ?? null,
    rFactorLq: listening.r,
    mosLq: mosFromR(listening.r),
    mosCq: conversation === null ? null : mosFromR(conversation.r),
    delayMs,
    burstR,
    impairments: {
      codec: row.ie,
      loss: lossTerm - discard,
      discard,
      delay: conversation === null ? 0 : listening.r - conversation.r,
    },
    flags: validityFlags(counts, ppl, raw, events),
  };
}

/** Ta (standards 4.3): network, one frame, look-ahead and playout. Jitter is not delay: it costs through playout. */
function mouthToEarMs(context: ScoreContext): number | null {
  if (context.networkDelayMs === null) return null;
  return context.networkDelayMs + (context.ptimeMs ?? 0) + context.row.lookAheadMs + context.playoutDelayMs;
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
