import '../property-seed.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { HEAD_BYTES, segmentBytes } from '../../src/delivery/segment.ts';
import { Spool, SpoolError } from '../../src/delivery/spool.ts';
import { batchOf, folder } from './folder.ts';

interface Lost {
  reason: string;
  points: number;
}

const spools: Spool[] = [];

afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close().catch(() => {});
});

async function opened(directory: string, bytesMax = 1 << 20): Promise<{ spool: Spool; lost: Lost[] }> {
  const lost: Lost[] = [];
  const spool = await Spool.open({
    directory,
    bytesMax,
    lost: (reason, points) => lost.push({ reason, points }),
  });
  spools.push(spool);
  return { spool, lost };
}

/** Takes everything out: the first word of each batch. */
async function drained(spool: Spool): Promise<string[]> {
  const found: string[] = [];
  for (let batch = await spool.first(); batch !== null; batch = await spool.first()) {
    found.push(gunzipSync(batch.body).toString('utf8').split(' ', 1)[0]!);
    await spool.done(batch);
  }
  return found;
}

const segmentsIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name !== 'owner.json')
    .sort();

describe('the spool', () => {
  test('gives back what it got, in order, and leaves nothing on the disk', async () => {
    const directory = folder();
    const { spool, lost } = await opened(directory);
    for (const name of ['a', 'b', 'c']) await spool.append(batchOf(name, 3));
    expect(spool.points).toBe(9);
    expect(spool.bytes).toBeGreaterThan(0);
    expect(await drained(spool)).toEqual(['a', 'b', 'c']);
    expect({ points: spool.points, bytes: spool.bytes, isEmpty: spool.isEmpty }).toEqual({
      ...{ points: 0, bytes: 0, isEmpty: true },
    });
    expect(segmentsIn(directory)).toEqual([]);
    expect(lost).toEqual([]);
  });

  test('a batch that failed is the first again', async () => {
    const { spool } = await opened(folder());
    await spool.append(batchOf('a'));
    await spool.append(batchOf('b'));
    await spool.failed((await spool.first())!);
    expect(await drained(spool)).toEqual(['a', 'b']);
  });

  test('a restart goes on where it was, behind what is delivered at most one file', async () => {
    const directory = folder();
    const first = await opened(directory);
    for (const name of ['a', 'b', 'c']) await first.spool.append(batchOf(name));
    await first.spool.done((await first.spool.first())!);
    await first.spool.close();
    const second = await opened(directory);
    expect(second.spool.points).toBe(3);
    await second.spool.append(batchOf('d'));
    expect(segmentsIn(directory)).toHaveLength(2);
    expect(await drained(second.spool)).toEqual(['a', 'b', 'c', 'd']);
    expect(second.lost).toEqual([]);
  });

  test('beyond its limit the oldest segments make room, and are counted', async () => {
    const directory = folder();
    const { spool, lost } = await opened(directory, 16_384);
    const size = segmentBytes(batchOf('00', 10)).length;
    const batches = Math.ceil(16_384 / size) * 3;
    for (let i = 0; i < batches; i++) {
      await spool.append(batchOf(String(i).padStart(2, '0'), 10));
      expect(spool.bytes).toBeLessThanOrEqual(16_384);
    }
    const dropped = lost.reduce((sum, { points }) => sum + points, 0);
    expect(lost.every(({ reason }) => reason === 'spool_full')).toBe(true);
    const left = await drained(spool);
    expect(dropped + left.length * 10).toBe(batches * 10);
    expect(left.length).toBeGreaterThan((batches / 3) * 0.8);
    expect(left.at(-1)).toBe(String(batches - 1).padStart(2, '0'));
  });

  test('what is on its way when its segment makes room is lost only if it fails', async () => {
    const { spool, lost } = await opened(folder(), 4096);
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 150; i++) await spool.append(batchOf(`x${i}`));
    };
    await spool.append(batchOf('a', 7));
    const onItsWay = (await spool.first())!;
    await fill();
    const before = lost.reduce((sum, { points }) => sum + points, 0);
    await spool.failed(onItsWay);
    expect(lost.reduce((sum, { points }) => sum + points, 0)).toBe(before + 7);
    const another = (await spool.first())!;
    await fill();
    const counted = lost.length;
    await spool.done(another);
    expect(lost).toHaveLength(counted);
  });

  test('wherever the probe died while it wrote, every batch before is there', async () => {
    const names = ['a', 'b', 'c'];
    const sizes = names.map((name) => segmentBytes(batchOf(name, 2)).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    for (let cut = 0; cut <= total; cut++) {
      const directory = folder();
      const before = await opened(directory);
      for (const name of names) await before.spool.append(batchOf(name, 2));
      await before.spool.close();
      truncateSync(join(directory, segmentsIn(directory)[0]!), cut);
      const { spool, lost } = await opened(directory);
      let whole = 0;
      for (let end = sizes[0]!; end <= cut && whole < 3; end += sizes[whole]!) whole++;
      const begun = cut - sizes.slice(0, whole).reduce((sum, size) => sum + size, 0);
      // The head of a batch says how many points are lost with it.
      const told = begun === 0 ? [] : [{ reason: 'spool_damaged', points: begun >= HEAD_BYTES ? 2 : 0 }];
      expect(lost, `cut at ${cut}`).toEqual(told);
      await spool.append(batchOf('new'));
      expect(await drained(spool), `cut at ${cut}`).toEqual([...names.slice(0, whole), 'new']);
    }
  }, 60_000);

  test('whatever octets are changed, what comes out is what went in, and points are lost or found', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const directory = folder();
        const before = await opened(directory);
        for (const name of ['a', 'b', 'c', 'd']) await before.spool.append(batchOf(name, 2));
        await before.spool.close();
        const file = join(directory, segmentsIn(directory)[0]!);
        const bytes = readFileSync(file);
        bytes[place % bytes.length]! ^= change;
        writeFileSync(file, bytes);
        const { spool, lost } = await opened(directory);
        const found = await drained(spool);
        expect(['a', 'b', 'c', 'd'].filter((name) => found.includes(name))).toEqual(found);
        expect(found.length).toBeLessThan(4);
        expect(lost).toHaveLength(1);
        expect(spool.points).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('a restart finds thousands of small batches, and large ones between them', async () => {
    const directory = folder();
    const { spool } = await opened(directory, 64 << 20);
    const large = { points: 5, body: Buffer.alloc(200_000, 'x') };
    for (let i = 0; i < 3000; i++) await spool.append(i % 500 === 0 ? large : batchOf('a', 2));
    await spool.close();
    const again = await opened(directory, 64 << 20);
    expect(again.spool.points).toBe(6 * 5 + 2994 * 2);
    expect(again.spool.bytes).toBe(spool.bytes);
    expect(again.lost).toEqual([]);
  });

  test('a file that somebody deletes is counted, and nothing waits behind it', async () => {
    const directory = folder();
    const before = await opened(directory);
    await before.spool.append(batchOf('a', 3));
    await before.spool.close();
    const { spool, lost } = await opened(directory);
    await spool.append(batchOf('b'));
    rmSync(join(directory, '000000000001.spool'));
    expect(await drained(spool)).toEqual(['b']);
    expect(lost).toEqual([{ reason: 'spool_damaged', points: 3 }]);
  });

  test('a file that cannot be read is tried again a few times', async () => {
    const directory = folder();
    const { spool, lost } = await opened(directory);
    await spool.append(batchOf('a', 3));
    const file = join(directory, '000000000001.spool');
    renameSync(file, `${file}.away`);
    mkdirSync(file);
    for (let i = 0; i < 4; i++) await expect(spool.first()).rejects.toThrow(/EISDIR/);
    rmSync(file, { recursive: true });
    renameSync(`${file}.away`, file);
    expect(await drained(spool)).toEqual(['a']);
    expect(lost).toEqual([]);
  });

  test('files of others are left alone, and never written over', async () => {
    const directory = folder();
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    const { spool } = await opened(directory);
    writeFileSync(join(directory, '000000000001.spool'), 'taken');
    await expect(spool.append(batchOf('a'))).rejects.toThrow(/EEXIST/);
    await spool.append(batchOf('a'));
    expect(await drained(spool)).toEqual(['a']);
    expect(readFileSync(join(directory, '000000000001.spool'), 'utf8')).toBe('taken');
    expect(segmentsIn(directory)).toEqual(['000000000001.spool', 'notes.txt']);
  });

  test('two probes in one directory would send and delete the points of each other: the second is refused', async () => {
    const directory = folder();
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const started = (): string => readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(' ')[21]!;
    const linux = process.platform === 'linux';
    writeFileSync(
      join(directory, 'owner.json'),
      JSON.stringify({ pid: other.pid, started: linux ? started() : null }),
    );
    await expect(opened(directory)).rejects.toThrow(`it belongs to process ${other.pid}`);
    const over = once(other, 'exit');
    other.kill('SIGKILL');
    await over;
    await (await opened(directory)).spool.append(batchOf('a'));
  });

  test.each(['', 'x', '{}', '{"pid":-1}', '{"pid":1,"started":"0"}'])(
    'an owner that is gone or none keeps nobody out: %s',
    async (text) => {
      const directory = folder();
      writeFileSync(join(directory, 'owner.json'), text);
      const { spool } = await opened(directory);
      await spool.close();
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test('a directory that cannot be is said at once', async () => {
    const directory = join(folder(), 'file');
    writeFileSync(directory, '');
    await expect(opened(directory)).rejects.toThrow(SpoolError);
    await expect(opened(directory)).rejects.toThrow(/cannot be used: E/);
  });

  test('what cannot be written is not half in it', async () => {
    const directory = join(folder(), 'spool');
    const { spool } = await opened(directory);
    await spool.append(batchOf('a'));
    const taken = (await spool.first())!;
    await spool.done(taken);
    // A directory in the way of the next file.
    mkdirSync(join(directory, '000000000002.spool'));
    await expect(spool.append(batchOf('b'))).rejects.toThrow();
    expect(spool.points).toBe(0);
    await spool.append(batchOf('c'));
    expect(await drained(spool)).toEqual(['c']);
  });
});
