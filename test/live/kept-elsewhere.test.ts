import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Measuring } from '../../src/live/measuring.ts';
import { Outbox } from '../../src/live/outbox.ts';
import { PacketRing } from '../../src/store/packet-ring.ts';
import { SegmentFiles } from '../../src/store/segment-files.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { batchesOf } from '../batches.ts';
import { FakeSource } from './fake-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-kept-elsewhere-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_US = 86_400e6;

/** Files that are left of a call of a minute, stamped by a clock that is a day off. */
async function filesOf(name: string, keepUs: number, maxBytes: number): Promise<number> {
  const directory = join(folder, name);
  const files = new SegmentFiles(directory, maxBytes, 'pcapng');
  const ring = new PacketRing({ keepUs, maxBytes }, files);
  const source = new FakeSource();
  let nowMs = 1000;
  let startUs = Number.NaN;
  const measuring = new Measuring({
    ...{ sources: [source], engine: {}, outbox: new Outbox(() => {}, { count: () => 0 }), ring },
    nowMs: () => nowMs,
    wallUs: () => startUs + DAY_US + nowMs * 1000,
    lags: () => ({ measuring: 0, serving: 0 }),
    ...{ packetsMax: null, intervals: false, notice: () => {}, closed: () => {} },
  });
  measuring.start();
  for (const batch of batchesOf(buildScenario({ calls: [{ durationMs: 60_000 }] }).pcap, 10)) {
    if (Number.isNaN(startUs)) startUs = batch.timeUs[0]!;
    source.push(batch);
    nowMs = 1000 + (batch.timeUs[0]! - startUs) / 1000;
    measuring.tick();
    await files.idle();
  }
  const left = readdirSync(directory).length;
  await measuring.stop();
  await ring.close();
  return left;
}

test('what a machine with another clock sends is kept no longer than asked, and takes no more room', async () => {
  expect(await filesOf('time', 10e6, 1 << 30)).toBeLessThanOrEqual(4);
  expect(await filesOf('room', 3600e6, 200_000)).toBeLessThanOrEqual(21);
  expect(await filesOf('all', 100e6, 1 << 30)).toBeGreaterThan(10);
});
