/** What cannot be written as a JSON number becomes null, and minus zero becomes zero. */
function rounded(value: number | null, scale: number): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  const result = Math.round(value * scale) / scale;
  // Adding 0 turns -0 into 0. A value too large to be scaled has no fraction to round.
  return (Number.isFinite(result) ? result : value) + 0;
}

/** Milliseconds: 3 decimals, that is whole microseconds. */
export function roundMs(value: number | null): number | null {
  return rounded(value, 1e3);
}

/** Kilobits per second: 3 decimals, that is whole bits per second. */
export function roundKbps(value: number | null): number | null {
  return rounded(value, 1e3);
}

/** Ratios and densities: 6 decimals, one in a million. */
export function roundRatio(value: number | null): number | null {
  return rounded(value, 1e6);
}

/** R, MOS, points of R and clock skew: 3 decimals. */
export function roundScore(value: number | null): number | null {
  return rounded(value, 1e3);
}

/** A measurement known only by its name: milliseconds when the name ends so, else 6 decimals. */
export function roundNamed(name: string, value: number | null): number | null {
  return name.endsWith('Ms') ? roundMs(value) : roundRatio(value);
}
