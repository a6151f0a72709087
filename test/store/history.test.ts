import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { History } from '../../src/store/history.ts';
import { linesOf, recordIn } from '../../src/store/json-lines.ts';
import { segmentsIn } from '../../src/store/segment.ts';
import { SegmentFiles } from '../../src/store/segment-files.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 2, 2);
const ALL = { keepMs: 48 * HOUR_MS, maxBytes: 1 << 30, intervals: true };

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-history-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

const call = (n: number) => ({ type: 'call', callId: `call-${n}\n"x"@example.com` });
function recordsIn(directory: string): unknown[] {
  return segmentsIn(directory, 'ndjson').flatMap(({ path }) => [...linesOf(path)].map(recordIn));
}

describe('the history', () => {
  test('is what was told, in order, in a file for each part of the time', async () => {
    const directory = folder();
    const history = new History(ALL, new SegmentFiles(directory, ALL.maxBytes, 'ndjson'));
    for (let hour = 0; hour < 5; hour++) {
      history.records([call(2 * hour), call(2 * hour + 1)], START_MS + hour * HOUR_MS);
      history.tick(START_MS + hour * HOUR_MS);
    }
    await history.close(START_MS + 5 * HOUR_MS);
    expect(recordsIn(directory)).toEqual(Array.from({ length: 10 }, (_, n) => call(n)));
    expect(readdirSync(directory).sort()).toHaveLength(5);
    expect(history.status()).toMatchObject({ files: 5, records: 10, lost: 0, problem: null });
  });

  test('loses its oldest files to time and to size', async () => {
    const directory = folder();
    const files = new SegmentFiles(directory, 2000, 'ndjson');
    const history = new History({ ...ALL, keepMs: 10 * HOUR_MS }, files);
    for (let hour = 0; hour < 30; hour++) {
      history.records([call(hour)], START_MS + hour * HOUR_MS);
      history.tick(START_MS + hour * HOUR_MS);
      await files.idle();
    }
    await history.close(START_MS + 30 * HOUR_MS);
    const kept = recordsIn(directory) as ReturnType<typeof call>[];
    expect(kept.at(-1)).toEqual(call(29));
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(12);
    const small = new SegmentFiles(directory, 200, 'ndjson');
    small.expire(0);
    await small.close();
    expect(small.extent.bytes).toBeLessThanOrEqual(200);
  });

  test('leaves out intervals unless they are wanted', async () => {
    const directory = folder();
    const files = new SegmentFiles(directory, ALL.maxBytes, 'ndjson');
    const history = new History({ ...ALL, intervals: false }, files);
    history.records([{ type: 'interval' }, call(1)], START_MS);
    await history.close(START_MS);
    expect(recordsIn(directory)).toEqual([call(1)]);
  });

  /** A history that has lost one record, because its directory is gone. */
  async function withLoss(): Promise<{ directory: string; files: SegmentFiles; history: History }> {
    const directory = folder();
    const files = new SegmentFiles(directory, ALL.maxBytes, 'ndjson');
    const history = new History(ALL, files);
    rmSync(directory, { recursive: true });
    history.records([call(1)], START_MS);
    history.tick(START_MS);
    await files.idle();
    return { directory, files, history };
  }

  test('counts what the disk does not take, and goes on', async () => {
    const { history } = await withLoss();
    expect(history.takeLosses()).toEqual({ lost: 1, problem: 'ENOENT', unheld: null });
    expect(history.takeLosses().lost).toBe(0);
  });

  test('says why the disk did not take it, also where it takes what comes next', async () => {
    const { directory, files, history } = await withLoss();
    mkdirSync(directory);
    history.records([call(2)], START_MS + 120_000);
    history.tick(START_MS + 120_000);
    await files.idle();
    expect(history.status()).toMatchObject({ records: 1, lost: 1, problem: null });
    expect(history.takeLosses()).toEqual({ lost: 1, problem: 'ENOENT', unheld: null });
    await history.close(START_MS + 120_000);
  });

  test('keeps no more than 16 MiB waiting', () => {
    const files = {
      extent: { files: 0, bytes: 0, oldestUs: null },
      problem: null,
      begin: () => {},
      append: () => {},
      expire: () => {},
    } as unknown as SegmentFiles;
    const history = new History(ALL, files);
    const big = { type: 'call', text: 'x'.repeat(1 << 20) };
    for (let i = 0; i < 20; i++) history.records([big], START_MS);
    expect(history.status().lost).toBe(5);
  });
});

test('a line cut short, or that is none, holds no record', () => {
  for (const line of ['', '{"type":"ca', '[]', '5', 'null', '{"kind":1}', '{"type":5}']) {
    expect(recordIn(line)).toBeNull();
  }
  const directory = folder();
  const file = join(directory, 'x');
  expect(() => [...linesOf(file)]).toThrow(/ENOENT/);
  expect(readFileSync(import.meta.filename, 'utf8').split('\n').length).toBe(
    [...linesOf(import.meta.filename)].length + 1,
  );
});
