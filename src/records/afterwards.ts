import type { SharedAge } from './shared-age.ts';

/** What is known at the end of a capture of calls that were judged before. */
export interface Afterwards {
  /** What turned bad at one age in several of them. */
  ages: readonly SharedAge[];
  /** Streams that lack packets as all others do. */
  thinned: readonly string[];
}
