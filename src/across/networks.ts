import { isIpv4 } from '../packet/address.ts';

/** The network of an address as text: its /24 in IPv4, its /64 in IPv6. What lies in one is taken to be near. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`;
  const [head = '', tail] = ip.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    for (let i = groups.length + after; i < 8; i++) groups.push('0');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The same of address words, as a key. */
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
