import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from '../engine/replayed.ts';
import { rewrap, wrappings } from './wrap.ts';
import { captureToWrap, essence, essenceOf } from './wrapped.ts';
import { type Inner, tagged } from './wrapping.ts';

const wrapNamed = (name: string): ((inner: Inner) => Uint8Array) => {
  const found = wrappings(4).find((wrapping) => wrapping.name === name);
  if (found === undefined) throw new Error(`no wrapping "${name}"`);
  return found.wrap;
};
const vxlan = wrapNamed('VXLAN over IPv4');
const gre = wrapNamed('GRE over IPv6');
const nested = wrapNamed('a mirrored base station: ERSPAN of VLAN of GTP-U over IPv4');

describe('streams whose packets change their way', () => {
  const plain = captureToWrap(4);

  test('a path that moves in the middle: all tags and tunnels are told, the first tunnel in full', () => {
    let packets = 0;
    const total = replayed(plain).account.packets;
    const ways = [(p: Inner) => p.frame, vxlan, (p: Inner) => tagged(p, [30, 31, 32, 33, 34]), gre, nested];
    const pcap = rewrap(plain, 1, (inner) => [ways[Math.floor((packets++ * ways.length) / total)]!(inner)]);
    const replay = replayed(pcap);
    expect(essenceOf(replay)).toEqual(essence(plain));
    const long = replay.streams[0]!;
    expect(long.encapsulation).toEqual(['vxlan', 'gre', 'erspan2', 'gtpu']);
    // Four ids are kept of one packet.
    expect(long.vlans).toEqual([30, 31, 32, 33, 10, 600, 601]);
    expect(long.tunnel).toEqual({ id: 5001, src: '10.99.0.1', dst: '10.99.0.2' });
  });

  test('packets that alternate between two ways are the same stream', () => {
    let packets = 0;
    const pcap = rewrap(plain, 1, (inner) => [packets++ % 2 === 0 ? vxlan(inner) : gre(inner)]);
    const replay = replayed(pcap);
    expect(essenceOf(replay)).toEqual(essence(plain));
    for (const { encapsulation } of replay.streams)
      expect([...encapsulation].sort()).toEqual(['gre', 'vxlan']);
  });

  test('streams without signalling know the ways of the packets before they were believed', () => {
    const { pcap } = buildScenario({ calls: [{ outcome: 'none', durationMs: 1000 }] });
    let packets = 0;
    const ways = [nested, vxlan, (p: Inner) => tagged(p, [9])];
    // Two streams take turns, so each has one packet in a tunnel of each kind before its fifth.
    const pcapOfWays = rewrap(pcap, 1, (inner) => {
      const way = ways[Math.floor(packets++ / 2)] ?? ((p: Inner) => p.frame);
      return [way(inner)];
    });
    const replay = replayed(pcapOfWays);
    expect(replay.streams).toHaveLength(2);
    for (const stream of replay.streams) {
      expect(stream.encapsulation).toEqual(['erspan2', 'gtpu', 'vxlan']);
      expect(stream.vlans).toEqual([10, 600, 601, 9]);
    }
    expect(essenceOf(replay)).toEqual(essence(pcap));
  });
});
