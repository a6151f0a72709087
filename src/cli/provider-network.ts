import { BlockList, isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { ProviderNetwork } from '../privacy/provider.ts';

/** Addresses that nobody outside can reach, and that tell how a network is built. */
const PRIVATE: readonly (readonly [string, number])[] = [
  ...([
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['127.0.0.0', 8],
    ['fc00::', 7],
    ['fe80::', 10],
    ['::1', 128],
  ] as const),
];

/** Checks the value of `--provider`. */
export function networkText(text: string): string {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
    throw new InvalidArgumentError('expected an address or a network: 203.0.113.5, 203.0.113.0/24.');
  return text;
}

/** Whose network that is, and what is not to be shown to them. */
export function networkOf(range: string): ProviderNetwork {
  const theirs = new BlockList();
  const [address = '', bits] = range.split('/');
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  theirs.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  const inside = new BlockList();
  for (const [net, prefix] of PRIVATE) inside.addSubnet(net, prefix, isIP(net) === 4 ? 'ipv4' : 'ipv6');
  const check = (list: BlockList, ip: string): boolean =>
    isIP(ip) !== 0 && list.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
  return { has: (ip) => check(theirs, ip), isPrivate: (ip) => check(inside, ip) && !check(theirs, ip) };
}
