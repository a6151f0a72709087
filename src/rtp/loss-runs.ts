import type { StreamTable } from './stream-table.ts';

/** Lengths of loss runs told apart; the last stands for all that are longer. */
export const LOSS_RUN_LENGTHS = 10;

/** A loss run has reached this length: it counts as one of it, and no longer as one of the length before. */
export function countRun(table: StreamTable, slot: number, length: number): void {
  const notes = table.notesOf(slot);
  notes.lossRuns ??= new Uint32Array(LOSS_RUN_LENGTHS);
  const runs = notes.lossRuns;
  if (length > LOSS_RUN_LENGTHS) return;
  runs[length - 1] = runs[length - 1]! + 1;
  if (length > 1) runs[length - 2] = runs[length - 2]! - 1;
}
