import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trustOf } from '../../src/engine/trust.ts';
import { presetList, presetScenario } from '../../src/synth/presets.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { type Played, play, type WirePacket, wireOf } from '../fuzz/wire.ts';

const call: CallSpec = { codec: 'PCMA', durationMs: 2000, ringMs: [50, 100] };
const rtcp = { intervalMs: 400, xr: ['reference_time', 'voip_metrics'] as const };
const scenarios = new Map<string, Scenario>(
  presetList().map(({ name }) => [name, presetScenario(name, 3)!] as const),
);
scenarios.set('IPv6', {
  seed: 2,
  ipv6: true,
  calls: [{ ...call, codec: 'opus', rtcp: { ...rtcp, xr: [...rtcp.xr] } }],
});
scenarios.set('TCP, VLAN', { seed: 3, vlans: [7], calls: [{ ...call, transport: 'tcp' }] });
scenarios.set('no SDP, noise', {
  seed: 4,
  background: { dns: 20, quic: 20, randomUdp: 40 },
  calls: [{ ...call, outcome: 'midcall', dtmf: { atMs: 300, digits: '1#' } }],
});
scenarios.set('jitter', {
  seed: 5,
  calls: [
    {
      ...call,
      callerToCallee: { jitter: { kind: 'uniform', maxMs: 60 }, loss: { kind: 'random', ratio: 0.1 } },
    },
  ],
});
const captures = new Map([...scenarios].map(([name, scenario]) => [name, wireOf(scenario)] as const));

/** Where the IP header begins. */
function ipAt({ bytes }: WirePacket): number {
  let at = 12;
  while (bytes[at] === 0x81 || (bytes[at] === 0x88 && bytes[at + 1] === 0xa8)) at += 4;
  return at + 2;
}

type Change = (packet: WirePacket) => WirePacket;

const plain: Change = (packet) => packet;

const tagged: Change = (packet) => {
  const bytes = new Uint8Array(packet.bytes.length + 4);
  bytes.set(packet.bytes.subarray(0, 12));
  bytes.set([0x81, 0, 0x03, 0xe7], 12);
  bytes.set(packet.bytes.subarray(12), 16);
  return { ...packet, bytes, wire: bytes.length };
};

const routed: Change = (packet) => {
  const bytes = packet.bytes.slice();
  const at = ipAt(packet);
  const ttl = at + (bytes[at]! >> 4 === 4 ? 8 : 7);
  bytes[ttl] = bytes[ttl]! - 1;
  return { ...packet, bytes };
};

/** Takes the identification away, as for packets that must not be fragmented. */
const unnamed: Change = (packet) => {
  const bytes = packet.bytes.slice();
  const at = ipAt(packet);
  if (bytes[at]! >> 4 === 4) bytes.fill(0, at + 4, at + 6);
  return { ...packet, bytes };
};

/** Some packets, and copies of those chosen, `delayUs` later. */
function doubled(
  packets: readonly WirePacket[],
  delayUs: number,
  change: Change,
  chosen: (index: number) => boolean = () => true,
): WirePacket[] {
  const copies = packets
    .filter((_, i) => chosen(i))
    .map((packet) => ({ ...change(packet), timeUs: packet.timeUs + delayUs }));
  return [...packets, ...copies].sort((a, b) => a.timeUs - b.timeUs);
}

/** All that is reported of calls and streams. */
function results({ streams, calls, findings }: Played): unknown {
  return {
    streams: streams.map((stream) => ({ ...stream, mirrorDuplicates: 0, seenTwice: null })),
    calls,
    findings,
  };
}

function expectSame(got: Played, wanted: Played): void {
  expect(results(got)).toEqual(results(wanted));
  const { sip, rtp, rtcp: reports } = wanted.account.decoded;
  expect(got.account.decoded).toMatchObject({ sip, rtp, rtcp: reports });
}

describe('copies made by the mirror change nothing', () => {
  test.each([...captures.keys()])('%s', (name) => {
    const packets = captures.get(name)!;
    const once = play(packets);
    const seen = once.account.decoded.rtp + once.account.decoded.sip + once.account.decoded.rtcp;
    for (const [delayUs, change] of [
      [50, plain],
      [50, tagged],
      [50, routed],
      [3000, routed],
    ] as const) {
      const twice = play(doubled(packets, delayUs, change));
      expectSame(twice, once);
      expect(twice.account.mirrorDuplicates).toBeGreaterThanOrEqual(seen);
    }
    expectSame(play(doubled(packets, 50, plain, (i) => i % 3 === 0)), once);
  });

  test.each([...captures.keys()])('%s, without identification', (name) => {
    const packets = captures.get(name)!.map(unnamed);
    const sent = play(packets);
    for (const [delayUs, change] of [
      [50, plain],
      [50, tagged],
      [3000, routed],
    ] as const) {
      expectSame(play(doubled(packets, delayUs, change)), sent);
    }
  });

  test('of any packets', () => {
    const pick = fc.constantFrom(...captures.keys());
    fc.assert(
      fc.property(
        pick,
        fc.infiniteStream(fc.boolean()),
        fc.constantFrom(plain, tagged, routed),
        (name, coin, change) => {
          const packets = captures.get(name)!;
          const twice = doubled(packets, 50, change, () => coin.next().value);
          expectSame(play(twice), play(packets));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what is no copy', () => {
  test('a duplicate with an identification of its own', () => {
    const duplicate = { positions: [20, 40, 41], afterMs: 3 };
    const packets = wireOf({ seed: 9, calls: [{ ...call, callerToCallee: { duplicate } }] });
    const { streams, account } = play(packets);
    expect(streams.map((stream) => stream.duplicates)).toEqual([3, 0]);
    expect(account.mirrorDuplicates).toBe(0);
  });

  test('the same identification 60 ms later, and without one 2 ms later the same way', () => {
    const packets = wireOf({ seed: 9, calls: [call] });
    const later = play(doubled(packets, 60_000, plain, (i) => i === 40));
    expect(later.streams.reduce((sum, stream) => sum + stream.duplicates, 0)).toBe(1);
    const bare = packets.map(unnamed);
    const same = play(doubled(bare, 2000, plain, (i) => i === 40));
    expect(same.streams.reduce((sum, stream) => sum + stream.duplicates, 0)).toBe(1);
    expect(same.account.mirrorDuplicates).toBe(0);
  });
});

describe('what is said about them', () => {
  test('a stream before and after a router is one, seen twice', () => {
    const packets = wireOf({ seed: 9, calls: [call] });
    const { streams } = play(doubled(packets, 400, routed));
    expect(streams.map((stream) => stream.seenTwice)).toEqual([
      { ttl: [64, 63], delayMs: expect.closeTo(0.4) },
      { ttl: [64, 63], delayMs: expect.closeTo(0.4) },
    ]);
    const { streams: plainly } = play(doubled(packets, 400, plain));
    expect(plainly.map((stream) => stream.seenTwice)).toEqual([null, null]);
  });

  test('many of them are a reason to doubt the capture', () => {
    const packets = wireOf({ seed: 9, calls: [call] });
    const { account } = play(doubled(packets, 50, plain));
    expect(account.mirrorDuplicatesRatio).toBeCloseTo(0.5, 1);
    const { verdict, reasons } = trustOf(account, { dropped: 0, problems: [] });
    expect(verdict).toBe('degraded');
    expect(reasons).toMatchObject([
      {
        code: 'capture_duplicates',
        packets: account.mirrorDuplicates,
        text: expect.stringContaining('(50.0 %)'),
      },
    ]);
    const few = play(doubled(packets, 50, plain, (i) => i < 90)).account;
    expect(trustOf(few, { dropped: 0, problems: [] }).verdict).toBe('trusted');
  });
});
