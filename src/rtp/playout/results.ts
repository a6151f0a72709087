/** Reads out what the playout models made of a stream. */
import type { StreamTable } from '../stream-table.ts';
import * as state from './state.ts';

/** What one model did with the packets of a stream. */
export interface PlayoutResult {
  /** Packets after their turn, and packets too long before it (no room, or taken for a spike). */
  late: number;
  early: number;
  /** Packets dropped to shorten the delay. */
  dropped: number;
  /** Mean delay the buffer added to that of the fastest packets, ms. */
  nominalMs: number;
  /** Invented sound, and sound played faster or slower than it was, ms; null where the model does not do that. */
  concealedMs: number | null;
  acceleratedMs: number | null;
  stretchedMs: number | null;
}

/** Results by model name; null when no packet was judged (no clock, or no audio). */
export type PlayoutResults = Record<Exclude<state.PlayoutModelName, 'none'>, PlayoutResult> | null;

/** The results of all models for one stream. */
export function playoutResults(table: StreamTable, slot: number): PlayoutResults {
  const p = table.playout.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const judged = p[base + state.JUDGED]!;
  if (judged === 0) return null;
  return {
    fixed50: fixedResult(p, base + state.FIXED, 50),
    fixed200: fixedResult(p, base + state.FIXED + state.FIXED_FIELDS, 200),
    adaptive: {
      late: p[base + state.ADAPTIVE_LATE]!,
      early: p[base + state.ADAPTIVE_EARLY]!,
      dropped: p[base + state.ADAPTIVE_DROPPED]!,
      nominalMs: p[base + state.ADAPTIVE_SUM_MS]! / judged,
      concealedMs: p[base + state.ADAPTIVE_CONCEALED_MS]!,
      acceleratedMs: null,
      stretchedMs: null,
    },
    neteq: {
      late: p[base + state.NETEQ_LATE]!,
      early: 0,
      dropped: 0,
      nominalMs: p[base + state.NETEQ_SUM_MS]! / judged,
      concealedMs: p[base + state.NETEQ_CONCEALED_MS]!,
      acceleratedMs: p[base + state.NETEQ_ACCELERATED_MS]!,
      stretchedMs: p[base + state.NETEQ_STRETCHED_MS]!,
    },
  };
}

function fixedResult(p: Float64Array, base: number, depthMs: number): PlayoutResult {
  return {
    late: p[base + state.FIXED_LATE]!,
    early: p[base + state.FIXED_EARLY]!,
    dropped: 0,
    nominalMs: depthMs,
    concealedMs: null,
    acceleratedMs: null,
    stretchedMs: null,
  };
}
