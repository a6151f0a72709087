import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaneData } from '../../src/cli/lane-threads.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { LaneShare } from '../../src/rtp/lanes/lane-memory.ts';
import { BEGUN, LaneQueue, RETURNED } from '../../src/rtp/lanes/lane-memory.ts';
import { writeLoad } from '../../src/synth/load.ts';
import { batchesOf } from '../batches.ts';
import { build, DEMO, earshot, ROOT, shell } from './earshot.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-threads-'));
const load = join(folder, 'load.pcap');
beforeAll(() => {
  build();
  writeLoad({ calls: 80, durationS: 20 }, load);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('threads that measure', () => {
  test.each([DEMO, load])('replay of %s says the same with none, one and three', (file) => {
    const alone = earshot(['replay', file, '--json', '--threads', '0']);
    expect(alone.code).toBe(0);
    for (const threads of ['1', '3']) {
      const { code, stdout } = earshot(['replay', file, '--json', '--threads', threads]);
      expect(code).toBe(0);
      expect(stdout === alone.stdout).toBe(true);
    }
  });

  test('live tells the same calls and streams with none and two', () => {
    const told = (threads: number): string[] => {
      const { code, stdout } = shell(
        `cat ${load} | earshot live --engine pipe --json --threads ${threads} --log-level error`,
      );
      expect(code).toBe(0);
      const lines = stdout.split('\n').filter((line) => /^\{"type":"(?:call|stream)"/.test(line));
      return lines.sort();
    };
    const alone = told(0);
    expect(alone.length).toBe(80 + 160);
    expect(told(2)).toEqual(alone);
  });

  test('they do have a part in it', () => {
    const shares: LaneShare[] = [];
    const lanes = {
      count: 1,
      start: (share: LaneShare): void => {
        shares.push(share);
        new Worker(join(ROOT, 'dist/cli/lane-worker.js'), {
          workerData: { share, givesWay: false } satisfies LaneData,
        }).unref();
      },
    };
    const engine = new Engine({ stream: () => {}, call: () => {}, finding: () => {} }, { rtp: { lanes } });
    for (const batch of batchesOf(readFileSync(load), 1000)) engine.ingest(batch);
    engine.finish();
    const { control, runs } = new LaneQueue(shares[0]!.queue);
    // Pieces come back from a thread that has measured up to the end of an interval.
    expect(control[RETURNED]).toBeGreaterThan(10);
    expect(runs.states.filter((state) => state === BEGUN).length).toBeGreaterThan(100);
  });

  test.each(['x', '-1', '17', '1.5'])('--threads %s is wrong usage', (threads) => {
    const { code, stderr } = earshot(['replay', DEMO, `--threads=${threads}`]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^earshot: option '--threads <n>' argument .* expected a number from 0 to 16\.\n$/,
    );
  });
});
