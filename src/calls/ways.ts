/** Between which addresses something passes, as address words. */
export interface Way {
  src: ArrayLike<number>;
  dst: ArrayLike<number>;
}

/** Does one thing pass from where the other goes to, and to where it comes from? */
export function isWayBack(a: Way, b: Way): boolean {
  return sameWords(a.src, b.dst) && sameWords(a.dst, b.src);
}

function sameWords(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
