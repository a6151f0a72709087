import type { LiveRecord } from '../live/live-records.ts';
import type { HeldPlace } from '../store/held-status.ts';

/** Statuses say how holds stand on what is kept outside of measuring, too. */
export function withHeld(
  records: readonly LiveRecord[],
  keepers: readonly ({ readonly held: HeldPlace } | null)[],
): readonly LiveRecord[] {
  const held = keepers.flatMap((keeper) => (keeper === null ? [] : [keeper.held]));
  if (held.length === 0) return records;
  return records.map((record) => {
    return record.type === 'status' ? { ...record, held: [...record.held, ...held] } : record;
  });
}
