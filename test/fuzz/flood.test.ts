import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { udpFrame } from '../../src/synth/frame.ts';
import { createRandom } from './random.ts';
import { flaw, play, type WirePacket, wireOf } from './wire.ts';

const A = Uint8Array.of(192, 0, 2, 1);
const B = Uint8Array.of(198, 51, 100, 1);

/** One UDP datagram on the wire. */
function datagram(timeUs: number, srcPort: number, dstPort: number, payload: Uint8Array): WirePacket {
  const bytes = udpFrame({ src: A, dst: B, dscp: 0, ttl: 64, vlans: [] }, srcPort, dstPort, payload, 0);
  return { timeUs, bytes, wire: bytes.length };
}

/** An RTP packet with 20 octets of payload. */
function rtp(payloadType: number, sequence: number, timestamp: number, ssrc: number): Uint8Array {
  const payload = new Uint8Array(32);
  const view = new DataView(payload.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, payloadType);
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp >>> 0);
  view.setUint32(8, ssrc >>> 0);
  return payload;
}

describe('floods', () => {
  test('100 000 datagrams of noise are no stream, quickly', () => {
    const random = createRandom(99);
    const packets: WirePacket[] = [];
    for (let i = 0; i < 100_000; i++) {
      const payload = new Uint8Array(12 + (random() % 60));
      for (let k = 0; k < payload.length; k++) payload[k] = random();
      // Every other one pretends to be RTP version 2.
      if (i % 2 === 0) payload[0] = 0x80;
      packets.push(datagram(1e15 + i * 100, 1024 + (random() % 60_000), 1024 + (random() % 60_000), payload));
    }
    const started = performance.now();
    const played = play(packets);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(flaw(played)).toBeNull();
    expect(played.streams).toEqual([]);
    expect(played.calls).toEqual([]);
    expect(played.account.packets).toBe(100_000);
    const { sip, rtp: media, rtcp, other } = played.account.decoded;
    expect(sip + media + rtcp + other).toBe(100_000);
    expect(media).toBe(0);
  });

  test('noise between two ports only is no stream either', () => {
    const random = createRandom(7);
    const packets = Array.from({ length: 20_000 }, (_, i) => {
      return datagram(1e15 + i * 1000, 4000, 4002, rtp(random() % 128, random(), random(), 0x1234));
    });
    expect(play(packets).streams).toEqual([]);
  });

  test('more streams than there is room for: the rest is refused and counted', () => {
    const packets: WirePacket[] = [];
    for (let k = 0; k < 8; k++) {
      for (let ssrc = 0; ssrc < 1500; ssrc++) {
        packets.push(datagram(1e15 + k * 20_000 + ssrc * 10, 4000, 4002, rtp(0, 100 + k, 160 * k, ssrc + 1)));
      }
    }
    const played = play(packets);
    expect(flaw(played)).toBeNull();
    expect(played.streams).toHaveLength(1024);
    expect(played.account.discarded.rtp_table_full).toBeGreaterThanOrEqual(1500 - 1024);
    expect(new Set(played.streams.map((stream) => stream.packets))).toEqual(new Set([8]));
  });

  test('a new SSRC with every packet is no stream', () => {
    const packets = Array.from({ length: 30_000 }, (_, i) => {
      return datagram(1e15 + i * 20_000, 4000, 4002, rtp(0, i, i * 160, i * 7919));
    });
    expect(play(packets).streams).toEqual([]);
  });
});

describe('a flood at the port of a running call', () => {
  test('ever new sources fill nothing, and change nothing of the call', () => {
    const packets = wireOf({ seed: 8, calls: [{ codec: 'PCMA', durationMs: 3000 }] });
    const alone = play(packets);
    const sample = packets.find(({ bytes }) => bytes.length === 214)!;
    const from = packets.indexOf(sample) + 40;
    const flood = Array.from({ length: 5000 }, (_, i) => {
      const bytes = sample.bytes.slice();
      // Identification and SSRC.
      new DataView(bytes.buffer).setUint16(18, i);
      new DataView(bytes.buffer).setUint32(50, i * 7919);
      return { timeUs: packets[from]!.timeUs, bytes, wire: bytes.length };
    });
    const both = play([...packets.slice(0, from), ...flood, ...packets.slice(from)]);
    expect(flaw(both)).toBeNull();
    expect(both.account.discarded.endpoint_unproven).toBeGreaterThan(4900);
    // Both ends are announced, and each vouches for 64.
    expect(both.streams).toHaveLength(128);
    for (const stream of alone.streams) {
      const beside = both.streams.find(({ ssrc }) => ssrc === stream.ssrc);
      expect({ ...beside, id: stream.id }).toEqual(stream);
    }
  });
});

describe('numbers at their limits', () => {
  const extreme: fc.Arbitrary<number> = fc.constantFrom(
    0,
    1,
    0x7fff,
    0x8000,
    0xfffe,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
  );
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.constant([1, 160] as const) },
    { weight: 1, arbitrary: fc.tuple(extreme, extreme) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: -3500, max: 3500 }), fc.integer()) },
  );
  const pause = fc.constantFrom(0, 20_000, 20_000, 20_000, 20_000, 2e6, 5e6, 59e6, 70e6, 200e6, 4000e6, -5e6);

  test('sequence numbers, timestamps and pauses of every size', () => {
    const walk = fc.array(fc.tuple(step, pause, fc.constantFrom(0, 0, 0, 8, 13, 96, 101)), {
      minLength: 20,
      maxLength: 150,
    });
    fc.assert(
      fc.property(extreme, extreme, walk, (firstSequence, firstTimestamp, steps) => {
        const state = {
          sequence: firstSequence as number,
          timestamp: firstTimestamp as number,
          timeUs: 1e15,
        };
        const packets: WirePacket[] = [];
        const send = (ahead: number, ticks: number, us: number, payloadType: number): void => {
          state.sequence += ahead;
          state.timestamp += ticks;
          state.timeUs += us;
          const payload = rtp(payloadType, state.sequence, state.timestamp, 0xffff_ffff);
          packets.push(datagram(state.timeUs, 4000, 4002, payload));
        };
        for (let i = 0; i < 8; i++) send(1, 160, 20_000, 0);
        for (const [[ahead, ticks], us, payloadType] of steps) send(ahead, ticks, us, payloadType);
        expect(flaw(play(packets))).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
