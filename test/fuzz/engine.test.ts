import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { flaw, play, type WirePacket, wireOf } from './wire.ts';

const call: CallSpec = {
  codec: 'PCMA',
  durationMs: 1500,
  ringMs: [50, 100],
  rtcp: { intervalMs: 400, xr: ['reference_time', 'voip_metrics', 'statistics', 'loss_runs'] },
};
const scenarios: Scenario[] = [
  { seed: 1, calls: [{ ...call, dtmf: { atMs: 300, digits: '1#' } }] },
  { seed: 2, ipv6: true, calls: [{ ...call, codec: 'opus', lateSdp: true }] },
  { seed: 3, vlans: [7], calls: [{ ...call, transport: 'tcp', hold: { atMs: 400, durationMs: 300 } }] },
  { seed: 4, background: { dns: 20, quic: 20, randomUdp: 40 }, calls: [{ ...call, outcome: 'midcall' }] },
  { seed: 5, calls: [{ ...call, outcome: 'none', codec: 'G729', callerToCallee: { ssrcChangeAt: 30 } }] },
  { seed: 6, calls: [{ ...call, transport: 'ws' }] },
  { seed: 7, hep: true, calls: [{ ...call, dtmf: { atMs: 300, digits: '1#' } }] },
];
const captures = scenarios.map(wireOf);

/** One of the captures, as copies that may be changed. */
const capture: fc.Arbitrary<WirePacket[]> = fc
  .constantFrom(...captures)
  .map((packets) => packets.map((packet) => ({ ...packet, bytes: packet.bytes.slice() })));

/** Times no clock should show, as far as dates go. */
const absurd = fc.oneof(
  fc.constantFrom(0, -1, -1e15, 7.258e15, 8.64e18, Number.MIN_VALUE, -0),
  fc.double({ min: -1e16, max: 1e16, noNaN: true }),
);

const runs = { numRuns: 60 };

describe('captures that were damaged', () => {
  test('flipped bytes', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(capture, flips, (packets, list) => {
        for (const [which, where, mask] of list) {
          const { bytes } = packets[which % packets.length]!;
          bytes[where % bytes.length] = bytes[where % bytes.length]! ^ mask;
        }
        expect(flaw(play(packets))).toBeNull();
      }),
      runs,
    );
  });

  test('headers hit hardest', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(70), fc.nat(7)), { minLength: 100, maxLength: 600 });
    fc.assert(
      fc.property(capture, flips, (packets, list) => {
        for (const [which, where, bit] of list) {
          const { bytes } = packets[which % packets.length]!;
          if (where < bytes.length) bytes[where] = bytes[where]! ^ (1 << bit);
        }
        expect(flaw(play(packets))).toBeNull();
      }),
      runs,
    );
  });

  test('packets cut short, by the capture or for good', () => {
    const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(capture, cuts, (packets, list) => {
        for (const [which, length, snapped] of list) {
          const packet = packets[which % packets.length]!;
          packet.bytes = packet.bytes.subarray(0, length % (packet.bytes.length + 1));
          if (!snapped) packet.wire = packet.bytes.length;
        }
        expect(flaw(play(packets))).toBeNull();
      }),
      runs,
    );
  });

  test('packets missing, doubled and out of order', () => {
    const moves = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(2)), { maxLength: 200 });
    fc.assert(
      fc.property(capture, moves, (packets, list) => {
        for (const [from, to, kind] of list) {
          const at = from % packets.length;
          if (kind === 0 && packets.length > 1) packets.splice(at, 1);
          else if (kind === 1) packets.splice(to % packets.length, 0, packets[at]!);
          else packets.splice(to % packets.length, 0, packets.splice(at, 1)[0]!);
        }
        expect(flaw(play(packets))).toBeNull();
      }),
      runs,
    );
  });

  test('everything shuffled', () => {
    fc.assert(
      fc.property(capture, fc.infiniteStream(fc.nat()), (packets, numbers) => {
        for (let i = packets.length - 1; i > 0; i--) {
          const j = numbers.next().value % (i + 1);
          [packets[i], packets[j]] = [packets[j]!, packets[i]!];
        }
        expect(flaw(play(packets))).toBeNull();
      }),
      { numRuns: 30 },
    );
  });
});

describe('clocks', () => {
  test('absurd times on single packets', () => {
    fc.assert(
      fc.property(
        capture,
        fc.array(fc.tuple(fc.nat(), absurd), { minLength: 1, maxLength: 20 }),
        (packets, list) => {
          for (const [which, timeUs] of list) packets[which % packets.length]!.timeUs = timeUs;
          expect(flaw(play(packets))).toBeNull();
        },
      ),
      runs,
    );
  });

  test('a clock that jumps for good', () => {
    fc.assert(
      fc.property(
        capture,
        fc.array(fc.tuple(fc.nat(), absurd), { minLength: 1, maxLength: 5 }),
        (packets, list) => {
          for (const [which, jumpUs] of list) {
            for (const packet of packets.slice(which % packets.length)) packet.timeUs += jumpUs;
          }
          expect(flaw(play(packets))).toBeNull();
        },
      ),
      runs,
    );
  });

  test('a clock that runs backwards all along, and one that stands', () => {
    for (const packets of captures) {
      const times = packets.map((packet) => packet.timeUs).reverse();
      expect(flaw(play(packets.map((packet, i) => ({ ...packet, timeUs: times[i]! }))))).toBeNull();
      expect(flaw(play(packets.map((packet) => ({ ...packet, timeUs: 1e15 }))))).toBeNull();
    }
  });

  test('no stream and no call lasts less than nothing', () => {
    const [packets] = captures;
    const last = packets!.length - 30;
    const stepped = packets!.map((packet, i) => ({
      ...packet,
      timeUs: packet.timeUs - (i > last ? 60e6 : 0),
    }));
    const { streams, calls } = play(stepped);
    for (const { durationMs } of [...streams, ...calls]) expect(durationMs ?? 0).toBeGreaterThanOrEqual(0);
  });

  test('one packet from the year 2200 does not cut calls and streams in two', () => {
    const [packets] = captures;
    const bent = packets!.map((packet) => ({ ...packet }));
    bent.splice(80, 0, { ...bent[80]!, timeUs: 7.258e15, bytes: new Uint8Array(60), wire: 60 });
    const [got, wanted] = [play(bent), play(packets!)];
    expect(got.calls.map(({ callId, state }) => [callId, state])).toEqual(
      wanted.calls.map(({ callId, state }) => [callId, state]),
    );
    expect(got.streams.map((stream) => stream.packets)).toEqual(
      wanted.streams.map((stream) => stream.packets),
    );
  });
});
