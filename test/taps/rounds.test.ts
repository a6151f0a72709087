import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { PacketColumns } from '../../src/taps/packet-columns.ts';
import { COPY, firstsOf } from '../../src/taps/rounds.ts';
import type { StreamPath } from '../../src/taps/taps-contract.ts';
import { captureOf, comparedTaps, type Packet, packetsOf, routed, sourceOf } from './two-points.ts';

const CALLER = '192.0.2.10';

/** One call of ten seconds, media of the caller alone: 498 packets. */
const all = packetsOf(
  buildScenario({
    seed: 3,
    calls: [
      {
        callId: 'one@example.com',
        caller: { ip: CALLER },
        callee: { ip: '198.51.100.77' },
        durationMs: 10_000,
        calleeToCaller: null,
      },
    ],
  }).pcap,
);
const media = all.filter((packet) => packet.isRtp && sourceOf(packet) === CALLER);

/** The same RTP in a packet of its own, as the sender makes it. */
function sentAgain(packet: Packet, laterUs: number): Packet {
  const frame = packet.frame.slice();
  frame[18] = frame[18]! ^ 0x77;
  return { ...packet, frame, timeUs: packet.timeUs + laterUs };
}

const outside = (packets: readonly Packet[]): Packet[] => packets.map((packet) => routed(packet, 400));

function pathOf(first: readonly Packet[], second: readonly Packet[]): StreamPath {
  const { streams } = comparedTaps([captureOf(first), captureOf(second)]);
  expect(streams).toHaveLength(1);
  return streams[0]!;
}

describe('copies', () => {
  test('of the sender are no packets, and were not made between the points', () => {
    const twice = [...all, ...media.map((packet) => sentAgain(packet, 5000))];
    const { first, second, between } = pathOf(twice, outside(twice));
    expect(first).toMatchObject({ packets: 498, duplicates: 498, mirrorDuplicates: 0 });
    expect(second).toMatchObject({ packets: 498, duplicates: 498, mirrorDuplicates: 0 });
    expect(between).toMatchObject({ paired: 498, lost: 0, compared: 498, duplicated: 0 });
  });

  test('that a network makes of a few packets were made between the points', () => {
    const behind = outside(all);
    const some = behind.filter(({ isRtp, index }) => isRtp && index % 25 === 9);
    const copied = [...behind, ...some.map((packet) => ({ ...packet, timeUs: packet.timeUs + 300 }))];
    const { second, between } = pathOf(all, copied);
    expect(second).toMatchObject({ packets: 498, duplicates: 0, mirrorDuplicates: some.length });
    expect(between).toMatchObject({ paired: 498, lost: 0, duplicated: some.length });
  });

  test('that the mirror of one point makes were not made between the points', () => {
    const behind = outside(all);
    const mirrored = [...behind, ...behind.map((packet) => ({ ...packet, timeUs: packet.timeUs + 20 }))];
    const { first, second, between } = pathOf(all, mirrored);
    expect(first).toMatchObject({ packets: 498, duplicates: 0, mirrorDuplicates: 0 });
    expect(second).toMatchObject({ packets: 498, duplicates: 0, mirrorDuplicates: 498 });
    expect(between).toMatchObject({ paired: 498, lost: 0, duplicated: 0 });
  });
});

describe('a player that begins its recording again', () => {
  const round = (number: number): Packet[] => media.map((packet) => sentAgain(packet, number * 10e6));
  const rounds = [...media, ...round(1), ...round(2)];

  test('losses of every round are counted, and each packet is paired with itself', () => {
    const kept = rounds.filter((_, at) => at % 9 !== 4);
    const { first, between } = pathOf(rounds, outside(kept));
    const lost = rounds.length - kept.length;
    expect(first).toMatchObject({ packets: 1494, duplicates: 0 });
    expect(between).toMatchObject({ lost, compared: 1494, duplicated: 0, reordered: 0, onlyAtSecond: 0 });
    expect(between.addedDelayMs!.max).toBe(0);
  });

  test('the second point need not have seen its beginning', () => {
    const fromUs = rounds[0]!.timeUs + 14e6;
    const late = rounds.filter(({ timeUs }) => timeUs >= fromUs);
    const { between } = pathOf(rounds, outside(late));
    expect(between).toMatchObject({ paired: late.length, lost: 0, compared: late.length });
    expect(between.addedDelayMs!.max).toBe(0);
  });

  test('copies of long ago that come all at once are none', () => {
    const packets = new PacketColumns();
    const add = (sequence: number, timeUs: number): void => {
      const at = packets.next();
      packets.sequence[at] = sequence;
      packets.timestamp[at] = sequence * 160;
      packets.timeUs[at] = timeUs;
    };
    for (let sequence = 0; sequence < 300; sequence++) add(sequence, sequence * 20_000);
    for (let sequence = 100; sequence < 130; sequence++) add(sequence, 6e6 + sequence);
    const copies = firstsOf(packets).filter((place) => place === COPY);
    expect(copies).toHaveLength(30);
  });
});
