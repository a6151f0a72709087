/** Numbers so near to each other are tried one after the other. */
const STEP_MAX = 2;
/** Digits that a double holds exactly. */
const EXACT_DIGITS = 15;
/** Numbers that end alike so far are one destination behind several prefixes. */
const SUFFIX_MIN = 7;

/**
 * How often what is tried next follows from what was tried before: the next number or host, or the same number behind
 * another prefix. People who call do not go through their numbers in order; programs that look for extensions, hosts or a
 * prefix that gets them out do.
 */
export class InOrder {
  steps = 0;
  private user = '';
  private host = Number.NaN;

  /** The next user that was not tried before. */
  addUser(user: string): void {
    if (follows(this.user, user)) this.steps++;
    this.user = user;
  }

  /** The next host that was not asked before, by the last word of its address. */
  addHost(word: number): void {
    const distance = Math.abs(word - this.host);
    if (distance >= 1 && distance <= STEP_MAX) this.steps++;
    this.host = word;
  }
}

function follows(before: string, user: string): boolean {
  if (!isNumber(before) || !isNumber(user)) return false;
  if (before.length === user.length && user.length <= EXACT_DIGITS) {
    const distance = Math.abs(Number(before) - Number(user));
    if (distance >= 1 && distance <= STEP_MAX) return true;
  }
  return user.length > SUFFIX_MIN && before.endsWith(user.slice(-SUFFIX_MIN));
}

function isNumber(user: string): boolean {
  return /^\+?\d{1,40}$/.test(user);
}
