import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/delivery/batch.ts';
import { Delivery, type DeliveryOptions, type WriteOutcome } from '../../src/delivery/delivery.ts';
import { Spool } from '../../src/delivery/spool.ts';
import { folder } from './folder.ts';

const TAKEN: WriteOutcome = { kind: 'taken', rejected: 0, error: null };
const DOWN: WriteOutcome = { kind: 'failed', error: 'ECONNREFUSED', retryAfterMs: null };

interface Rig {
  delivery: Delivery;
  /** Lines that the server has, as often as it got them. */
  got: string[];
  said: string[];
  clock: { ms: number };
  /** What the server answers from now on. */
  server: { answer(lines: string[]): WriteOutcome; asked: number };
  spool: Spool | null;
  /** Lets so much time pass, and everything be done that is to be done then. */
  pass(ms: number): Promise<void>;
}

async function rigOf(
  options: Partial<DeliveryOptions> & { directory?: string; bytesMax?: number } = {},
): Promise<Rig> {
  const { directory, bytesMax = 1 << 20, ...rest } = options;
  const got: string[] = [];
  const said: string[] = [];
  const clock = { ms: 0 };
  const server: Rig['server'] = { answer: () => TAKEN, asked: 0 };
  let delivery: Delivery | null = null;
  const lost = (reason: 'spool_full' | 'spool_damaged', n: number): void => delivery?.drop(reason, n);
  const spool = directory === undefined ? null : await Spool.open({ directory, bytesMax, lost });
  const write = async ({ body }: Batch): Promise<WriteOutcome> => {
    server.asked++;
    const lines = gunzipSync(body).toString('utf8').trimEnd().split('\n');
    const outcome = server.answer(lines);
    if (outcome.kind === 'taken') got.push(...lines);
    return outcome;
  };
  delivery = new Delivery({
    ...{ spool, batchPoints: 10, flushMs: 1000, queueBytesMax: 1 << 20 },
    ...{ write, nowMs: () => clock.ms, said: (_: string, text: string) => said.push(text) },
    ...rest,
  });
  const one = delivery;
  const pass = async (ms: number): Promise<void> => {
    clock.ms += ms;
    one.tick();
    await one.settled();
    one.tick();
    await one.settled();
  };
  return { delivery: one, got, said, clock, server, spool, pass };
}

const add = ({ delivery }: Rig, from: number, to: number): void => {
  for (let i = from; i < to; i++) delivery.add(`m v=${i}i`);
};
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `m v=${from + i}i`);
const droppedIn = ({ delivery }: Rig): number =>
  Object.values(delivery.counts().dropped).reduce((sum, n) => sum + n, 0);

describe.each(['memory', 'spool'])('delivery through %s', (kind) => {
  const rig = (options: Parameters<typeof rigOf>[0] = {}): Promise<Rig> =>
    rigOf(kind === 'spool' ? { directory: folder(), ...options } : options);

  test('full batches at once, others when the first of them has waited long enough', async () => {
    const all = await rig();
    add(all, 0, 25);
    await all.pass(0);
    expect(all.got).toEqual(range(0, 20));
    await all.pass(999);
    expect(all.got).toHaveLength(20);
    await all.pass(1);
    expect(all.got).toEqual(range(0, 25));
    expect(all.delivery.counts()).toMatchObject({
      written: 25,
      waiting: 0,
      requests: { taken: 3, failed: 0 },
    });
  });

  test('while the server is down they wait, and then go in order; it is asked less and less often', async () => {
    const all = await rig();
    all.server.answer = () => DOWN;
    for (let i = 0; i < 600; i++) {
      add(all, i, i + 1);
      all.clock.ms += 1000;
      all.delivery.tick();
      if (i % 20 === 0) await all.pass(0);
    }
    await all.pass(0);
    expect(all.got).toEqual([]);
    expect(all.server.asked).toBeLessThan(40);
    expect(all.delivery.counts()).toMatchObject({ written: 0, waiting: 600 });
    all.server.answer = () => TAKEN;
    await all.pass(30_000);
    expect(all.got).toEqual(range(0, 600));
    expect(all.said).toContain('points are delivered again');
    expect(droppedIn(all)).toBe(0);
  });

  test('what the server refuses for good blocks nothing and is counted', async () => {
    const all = await rig();
    all.server.answer = (lines) =>
      lines.includes('m v=3i') ? { kind: 'taken', rejected: 4, error: '400 partial write' } : TAKEN;
    add(all, 0, 20);
    await all.pass(0);
    const { written, dropped, requests, waiting } = all.delivery.counts();
    expect({ written, waiting, requests }).toEqual({
      ...{ written: 16, waiting: 0 },
      requests: { taken: 1, refused: 1, failed: 0 },
    });
    expect(dropped.rejected).toBe(4);
  });

  test('too large a batch is sent in parts, down to one point that is too large for itself', async () => {
    const all = await rig();
    all.server.answer = (lines) =>
      lines.length > 3 || lines.includes('m v=5i') ? { kind: 'tooLarge', error: '413' } : TAKEN;
    add(all, 0, 10);
    await all.pass(0);
    expect(all.got).toEqual(range(0, 10).filter((line) => line !== 'm v=5i'));
    expect(all.delivery.counts()).toMatchObject({ written: 9, waiting: 0, dropped: { rejected: 1 } });
  });

  test('a part that fails has the whole batch sent again', async () => {
    const all = await rig();
    let isDown = true;
    all.server.answer = (lines) => {
      if (lines.length > 5) return { kind: 'tooLarge', error: '413' };
      return isDown && lines.includes('m v=9i') ? DOWN : TAKEN;
    };
    add(all, 0, 10);
    await all.pass(0);
    expect(all.delivery.counts()).toMatchObject({ written: 0, waiting: 10 });
    isDown = false;
    await all.pass(1000);
    expect(new Set(all.got)).toEqual(new Set(range(0, 10)));
    expect(all.delivery.counts()).toMatchObject({ written: 10, waiting: 0 });
  });

  test('the end waits for what is under way, and delivers the rest', async () => {
    const all = await rig();
    add(all, 0, 7);
    await all.delivery.finish(5000);
    expect(all.got).toEqual(range(0, 7));
    expect(all.delivery.counts()).toMatchObject({ written: 7, waiting: 0 });
  });

  test('a server that does not answer does not hold the end up', async () => {
    const all = await rig({ write: () => new Promise(() => {}) });
    add(all, 0, 10);
    await all.delivery.finish(50);
    expect(droppedIn(all) + (all.spool?.points ?? 0)).toBe(10);
  });
});

describe('memory', () => {
  test('is bounded: the oldest is dropped and counted', async () => {
    const all = await rigOf({ queueBytesMax: 1000 });
    all.server.answer = () => DOWN;
    add(all, 0, 500);
    await all.pass(0);
    const { waiting, dropped, queue } = all.delivery.counts();
    expect(waiting + dropped.queue_full).toBe(500);
    expect(queue.used).toBeLessThanOrEqual(1000);
    expect(all.said).toContain('points are dropped: too many wait in memory');
    all.server.answer = () => TAKEN;
    await all.pass(30_000);
    expect(all.got.at(-1)).toBe('m v=499i');
    expect(all.got).toHaveLength(waiting);
  });

  test('what it holds at the end is lost, counted and said', async () => {
    const all = await rigOf();
    all.server.answer = () => DOWN;
    add(all, 0, 25);
    await all.delivery.finish(1000);
    expect(all.delivery.counts().dropped.stopped).toBe(25);
    expect(all.said).toContain('points were not delivered and are lost');
  });
});

describe('the spool', () => {
  test('keeps over a restart what was not delivered', async () => {
    const directory = folder();
    const first = await rigOf({ directory });
    first.server.answer = () => DOWN;
    add(first, 0, 35);
    await first.delivery.finish(1000);
    expect(droppedIn(first)).toBe(0);
    expect(first.said).toContain('points stay in the spool until the next start');
    const second = await rigOf({ directory });
    expect(second.delivery.counts().waiting).toBe(35);
    add(second, 35, 45);
    await second.pass(1000);
    expect(second.got).toEqual(range(0, 45));
    expect(readdirSync(directory)).toEqual(['owner.json']);
  });

  test('that is full drops the oldest; every point is delivered or counted', async () => {
    const all = await rigOf({ directory: folder(), bytesMax: 4096 });
    all.server.answer = () => DOWN;
    for (let i = 0; i < 2000; i += 10) {
      add(all, i, i + 10);
      if (i % 200 === 0) await all.pass(0);
    }
    await all.pass(0);
    all.server.answer = () => TAKEN;
    await all.pass(30_000);
    const { written, dropped, waiting } = all.delivery.counts();
    expect(waiting).toBe(0);
    expect(dropped.spool_full).toBeGreaterThan(500);
    expect(written).toBeGreaterThan(300);
    expect(written + dropped.spool_full).toBe(2000);
    expect(all.got.at(-1)).toBe('m v=1999i');
  });

  test('on a disk that takes nothing: points are sent from memory, and from the disk when it takes them again', async () => {
    const directory = folder();
    const all = await rigOf({ directory });
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'in the way');
    all.server.answer = () => DOWN;
    add(all, 0, 30);
    await all.pass(1000);
    expect(all.delivery.counts()).toMatchObject({ waiting: 30, written: 0 });
    expect(all.delivery.counts().spoolFailures).toBeGreaterThan(0);
    expect(all.said).toContain('the spool takes nothing: points wait in memory');
    all.server.answer = () => TAKEN;
    await all.pass(1000);
    expect(new Set(all.got)).toEqual(new Set(range(0, 30)));
    rmSync(directory);
    mkdirSync(directory);
    add(all, 30, 40);
    await all.pass(60_000);
    await all.pass(1000);
    expect(new Set(all.got)).toEqual(new Set(range(0, 40)));
    expect(droppedIn(all)).toBe(0);
  });
});
