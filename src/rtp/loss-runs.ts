import { noteLoss } from './happenings.ts';
import type { StreamTable } from './stream-table.ts';

/** Lengths of loss runs told apart; the last stands for all that are longer. */
export const LOSS_RUN_LENGTHS = 10;

/**
 * A loss run has reached this length with number `lost`: it counts as one of it, and no longer as one of the length
 * before.
 */
export function countRun(table: StreamTable, slot: number, length: number, lost: number): void {
  noteLoss(table, slot, lost, length);
  const notes = table.notesOf(slot);
  notes.lossRuns ??= new Uint32Array(LOSS_RUN_LENGTHS);
  const runs = notes.lossRuns;
  if (length > LOSS_RUN_LENGTHS) return;
  runs[length - 1] = runs[length - 1]! + 1;
  if (length > 1) runs[length - 2] = runs[length - 2]! - 1;
}
