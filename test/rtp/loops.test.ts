import { describe, expect, test } from 'vitest';
import { feed, steady } from './feed.ts';

describe('a player that begins its recording again', () => {
  const recording = 600;

  test('is a sender that restarts: what is lost in a later round is lost', () => {
    const rounds = [0, 1, 2, 3].flatMap((round) => steady(recording, { atMs: round * recording * 20 }));
    const lost = new Set([recording * 2 + 300, recording * 3 + 10]);
    const measured = feed(rounds.filter((_, i) => !lost.has(i)));
    // Eight of each round are taken for copies, or for older than the first, before it is clear that they are neither.
    expect([measured.restarts, measured.duplicates, measured.tooOld, measured.lost]).toEqual([3, 8, 16, 2]);
    expect(measured.expected).toBe(4 * recording - 24);
    expect(measured.packets).toBe(measured.expected - 2);
    expect(measured.jitterMs.max).toBe(0);
  });

  test('also after a pause', () => {
    const again = steady(recording, { atMs: recording * 20 + 30_000 });
    const measured = feed([...steady(recording), ...again]);
    expect([measured.restarts, measured.duplicates, measured.lost]).toEqual([1, 8, 0]);
    expect([measured.jitterMs.max, measured.pdvMs.max]).toEqual([0, 0]);
  });

  test.each([
    ['all at once', 0.1],
    ['much faster than audio', 5],
  ])('old packets that come again %s are copies', (_, everyMs) => {
    const copies = steady(100, { sequence: 300, timestamp: 5000 + 200 * 160 });
    const late = copies.map((packet, i) => ({ ...packet, atMs: recording * 20 + i * everyMs }));
    const measured = feed([
      ...steady(recording),
      ...late,
      ...steady(300, {
        atMs: recording * 20 + 600,
        sequence: 100 + recording,
        timestamp: 5000 + recording * 160,
      }),
    ]);
    expect([measured.restarts, measured.duplicates, measured.lost]).toEqual([0, 100, 0]);
  });

  test('copies among packets that go on are copies, however long that lasts', () => {
    const all = steady(1200);
    const copied = all.slice(0, 800).map((packet) => ({ ...packet, atMs: packet.atMs + 8003 }));
    const measured = feed([...all, ...copied].sort((a, b) => a.atMs - b.atMs));
    expect([measured.restarts, measured.duplicates, measured.lost]).toEqual([0, 800, 0]);
  });
});
