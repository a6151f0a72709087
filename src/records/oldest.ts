/** Forgets the entry of a map that was made first. */
export function dropOldest<Key>(entries: Map<Key, unknown>): void {
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
