import { describe, expect, test } from 'vitest';
import { DropMoments } from '../../src/across/drop-moments.ts';
import { LiveCaptureError } from '../../src/capture/live/live-source.ts';
import { Sources } from '../../src/live/sources.ts';
import { FakeSource } from './fake-source.ts';

function sourcesOf(...sources: FakeSource[]) {
  const ended: string[] = [];
  const all = new Sources(sources, {
    take: () => {},
    sourceEnded: ({ name }, reason) => ended.push(`${name} ${reason?.message ?? 'regularly'}`),
    allEnded: () => ended.push('all'),
  });
  all.start();
  return { all, ended };
}

describe('the sources of a probe', () => {
  test('the high water of a ring is that since it was last told, however often it was read', () => {
    const ring = new FakeSource();
    const { all } = sourcesOf(ring);
    const drops = new DropMoments();
    for (const ratio of [0.2, 0.9, 0.1]) {
      ring.highWaterRatio = ratio;
      all.noteDrops(drops, null, null);
    }
    expect(all.statuses()[0]!.ringHighWaterRatio).toBe(0.9);
    expect(all.statuses()[0]!.ringHighWaterRatio).toBe(0.1);
  });

  test('drops are noted with their time, once', () => {
    const [a, b] = [new FakeSource('ring', 'a'), new FakeSource('pcap', 'b')];
    const { all } = sourcesOf(a, b);
    const drops = new DropMoments();
    b.dropped = null;
    expect(all.noteDrops(drops, 1e6, 2e6)).toBe(0);
    a.dropped = 7;
    b.dropped = 2;
    expect(all.noteDrops(drops, 2e6, 3e6)).toBe(9);
    expect(all.noteDrops(drops, 3e6, 4e6)).toBe(0);
    expect([drops.length, drops.overlaps(2.5e6, 2.5e6), drops.overlaps(9e6, 9e6)]).toEqual([1, true, false]);
  });

  test('each that ends by itself is said, and when all have', async () => {
    const [a, b] = [new FakeSource('ring', 'a'), new FakeSource('pipe', 'b')];
    const { all, ended } = sourcesOf(a, b);
    a.end(new LiveCaptureError('failed', 'is gone'));
    a.end(null);
    expect(ended).toEqual(['a is gone']);
    await all.stop();
    expect(ended).toEqual(['a is gone', 'all']);
    expect([a.stopped, b.stopped]).toEqual([1, 1]);
  });
});
