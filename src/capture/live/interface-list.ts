import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Names of the interfaces that exist, in the system's order; those that are down too, where the system tells. */
export function interfaceNames(): string[] {
  try {
    // In the network namespace of this process, which /sys may not be in.
    const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n');
    return lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
  } catch {
    return Object.keys(networkInterfaces());
  }
}
