import '../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketColumns } from '../../src/taps/packet-columns.ts';
import { pairPackets } from '../../src/taps/pair-packets.ts';
import { segmentOf } from '../../src/taps/segment.ts';
import { pairStreams } from '../../src/taps/stream-pair.ts';
import { type TapStream, tapStream } from '../../src/taps/tap-stream.ts';

interface Sent {
  number: number;
  timeUs: number;
}

/** The packets of a stream as a point sees them: numbers of packets with the time each comes. */
function columns(sent: readonly Sent[], shift = { sequence: 0, timestamp: 0 }, silent = 0): PacketColumns {
  const packets = new PacketColumns();
  for (const { number, timeUs } of sent) {
    const at = packets.next();
    packets.timeUs[at] = timeUs;
    packets.sequence[at] = 65_000 + number + shift.sequence;
    packets.timestamp[at] = number * 160 + shift.timestamp;
    // The first ones are silence, and all alike.
    packets.content[at] = number < silent ? 99 : Math.imul(number + 1, 0x9e37_79b1) | 1;
    packets.ttl[at] = 64;
  }
  return packets;
}

function streamOf(packets: PacketColumns, tap: number): TapStream {
  const facts = { tap, number: tap, ssrc: 1, ttl: 64, path: 0 };
  const stream = tapStream({
    ...facts,
    src: { ip: '192.0.2.1', port: 1 },
    dst: { ip: '192.0.2.2', port: 2 },
  });
  return { ...stream, packets };
}

const everything = { fromUs: 0, untilUs: 1e15 };

/** What happens to each packet on the way. */
const fate = fc.record({
  lost: fc.boolean(),
  copied: fc.boolean(),
  delayMs: fc.integer({ min: 0, max: 100 }),
});

describe('packets of one stream at two points', () => {
  test('loss, copies and overtaking are counted exactly, also where a box makes new headers', () => {
    fc.assert(
      fc.property(
        fc.array(fate, { minLength: 20, maxLength: 400 }),
        fc.constantFrom({ sequence: 0, timestamp: 0 }, { sequence: 777, timestamp: 123_456_789 }),
        (fates, shift) => {
          const first = fates.map((_, number) => ({ number, timeUs: 1e6 + number * 20_000 }));
          const passed = first.flatMap(({ number, timeUs }) => {
            const { lost, copied, delayMs } = fates[number]!;
            if (lost && number > 3) return [];
            const out = { number, timeUs: timeUs + delayMs * 1000 };
            return copied ? [out, { number, timeUs: out.timeUs + 500 }] : [out];
          });
          const second = [...passed].sort((a, b) => a.timeUs - b.timeUs);
          const a = streamOf(columns(first), 0);
          const b = streamOf(columns(second, shift), 1);
          const pair = pairStreams({ a, b, identity: 'headers' }, everything, everything)!;
          const segment = segmentOf(pair, 0);
          const kept = new Set(second.map(({ number }) => number));
          expect(segment.lost).toBe(first.length - kept.size);
          expect(segment.duplicated).toBe(second.length - kept.size);
          expect(segment.onlyAtSecond).toBe(0);
          let highest = -1;
          let overtaken = 0;
          const seen = new Set<number>();
          for (const { number } of second) {
            if (seen.has(number)) continue;
            seen.add(number);
            if (number < highest) overtaken++;
            highest = Math.max(highest, number);
          }
          expect(segment.reordered).toBe(overtaken);
          const delays = [...kept].map((number) => fates[number]!.delayMs);
          expect(segment.addedDelayMs!.max).toBeCloseTo(Math.max(...delays) - Math.min(...delays), 6);
        },
      ),
    );
  });

  test('numbers that a box counts anew behind each loss are paired by what is in the packets', () => {
    const first = Array.from({ length: 100 }, (_, number) => ({ number, timeUs: 1e6 + number * 20_000 }));
    const kept = first.filter(({ number }) => number % 10 !== 5);
    const b = columns(kept, { sequence: 0, timestamp: 4000 }, 0);
    for (let at = 0; at < b.count; at++) b.sequence[at] = 200 + at;
    const paired = pairPackets(columns(first), b);
    expect(paired.pairs).toBe(90);
    expect(paired.renumbered).toBe(true);
    for (const [at, other] of paired.ofA.entries()) if (other >= 0) expect(kept[other]!.number).toBe(at);
  });

  test('what was lost in silence is lost, though silence goes on', () => {
    const first = Array.from({ length: 50 }, (_, number) => ({ number, timeUs: 1e6 + number * 20_000 }));
    const kept = first.filter(({ number }) => number !== 3 && number !== 9);
    const paired = pairPackets(columns(first, undefined, 20), columns(kept, undefined, 20));
    expect(paired).toMatchObject({ pairs: 48, renumbered: false });
    expect([paired.ofA[3], paired.ofA[9]]).toEqual([-1, -1]);
  });
});
