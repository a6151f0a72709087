import { describe, expect, test } from 'vitest';
import type { CapturePlatform } from '../../src/capture/live/choose.ts';
import { chooseEngine } from '../../src/capture/live/choose.ts';
import type { InterfaceFacts } from '../../src/capture/live/interface-facts.ts';
import type { MachineFacts } from '../../src/capture/live/machine-facts.ts';
import { type Check, worstOf } from '../../src/doctor/check.ts';
import { interfaceChecks } from '../../src/doctor/interface-checks.ts';
import { machineChecks } from '../../src/doctor/machine-checks.ts';
import { type TrafficFacts, trafficChecks } from '../../src/doctor/traffic-checks.ts';

const states = (checks: readonly Check[]) =>
  Object.fromEntries(checks.map(({ code, state }) => [code, state]));
const remedyOf = (checks: readonly Check[], code: string) =>
  checks.find((check) => check.code === code)?.remedy;

const PLATFORM: CapturePlatform = { platform: 'linux', koffi: true, libpcap: true, cap: false };
const MACHINE: MachineFacts = {
  platform: 'linux',
  user: 998,
  rights: { netRaw: true, netAdmin: false },
  clock: { synchronised: true, maxErrorUs: 1500, estimatedErrorUs: 20 },
  processors: 2,
  receiveBacklog: 1000,
};
const machine = (facts: Partial<MachineFacts>, platform: Partial<CapturePlatform> = {}) => {
  const all = { ...PLATFORM, ...platform };
  return machineChecks({ ...MACHINE, ...facts }, all, chooseEngine('auto', all));
};

describe('the machine', () => {
  test('all as it should be', () => {
    expect(states(machine({}))).toEqual({ engine: 'ok', rights: 'ok', clock: 'ok' });
  });

  test('no right to capture is a problem with a remedy', () => {
    const checks = machine({ rights: { netRaw: false, netAdmin: false } });
    expect(states(checks)).toMatchObject({ rights: 'problem' });
    expect(remedyOf(checks, 'rights')).toContain('net_raw');
  });

  test('nothing to capture with', () => {
    expect(states(machine({}, { koffi: false, libpcap: false }))).toMatchObject({
      engine: 'problem',
      libpcap: 'warning',
    });
  });

  test('cap stamps late', () => {
    expect(states(machine({}, { koffi: false, cap: true }))).toMatchObject({ engine: 'warning' });
  });

  test('a clock that nobody keeps', () => {
    const clock = { synchronised: false, maxErrorUs: 16_000_000, estimatedErrorUs: 0 };
    expect(states(machine({ clock }))).toMatchObject({ clock: 'warning' });
    expect(states(machine({ clock: null, rights: null }))).toMatchObject({
      clock: 'unknown',
      rights: 'unknown',
    });
  });
});

const ETH: InterfaceFacts = {
  ...{ name: 'eth1', exists: true, up: true, running: true, promiscuous: false, mtu: 1500, hardwareType: 1 },
  ...{
    hardwareName: 'Ethernet',
    link: { linkType: 1 } as InterfaceFacts['link'],
    driver: 'igb',
    speed: 1000,
  },
  offloads: { gro: false, lro: false, rxVlan: true },
  receiveRing: { size: 4096, max: 4096 },
  received: { packets: 100, bytes: 1000, errors: 0, dropped: 0, fifo: 0 },
};
const eth = (facts: Partial<InterfaceFacts>) => interfaceChecks({ ...ETH, ...facts }, ['lo', 'eth1']);

describe('an interface', () => {
  test('all as it should be', () => {
    expect(states(eth({}))).toEqual({ up: 'ok', offload: 'ok', vlan: 'ok' });
  });

  test.each<[string, Partial<InterfaceFacts>, Record<string, string>, string, string | null]>([
    ['none', { exists: false }, { exists: 'problem' }, 'exists', null],
    ['down', { up: false }, { up: 'problem' }, 'up', 'ip link set eth1 up'],
    [
      'without a carrier',
      { running: false },
      { carrier: 'problem' },
      'carrier',
      'look at the cable and at the switch',
    ],
    [
      'of an odd kind',
      { link: null, hardwareType: 772 },
      { link: 'problem' },
      'link',
      'capture where it is Ethernet or IP',
    ],
    [
      'that glues',
      { offloads: { gro: true, lro: true, rxVlan: null } },
      { offload: 'warning' },
      'offload',
      'ethtool -K eth1 gro off lro off',
    ],
    [
      'with a short queue',
      { receiveRing: { size: 256, max: 4096 } },
      { queue: 'warning' },
      'queue',
      'ethtool -G eth1 rx 4096',
    ],
  ])('%s', (_, facts, expected, code, remedy) => {
    const checks = eth(facts);
    expect(states(checks)).toMatchObject(expected);
    expect(remedyOf(checks, code)).toBe(remedy);
  });

  test('packets lost by the card are counted', () => {
    const checks = eth({ received: { packets: 990, bytes: 0, errors: 4, dropped: 50, fifo: 6 } });
    expect(checks.find(({ code }) => code === 'received')?.text).toContain('10 of 1000 packets');
  });
});

const TRAFFIC: TrafficFacts = {
  ...{
    seconds: 60,
    packets: 6000,
    dropped: 0,
    streams: 10,
    bothWays: 10,
    calls: 5,
    mirrorDuplicatesRatio: 0,
  },
  decoded: { sip: 70, rtp: 5800, rtcp: 40, t38: 0, other: 90 },
  ...{ fragments: 0, glued: 0, tunnels: [], tlsConnections: 0, tlsDecrypted: 0, doubts: [] },
};
const traffic = (facts: Partial<TrafficFacts>) => trafficChecks({ ...TRAFFIC, ...facts });

describe('a minute of traffic', () => {
  test('all as it should be', () => {
    expect(states(traffic({}))).toEqual({ drops: 'ok', sip: 'ok', rtp: 'ok', directions: 'ok' });
  });

  test('nothing at all is the one thing that is said', () => {
    expect(states(traffic({ packets: 0 }))).toEqual({ packets: 'problem' });
  });

  test('media without signalling, encrypted or missing', () => {
    const decoded = { ...TRAFFIC.decoded, sip: 0 };
    expect(remedyOf(traffic({ decoded }), 'sip')).toContain('mirror the signalling');
    expect(remedyOf(traffic({ decoded, tlsConnections: 3 }), 'sip')).toContain('keylog');
  });

  test('one direction only', () => {
    expect(states(traffic({ bothWays: 0 }))).toMatchObject({ directions: 'warning' });
    expect(states(traffic({ bothWays: 8 }))).toMatchObject({ directions: 'ok' });
  });

  test('drops, glued packets and what else is doubted', () => {
    const doubts = [
      { code: 'capture_clock', text: 'stamps come in batches' },
      { code: 'capture_drops', text: 'said already' },
    ];
    const checks = traffic({ dropped: 40, glued: 3, tunnels: ['erspan2'], doubts });
    expect(states(checks)).toMatchObject({
      drops: 'warning',
      glued: 'warning',
      tunnels: 'ok',
      capture_clock: 'warning',
    });
    expect(checks.some(({ code }) => code === 'capture_drops')).toBe(false);
    expect(worstOf(checks)).toBe('warning');
  });
});
