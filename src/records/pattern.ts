/** So much of a text is looked at. */
export const COMPARED_CHARACTERS_MAX = 256;

/**
 * What the stars of a pattern stand for in a text, or null where it does not match. `*` stands for any characters,
 * `?` for one; capitals do not matter. The work is bounded by the product of the lengths, whatever both hold: a
 * regular expression could be made to run for hours by whoever chooses the text.
 */
export function match(pattern: string, text: string): readonly string[] | null {
  const shown = text.slice(0, COMPARED_CHARACTERS_MAX);
  const compared = shown.toLowerCase();
  const wanted = pattern.toLowerCase();
  // Where each star began, so that its part can be cut out; the last one can be made longer.
  const stars: { from: number; to: number }[] = [];
  let p = 0;
  let t = 0;
  let starAt = -1;
  while (t < compared.length) {
    if (p < wanted.length && wanted[p] === '*') {
      stars.push({ from: t, to: t });
      starAt = p++;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === compared[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      const star = stars.at(-1)!;
      star.to++;
      t = star.to;
      p = starAt + 1;
    } else return null;
  }
  while (p < wanted.length && wanted[p] === '*') {
    stars.push({ from: t, to: t });
    p++;
  }
  return p === wanted.length ? stars.map(({ from, to }) => shown.slice(from, to)) : null;
}

/** A name in which `$1` to `$9` stand for what the stars matched. */
export function filled(name: string, parts: readonly string[]): string {
  return name.replace(/\$([1-9])/g, (_, digit: string) => parts[Number(digit) - 1] ?? '');
}
