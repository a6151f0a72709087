/** Below this R the cubic of Annex B falls under 1 and turns: there is no way back from MOS to R. */
const LEAST_INVERTIBLE_R = 6.5;

/** MOS-CQE of a rating on the narrowband scale (G.107 Annex B), 1 to 4.5. */
export function mosFromR(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  // The last digit of the cubic may lie beyond its ends.
  return Math.min(4.5, Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6));
}

/** The rating behind a MOS, by bisection where Annex B can be inverted (6.5 to 100); the ends outside 1..4.5. */
export function rFromMos(mos: number): number {
  let low = LEAST_INVERTIBLE_R;
  let high = 100;
  if (mos <= mosFromR(low)) return low;
  if (mos >= 4.5) return high;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (mosFromR(middle) < mos) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Share of users who find a connection good or better, percent (Annex B). */
export function goodOrBetterPercent(r: number): number {
  return 100 * normalCdf((r - 60) / 16);
}

/** Share of users who find a connection poor or worse, percent (Annex B). */
export function poorOrWorsePercent(r: number): number {
  return 100 * normalCdf((45 - r) / 16);
}

/** Normal distribution function by the series of Marsaglia (2004), exact to double precision in the range used. */
function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x;
  let term = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term = (term * x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** User satisfaction by G.107 Annex B; ranges include their lower end. */
export type Satisfaction =
  | 'very satisfied'
  | 'satisfied'
  | 'some users dissatisfied'
  | 'many users dissatisfied'
  | 'nearly all users dissatisfied'
  | 'not recommended';

/** What a narrowband rating means to users. Decided on R, never on a rounded MOS. */
export function satisfaction(r: number): Satisfaction {
  if (r >= 90) return 'very satisfied';
  if (r >= 80) return 'satisfied';
  if (r >= 70) return 'some users dissatisfied';
  if (r >= 60) return 'many users dissatisfied';
  if (r >= 50) return 'nearly all users dissatisfied';
  return 'not recommended';
}
