import { isIpv4 } from '../packet/address.ts';

/** The network (`networkOf`) of address words, as a key. */
export function networkKey(words: Int32Array): string {
  const [w0, w1, w2, w3] = [words[0]!, words[1]!, words[2]!, words[3]!];
  return isIpv4(w0, w1, w2) ? `4.${w3 >>> 8}` : `6.${w0}.${w1}`;
}

/** Address words as a key. */
export function hostKey(words: Int32Array): string {
  return `${words[0]}.${words[1]}.${words[2]}.${words[3]}`;
}

/** Whether some of the ways (`source>target`) are the way back of others. */
export function goBothWays(ways: ReadonlySet<string>): boolean {
  for (const way of ways) {
    const [from, to] = way.split('>');
    if (from !== to && ways.has(`${to}>${from}`)) return true;
  }
  return false;
}
