import { randomFor } from '../../../src/synth/random.ts';

/** What one direction of a path does to packets. All but the delay concerns RTP only, so that round trips are exact. */
export interface Impairment {
  delayMs: number;
  /** Uniform delay on top, 0 to this; packets keep their order. */
  jitterMs?: number;
  /** Share lost, each packet by itself. */
  lossRatio?: number;
  /** Share that is held back by `reorderMs` more, while the others go by. */
  reorderRatio?: number;
  reorderMs?: number;
  /** Share sent twice. */
  duplicateRatio?: number;
}

export type Fate = 'sent' | 'lost' | 'reordered' | 'duplicated';

export interface Verdict {
  fate: Fate;
  /** When to send, by the clock of the caller, ms; of no meaning for a lost packet. */
  dueMs: number;
}

/** Decides over one packet after the other; the same seed decides alike. */
export function impair(
  { delayMs, jitterMs = 0, lossRatio = 0, reorderRatio = 0, reorderMs = 0, duplicateRatio = 0 }: Impairment,
  seed: string,
): (nowMs: number) => Verdict {
  const random = randomFor(1, seed);
  let lastDueMs = 0;
  return (nowMs) => {
    const [lost, late, twice, share] = [random.float(), random.float(), random.float(), random.float()];
    if (lost < lossRatio) return { fate: 'lost', dueMs: nowMs };
    if (late < reorderRatio) return { fate: 'reordered', dueMs: nowMs + delayMs + reorderMs };
    lastDueMs = Math.max(lastDueMs, nowMs + delayMs + share * jitterMs);
    return { fate: twice < duplicateRatio ? 'duplicated' : 'sent', dueMs: lastDueMs };
  };
}
