import { networkOf } from '../packet/network.ts';
import type { StreamRecord } from '../records/types.ts';

/** Something that several streams may have in common. */
export interface Label {
  name: string;
  value: string;
}

/** What labels are made of: kept of each stream, and made into labels when something happened. */
export type Labelled = Pick<StreamRecord, 'src' | 'dst' | 'vlans' | 'tunnel' | 'codec' | 'encapsulation'>;

/** What a stream may share with others, the most telling first. */
export function labelsOf({ src, dst, vlans, tunnel, codec, encapsulation }: Labelled): Label[] {
  const labels: Label[] = [
    { name: 'sender', value: src.ip },
    { name: 'receiver', value: dst.ip },
  ];
  for (const end of new Set([src.ip, dst.ip])) labels.push({ name: 'host', value: end });
  labels.push({ name: 'sendingNetwork', value: networkOf(src.ip) });
  labels.push({ name: 'receivingNetwork', value: networkOf(dst.ip) });
  for (const end of new Set([networkOf(src.ip), networkOf(dst.ip)]))
    labels.push({ name: 'network', value: end });
  if (vlans.length > 0) labels.push({ name: 'vlan', value: vlans.join('.') });
  if (tunnel !== null) labels.push({ name: 'tunnel', value: `${encapsulation} ${tunnel.id ?? ''}`.trim() });
  if (codec !== null) labels.push({ name: 'codec', value: codec });
  return labels;
}

/** How a label is said. */
const WORDS: Readonly<Record<string, string>> = {
  sender: 'come from',
  receiver: 'go to',
  host: 'come from or go to',
  sendingNetwork: 'come from',
  receivingNetwork: 'go to',
  network: 'come from or go to',
  vlan: 'are in VLAN',
  tunnel: 'are in the tunnel',
  codec: 'use',
};

export function labelText({ name, value }: Label): string {
  return `${WORDS[name] ?? name} ${value}`;
}

/** The label that all of `bad` have and that tells them best from `others`; null when nothing does. */
export function sharedLabel(
  bad: readonly (readonly Label[])[],
  others: readonly (readonly Label[])[],
): { label: Label; withIt: number } | null {
  let best: { label: Label; withIt: number } | null = null;
  for (const label of bad[0] ?? []) {
    if (!bad.every((labels) => has(labels, label))) continue;
    const withIt = others.filter((labels) => has(labels, label)).length;
    // What most others have as well explains nothing.
    if (others.length > 0 && withIt > others.length / 2) continue;
    if (best === null || withIt < best.withIt) best = { label, withIt };
  }
  return best;
}

function has(labels: readonly Label[], { name, value }: Label): boolean {
  return labels.some((label) => label.name === name && label.value === value);
}
