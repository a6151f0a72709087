import type { CallSpec, Direction, Scenario, StreamSpec } from '../../src/synth/scenario.ts';
import type { FindingCase, Label } from './case.ts';

/** What a case is played over: whatever happens to a call must be found in all of them. */
export interface Setting {
  name: string;
  call: Partial<CallSpec>;
  scenario?: Partial<Scenario>;
}

export const PCMU: Setting = { name: 'PCMU, IPv4', call: { codec: 'PCMU' } };
export const PCMA6: Setting = {
  name: 'PCMA, IPv6 under a VLAN tag',
  call: { codec: 'PCMA' },
  scenario: { ipv6: true, vlans: [100] },
};
export const G722: Setting = {
  name: 'G.722, SIP over TCP, two VLAN tags',
  call: { codec: 'G722', transport: 'tcp' },
  scenario: { vlans: [10, 20] },
};
export const G729: Setting = { name: 'G.729, IPv4', call: { codec: 'G729' }, scenario: { seed: 4 } };
export const OPUS6: Setting = {
  name: 'opus, SIP over WebSocket, IPv6',
  call: { codec: 'opus', transport: 'ws' },
  scenario: { ipv6: true, seed: 5 },
};
export const AMR: Setting = {
  name: 'AMR, three VLAN tags',
  call: { codec: 'AMR' },
  scenario: { vlans: [2, 3, 4], nanoseconds: true, seed: 6 },
};
export const AMRWB6: Setting = {
  name: 'AMR-WB, IPv6',
  call: { codec: 'AMR-WB' },
  scenario: { ipv6: true, seed: 7 },
};

export const SOME: readonly Setting[] = [PCMU, PCMA6, G729, OPUS6];
export const ALL: readonly Setting[] = [PCMU, PCMA6, G722, G729, OPUS6, AMR, AMRWB6];
/** Codecs whose octets are sound that can be looked at. */
export const G711: readonly Setting[] = [
  PCMU,
  PCMA6,
  { name: 'PCMA, SIP over TCP', call: { codec: 'PCMA', transport: 'tcp' }, scenario: { seed: 9 } },
  { name: 'PCMU, IPv6', call: { codec: 'PCMU' }, scenario: { ipv6: true, seed: 10 } },
];

export const FORTH = 'callerToCallee';
export const BACK = 'calleeToCaller';
export const WAYS: readonly Direction[] = [FORTH, BACK];

/** What else there is to say about a case. */
export interface More {
  scenario?: Partial<Scenario>;
  allowed?: FindingCase['allowed'];
}

/** The same call in several settings. */
export function cases(
  name: string,
  expected: readonly Label[],
  settings: readonly Setting[],
  call: CallSpec,
  more: More = {},
): FindingCase[] {
  return settings.map((setting) => ({
    name: `${name}: ${setting.name}`,
    expected,
    scenario: { seed: 1, ...setting.scenario, ...more.scenario, calls: [{ ...setting.call, ...call }] },
    ...(more.allowed === undefined ? {} : { allowed: more.allowed }),
  }));
}

/**
 * The same done to one stream of a call, the directions taking turns over the settings. Labels are codes without
 * direction; the direction is added.
 */
export function streamCases(
  name: string,
  codes: readonly Label[],
  settings: readonly Setting[],
  stream: StreamSpec,
  call: CallSpec = {},
  more: More = {},
): FindingCase[] {
  return settings.flatMap((setting, i) => {
    const way = WAYS[i % 2]!;
    const plain: readonly string[] = codes;
    const labels = plain.map((code) => (code.includes(' ') ? code : `${code} ${way}`) as Label);
    return cases(name, labels, [setting], { ...call, [way]: { ...call[way], ...stream } }, more);
  });
}

/** Positions of `count` packets of `total`, uneven by a multiple that repeats late, never two within 17. */
export function scattered(count: number, total: number): number[] {
  const step = total / count;
  const wobble = Math.max(0, step - 17);
  return Array.from({ length: count }, (_, i) => Math.floor(i * step + wobble * ((i * 0.618 + 0.3) % 1)));
}
