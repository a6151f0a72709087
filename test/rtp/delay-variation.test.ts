import { describe, expect, test } from 'vitest';
import { feed, steady } from './feed.ts';

describe('delay variation across steps of the sender', () => {
  test('a stall made up for by a jump of the timestamps is no lasting delay', () => {
    // As some soft phones do it: half a second late, then the timestamps skip what was missed.
    const before = steady(300);
    const stalled = steady(3, { atMs: 300 * 20 + 525, sequence: 400, timestamp: 5000 + 300 * 160 });
    const after = steady(600, { atMs: 303 * 20 + 525, sequence: 403, timestamp: 5000 + 303 * 160 + 525 * 8 });
    const measured = feed([...before, ...stalled, ...after]);
    expect(measured.pdvMs.p95).toBeLessThan(1);
    expect(measured.pdvMs.max).toBeCloseTo(525, 0);
    expect(measured.maxDeltaMs).toBeCloseTo(545, 3);
  });

  test('a pause during which the timestamps stood still is the sender, not the network', () => {
    const measured = feed([
      ...steady(400),
      ...steady(600, { atMs: 400 * 20 + 3000, sequence: 500, timestamp: 5000 + 400 * 160 }),
    ]);
    expect(measured.lost).toBe(0);
    expect(measured.pdvMs.p95).toBeLessThan(17);
    // The estimator is told to count a late packet in full, whatever its size (D2).
    expect(measured.jitterMs.max).toBeCloseTo(3000 / 16, 0);
  });

  test('the same with a marker: a talkspurt begins, nothing is counted', () => {
    const later = steady(600, { atMs: 400 * 20 + 3000, sequence: 500, timestamp: 5000 + 400 * 160 });
    later[0]!.marker = true;
    const measured = feed([...steady(400), ...later]);
    expect(measured.pdvMs.max).toBeLessThan(1);
    expect(measured.jitterMs.max).toBe(0);
  });

  test('silence in step with the clock: delay goes on where it was', () => {
    const later = steady(600, {
      atMs: 400 * 20 + 3000 + 7,
      sequence: 500,
      timestamp: 5000 + 400 * 160 + 3000 * 8,
    });
    const measured = feed([...steady(400), ...later]);
    expect(measured.pdvMs.max).toBeCloseTo(7, 1);
    expect(measured.jitterMs.max).toBe(0);
  });

  test('a network that holds packets for two seconds and then delivers them all', () => {
    const held = steady(900).map((packet) => {
      const sentMs = packet.atMs;
      return sentMs >= 6000 && sentMs < 8000 ? { ...packet, atMs: 8000 + (sentMs - 6000) / 1000 } : packet;
    });
    const measured = feed(held);
    expect(measured.pdvMs.max).toBeCloseTo(2000, 0);
    expect(measured.pdvMs.p50).toBeLessThan(1);
    expect(measured.lost).toBe(0);
  });

  test('percentiles beyond the histogram lie between its end and the greatest delay, not at its end', () => {
    const held = steady(300).map((packet) => {
      const sentMs = packet.atMs;
      return sentMs >= 1000 && sentMs < 5000 ? { ...packet, atMs: 5000 + (sentMs - 1000) / 1000 } : packet;
    });
    const delays = held.map((packet, i) => packet.atMs - i * 20).sort((a, b) => a - b);
    const { pdvMs } = feed(held);
    expect(pdvMs.p95! / delays[Math.ceil(0.95 * 300) - 1]!).toBeCloseTo(1, 1);
    expect(pdvMs.p99! / delays[Math.ceil(0.99 * 300) - 1]!).toBeCloseTo(1, 1);
  });

  test('timestamps that jump at random between talkspurts', () => {
    const later = steady(600, { atMs: 400 * 20 + 500, sequence: 500, timestamp: 1_234_567_890 });
    later[0]!.marker = true;
    const measured = feed([...steady(400), ...later]);
    expect(measured.pdvMs.max).toBeLessThan(1);
  });
});

describe('D2 jitter (standards 1.4)', () => {
  test('the check values of RFC 3550 A.8: arrivals 0, 20, 50, 60, 80, 100 ms', () => {
    const arrivals = [0, 20, 50, 60, 80, 100];
    const measured = feed(steady(6).map((packet, i) => ({ ...packet, atMs: arrivals[i]! })));
    // In ticks of 8000 Hz, as the standard gives them.
    expect(measured.jitterRfcMs.last! * 8).toBeCloseTo(8.5144, 4);
    expect(measured.jitterRfcMs.max! * 8).toBeCloseTo(9.6875, 4);
    expect(measured.jitterRfcMs.mean! * 8).toBeCloseTo((0 + 0 + 5 + 9.6875 + 9.082 + 8.5144) / 6, 3);
    expect(measured.jitterMs.max).toBeNull();
  });

  test('a change of the frame length is followed', () => {
    const longer = Array.from({ length: 300 }, (_, i) => ({
      atMs: 400 * 20 + i * 40 + (i % 2) * 6,
      sequence: 500 + i,
      timestamp: 5000 + 400 * 160 + i * 320,
    }));
    const measured = feed([...steady(400), ...longer]);
    expect(measured.ptimeMs).toBe(40);
    expect(measured.jitterMs.max).toBeGreaterThan(5);
    expect(measured.timestampJumps).toBe(0);
  });
});

describe('timestamps that are not what the numbers say', () => {
  test('a hole of more than 50 numbers over which the timestamps go back is a jump, not an hour of delay', () => {
    const later = steady(600, { atMs: 460 * 20, sequence: 560, timestamp: 5000 + 400 * 160 - 3600 * 8000 });
    const measured = feed([...steady(400), ...later]);
    expect(measured.lost).toBe(60);
    expect(measured.timestampJumps).toBe(1);
    expect(measured.jitterMs.max).toBe(0);
    expect(measured.pdvMs.max).toBeLessThan(1);
  });

  test.each([-3600, 3600])('a late packet from before a jump by %i s has no delay of hours', (seconds) => {
    const late = { atMs: 402 * 20 + 1, sequence: 498, timestamp: 5000 + 398 * 160 };
    const jumped = steady(600, {
      atMs: 400 * 20,
      sequence: 500,
      timestamp: 5000 + 400 * 160 + seconds * 8000,
    });
    const packets = [...steady(400).filter(({ sequence }) => sequence !== 498), ...jumped, late];
    const measured = feed(packets.sort((a, b) => a.atMs - b.atMs));
    expect([measured.reordered, measured.lost]).toEqual([1, 0]);
    expect(measured.pdvMs.max).toBeLessThan(1);
  });

  test('a hole of more than 50 numbers after which frames are half as long is none', () => {
    const later = Array.from({ length: 600 }, (_, i) => ({
      atMs: 400 * 20 + (60 + i) * 10 + (i % 2),
      sequence: 560 + i,
      timestamp: 5000 + 400 * 160 + (60 + i) * 80,
    }));
    const measured = feed([...steady(400), ...later]);
    expect(measured.timestampJumps).toBe(0);
    expect(measured.jitterMs.p95).toBeCloseTo(1, 1);
  });

  test.each([
    ['of a clock that is a tick or two off', 8000, (i: number) => i * 160 + [0, 9, 2, 14, 5][i % 5]!],
    ['of 20 ms at 11025 Hz', 11_025, (i: number) => Math.floor(i * 220.5)],
  ])('%s: every packet is measured, none begins a talkspurt', (_name, clockRate, timestampOf) => {
    const packets = Array.from({ length: 500 }, (_, i) => ({
      atMs: i * 20 + (i % 2) * 4,
      sequence: 100 + i,
      timestamp: timestampOf(i),
      payloadType: clockRate === 8000 ? 0 : 16,
    }));
    const measured = feed(packets);
    expect(measured.jitterMs.samples).toBe(500 - 32);
    expect(measured.jitterMs.mean).toBeGreaterThan(3);
    expect(measured.ipdvMs.samples).toBe(499);
  });
});
