/**
 * The percentile of a list by nearest rank: the least of its values that at least `percent` of 100 of them do not exceed.
 * It is always one of the values; of one value every percentile is that value. The list is put in order.
 */
export function nearestRank(values: number[], percent: number): number {
  values.sort((a, b) => a - b);
  // Hundredths of a hundredth are the finest that makes sense: 0.07 * 100 is more than 7 in binary.
  const rank = Math.ceil(Number(((percent / 100) * values.length).toFixed(9)));
  return values[Math.min(values.length, Math.max(1, rank)) - 1]!;
}

/** The arithmetic mean. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
