import { describe, expect, test } from 'vitest';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from '../engine/replayed.ts';
import { frameFragments } from './fragmenting.ts';
import { exportedPdu } from './headers.ts';
import { rewrap, wrappings } from './wrap.ts';
import { callsToWrap, captureToWrap, essence, essenceOf } from './wrapped.ts';
import type { Inner } from './wrapping.ts';

describe.each([4, 6] as const)('the same calls over IPv%i in fragments', (version) => {
  const plain = captureToWrap(version);
  const expected = essence(plain);
  let id = 0;
  const cut = (frame: Uint8Array, size: number): Uint8Array[] => frameFragments(frame, size, ++id & 0xffff);
  const named = (name: string): ((inner: Inner) => Uint8Array) => {
    const found = wrappings(version).find((wrapping) => wrapping.name === name);
    return found!.wrap;
  };
  /** An inner packet from one of its fragments' frames. */
  const asInner = (frame: Uint8Array, inner: Inner): Inner => ({ ...inner, frame, ip: frame.subarray(14) });

  test.each([
    ['in order', (parts: Uint8Array[]) => parts],
    ['in reverse', (parts: Uint8Array[]) => [...parts].reverse()],
    [
      'each twice',
      (parts: Uint8Array[]) => (parts.length > 1 ? parts.flatMap((part) => [part, part]) : parts),
    ],
  ])('of 64 octets, %s', (name, order) => {
    let cutUp = 0;
    const replay = replayed(
      rewrap(plain, 1, ({ frame }) => {
        const parts = cut(frame, 64);
        if (parts.length > 1) cutUp++;
        return order(parts);
      }),
    );
    const { discarded, ...rest } = essenceOf(replay);
    expect(rest).toEqual(withoutDiscards(expected));
    const { packets, datagrams } = replay.account.fragments;
    expect(datagrams).toBe(cutUp);
    expect(packets).toBeGreaterThan(2 * datagrams);
    if (name !== 'each twice') expect(discarded).toEqual(expected.discarded);
    else expect(replay.account.discarded.fragment_duplicate).toBe(packets / 2);
  });

  test.each(['VXLAN over IPv4', 'VXLAN over IPv6', 'GTP-U over IPv6', 'GRE over IPv4', 'EtherIP over IPv6'])(
    'whose outer packet is fragmented: %s',
    (name) => {
      const wrap = named(name);
      const replay = replayed(rewrap(plain, 1, (inner) => cut(wrap(inner), 104)));
      expect(essenceOf(replay)).toEqual(expected);
      expect(new Set(replay.streams.map((stream) => stream.encapsulation.length))).toEqual(new Set([1]));
    },
  );

  test.each(['VXLAN over IPv4', 'ERSPAN II over IPv6', 'MPLS pseudowire without', 'PPPoE'])(
    'inside a tunnel: %s',
    (name) => {
      const wrap = named(name);
      const each = (inner: Inner): Uint8Array[] =>
        cut(inner.frame, 104).map((part) => wrap(asInner(part, inner)));
      expect(essence(rewrap(plain, 1, each))).toEqual(expected);
    },
  );

  test('inside a tunnel whose outer packets are fragmented again', () => {
    const wrap = named('Geneve with Ethernet over IPv6');
    const each = (inner: Inner): Uint8Array[] =>
      cut(inner.frame, 104).flatMap((part) => cut(wrap(asInner(part, inner)), 80).reverse());
    expect(essence(rewrap(plain, 1, each))).toEqual(expected);
  });

  test('a fragment that is lost is a lost packet', () => {
    let seen = 0;
    const replay = replayed(
      rewrap(plain, 1, ({ frame, ip }) => {
        const parts = cut(frame, 104);
        // Every twentieth datagram of PCMU loses its last fragment.
        const isVoice = ip.length === (version === 4 ? 200 : 220);
        return isVoice && ++seen % 20 === 0 ? parts.slice(0, -1) : parts;
      }),
    );
    const before = replayed(plain).streams.reduce((sum, stream) => sum + stream.packets, 0);
    const after = replay.streams.reduce((sum, stream) => sum + stream.packets, 0);
    const lost = Math.floor(seen / 20);
    expect(lost).toBeGreaterThan(10);
    expect(before - after).toBe(lost);
    expect(replay.account.discarded.fragment_timeout).toBe(lost);
  });

  test('SIP whose later fragments are missing still shows the call', () => {
    const first = (frame: Uint8Array, size: number): Uint8Array[] => cut(frame, size).slice(0, 1);
    const replay = replayed(
      rewrap(plain, 1, ({ frame }) => (frame.length > 520 ? first(frame, 480) : [frame])),
    );
    expect(replay.calls.map((call) => call.callId)).toContain('wrapped-udp@example.com');
    expect(replay.streams).toHaveLength(4);
  });
});

function withoutDiscards({ discarded: _, ...rest }: ReturnType<typeof essence>): object {
  return rest;
}

describe('exported payload', () => {
  test.each([4, 6] as const)('as tshark writes it, of calls over IPv%i: all but DSCP and TTL', (version) => {
    const [call] = callsToWrap(version).calls;
    const { pcap } = buildScenario({ ...callsToWrap(version), calls: [call!] });
    const head = version === 4 ? 20 : 40;
    const exported = rewrap(pcap, 252, ({ ip }) => {
      const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
      const addresses =
        version === 4
          ? { src: ip.subarray(12, 16), dst: ip.subarray(16, 20) }
          : { src: ip.subarray(8, 24), dst: ip.subarray(24, 40) };
      const ports = { src: view.getUint16(head), dst: view.getUint16(head + 2) };
      return [exportedPdu('udp', addresses, ports, ip.subarray(head + 8))];
    });
    const expected = essence(pcap);
    const pathless = (seen: ReturnType<typeof essence>) => ({
      ...seen,
      streams: (seen.streams as StreamRecord[]).map((stream) => ({
        ...stream,
        dscp: [],
        ttl: [],
        history: { ...stream.history, path: [] },
      })),
      calls: (seen.calls as CallRecord[]).map((record) => ({
        ...record,
        signalling: { ...record.signalling, dscp: null },
      })),
    });
    expect(pathless(essence(exported))).toEqual(pathless(expected));
    expect((essence(exported).calls as CallRecord[]).map(({ signalling }) => signalling.dscp)).toEqual([
      { caller: [], callee: [] },
    ]);
    expect((essence(exported).streams as StreamRecord[]).map(({ dscp, ttl }) => [dscp, ttl])).toEqual([
      [[], []],
      [[], []],
    ]);
  });
});
