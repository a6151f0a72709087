/** The name that a mistyped one was most likely meant to be, or null when none is near. */
export function nearest(written: string, names: readonly string[]): string | null {
  let best: string | null = null;
  // Two slips in a long word, one in a short one.
  let bestDistance = written.length > 4 ? 3 : 2;
  for (const name of names) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove, change or swap with their neighbour; `limit` when it is that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      now[j] = Math.min(changed, last[j]! + 1, now[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) now[j] = Math.min(now[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = now;
  }
  return Math.min(limit, last[b.length]!);
}
