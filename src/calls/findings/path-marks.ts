import type { PathMark } from '../../records/stream-history.ts';
import type { StreamRecord } from '../../records/types.ts';

/** Values of one kind that lasted, one after the other; what lasted too short is left out. */
export function lasting<T>(
  stream: StreamRecord,
  of: (mark: PathMark) => T | null,
  settledMs: number,
): { value: T; atMs: number }[] {
  const { path } = stream.history;
  const kept: { value: T; atMs: number }[] = [];
  for (let i = 0; i < path.length; i++) {
    const value = of(path[i]!);
    if (value === null) continue;
    let endMs = stream.durationMs;
    for (let j = i + 1; j < path.length; j++) {
      if (of(path[j]!) === value) continue;
      endMs = path[j]!.atMs;
      break;
    }
    if (kept.at(-1)?.value === value || endMs - path[i]!.atMs < settledMs) continue;
    kept.push({ value, atMs: path[i]!.atMs });
  }
  return kept;
}
