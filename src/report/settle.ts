import type { Afterwards } from '../records/afterwards.ts';
import { holdBackThinned } from './hold-back.ts';
import type { RecordStore } from './record-store.ts';
import { settleAges } from './settle-ages.ts';

/** Brings a report to what is known at the end of a capture: calls in it were judged one after the other. */
export function settle(store: RecordStore, { ages, thinned }: Afterwards): void {
  settleAges(store, ages);
  holdBackThinned(store, thinned);
}
