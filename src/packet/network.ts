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
