import { udpFrame } from './frame.ts';
import { icmpFrame } from './icmp.ts';
import { type Random, randomFor } from './random.ts';
import type { Scenario } from './scenario.ts';

/** Packets that are no voice, spread evenly from `startNs` to `endNs` (ns of the scenario). */
export function backgroundPackets(
  scenario: Scenario,
  startNs: number,
  endNs: number,
): { timeNs: number; bytes: Uint8Array }[] {
  const random = randomFor(scenario.seed ?? 1, 'background');
  const kinds = { dns, quic, randomUdp, icmp };
  const packets: { timeNs: number; bytes: Uint8Array }[] = [];
  for (const kind of ['dns', 'quic', 'randomUdp', 'icmp'] as const) {
    const count = scenario.background?.[kind] ?? 0;
    for (let i = 0; i < count; i++) {
      const timeNs = startNs + ((i + random.float()) * (endNs - startNs)) / count;
      packets.push({ timeNs, bytes: kinds[kind](scenario, random) });
    }
  }
  return packets;
}

function datagram(
  scenario: Scenario,
  random: Random,
  ports: [number, number],
  payload: Uint8Array,
): Uint8Array {
  const src = Uint8Array.of(198, 51, 100, 1 + random.int(254));
  const dst = Uint8Array.of(192, 0, 2, 1 + random.int(254));
  const route = { src, dst, dscp: 0, ttl: 60, vlans: scenario.vlans ?? [] };
  return udpFrame(route, ports[0], ports[1], payload, random.int(65536));
}

function ephemeral(random: Random): number {
  return 49152 + random.int(16384);
}

/** A query for the address of www.example.com (RFC 1035). */
function dns(scenario: Scenario, random: Random): Uint8Array {
  const name = '\x03www\x07example\x03com\x00';
  const id = random.int(65536);
  const header = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const query = [...header, ...[...name].map((char) => char.charCodeAt(0)), 0, 1, 0, 1];
  return datagram(scenario, random, [ephemeral(random), 53], Uint8Array.from(query));
}

/** A 1-RTT packet (RFC 9000 17.3): fixed bit set, everything behind it looks random. */
function quic(scenario: Scenario, random: Random): Uint8Array {
  const payload = randomOctets(random, 40 + random.int(1200));
  payload[0] = 0x40 | (payload[0]! & 0x3f);
  return datagram(scenario, random, [443, ephemeral(random)], payload);
}

/** Any octets on any ports: now and then it begins like RTP, which a probe must not fall for. */
function randomUdp(scenario: Scenario, random: Random): Uint8Array {
  const ports: [number, number] = [1024 + random.int(64000), 1024 + random.int(64000)];
  return datagram(scenario, random, ports, randomOctets(random, 1 + random.int(400)));
}

/** A port that is closed, said of the datagram of a stranger. */
function icmp(scenario: Scenario, random: Random): Uint8Array {
  const frame = randomUdp(scenario, random);
  const quote = frame.subarray(14 + 4 * (scenario.vlans?.length ?? 0)).slice(0, 20 + 8 + random.int(2) * 64);
  const route = {
    src: quote.slice(16, 20),
    dst: quote.slice(12, 16),
    dscp: 0,
    ttl: 60,
    vlans: scenario.vlans ?? [],
  };
  return icmpFrame(route, 3, 3, quote, random.int(65536));
}

function randomOctets(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(256));
}
