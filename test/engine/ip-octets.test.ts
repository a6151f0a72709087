import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipKbps, ipOctets, type SentOctets } from '../../src/engine/ip-octets.ts';
import { parseAddress } from '../../src/packet/address.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { replayed } from './replayed.ts';

const IPV4 = parseAddress('192.0.2.1')!;
const IPV6 = parseAddress('2001:db8::1')!;

/** 250 packets of 160 octets, 20 ms apart. */
const G711: SentOctets = {
  packets: 250,
  octets: 40_000,
  duplicates: 0,
  startUs: 1_700_000_000_000_000,
  endUs: 1_700_000_000_000_000 + 249 * 20_000,
  interruptions: 0,
  interruptedMs: 0,
};

describe('the bandwidth of a stream', () => {
  test('has headers by its family', () => {
    expect([ipOctets(G711, IPV4), ipOctets(G711, IPV6)]).toEqual([250 * 200, 250 * 220]);
    expect(ipKbps(G711, IPV4)).toBeCloseTo(80, 9);
    expect(ipKbps(G711, IPV6)).toBeCloseTo(88, 9);
  });

  test('is that of the time in which it sent', () => {
    const endUs = G711.startUs + (249 + 4999) * 20_000;
    // One of the 249 times between packets became 100 s long.
    const interrupted = { ...G711, endUs, interruptions: 1, interruptedMs: 5000 * 20 };
    expect(ipKbps(interrupted, IPV4)).toBeCloseTo(80, 9);
  });

  test('counts what the network doubled, and not what is lost before the probe', () => {
    expect(ipKbps({ ...G711, duplicates: 25 }, IPV4)).toBeCloseTo(88, 9);
    // Every other number is missing.
    expect(
      ipKbps({ ...G711, packets: 125, octets: 20_000, endUs: G711.startUs + 248 * 20_000 }, IPV4),
    ).toBeCloseTo(40, 9);
  });

  test('is unknown of one packet, and where all came at one moment', () => {
    expect(ipKbps({ ...G711, packets: 1, octets: 160, endUs: G711.startUs }, IPV4)).toBeNull();
    expect(ipKbps({ ...G711, endUs: G711.startUs }, IPV4)).toBeNull();
    expect(ipOctets({ ...G711, packets: 0, octets: 0 }, IPV4)).toBe(0);
  });

  test('does not depend on when the stream was sent', () => {
    const time = fc.integer({ min: 0, max: 2 ** 51 });
    fc.assert(
      fc.property(
        time,
        fc.integer({ min: 2, max: 1e6 }),
        fc.integer({ min: 0, max: 1400 }),
        (startUs, packets, size) => {
          const sent = { ...G711, packets, octets: packets * size };
          const lastedUs = (packets - 1) * 20_000;
          const at = (us: number) => ipKbps({ ...sent, startUs: us, endUs: us + lastedUs }, IPV4);
          expect(at(startUs)).toBe(at(0));
          expect(at(0)).toBeCloseTo((size + 40) * 0.4, 6);
        },
      ),
    );
  });
});

describe('the bandwidth of generated streams', () => {
  const rates = (scenario: Partial<Scenario>, call: Partial<CallSpec> = {}) => {
    const { pcap } = buildScenario({
      seed: 3,
      calls: [{ durationMs: 8000, callerToCallee: {}, calleeToCaller: {}, ...call }],
      ...scenario,
    });
    return replayed(pcap).streams.map(({ ipKbps }) => ipKbps);
  };

  test.each<[string, Partial<Scenario>, Partial<CallSpec>, number]>([
    ['G.711 over IPv4', {}, { codec: 'PCMA' }, 80],
    ['G.711 over IPv6', { ipv6: true }, { codec: 'PCMA' }, 88],
    ['G.711 under VLAN tags, which are none of IP', { vlans: [100, 42] }, { codec: 'PCMA' }, 80],
    ['G.711 in packets of 10 ms', {}, { codec: 'PCMA', ptimeMs: 10 }, 96],
    ['G.729', {}, { codec: 'G729' }, 24],
  ])('%s', (_name, scenario, call, kbps) => {
    const found = rates(scenario, call);
    expect(found).toHaveLength(2);
    // Stamps are whole microseconds.
    for (const rate of found) expect(rate).toBeCloseTo(kbps, 3);
  });

  test('is the same an hour later', () => {
    const early = rates({ startTime: '2026-01-02T03:04:05Z' });
    expect(rates({ startTime: '2026-01-02T04:04:05Z' })).toEqual(early);
  });
});
