import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openCaptures } from '../../src/capture/open.ts';
import { readAll } from '../../src/cli/read-captures.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { Measuring } from '../../src/live/measuring.ts';
import { Outbox } from '../../src/live/outbox.ts';
import type { CallRecord } from '../../src/records/types.ts';
import { PacketRing } from '../../src/store/packet-ring.ts';
import { SegmentFiles } from '../../src/store/segment-files.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { batchesOf } from '../batches.ts';
import { FakeSource } from './fake-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-kept-drops-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A probe that keeps packets, and drops half of them for a moment every 10 s. */
async function live(pcap: Uint8Array): Promise<LiveRecord[]> {
  const records: LiveRecord[] = [];
  const source = new FakeSource();
  const ring = new PacketRing(
    { keepUs: 3600e6, maxBytes: 1 << 30 },
    new SegmentFiles(folder, 1 << 30, 'pcapng'),
  );
  let nowMs = 1000;
  let startUs = Number.NaN;
  const measuring = new Measuring({
    sources: [source],
    engine: {},
    outbox: new Outbox((batch) => records.push(...batch), { count: () => records.length | 0 }),
    nowMs: () => nowMs,
    wallUs: () => startUs + (nowMs - 1000) * 1000,
    lags: () => ({ measuring: 0, serving: 0 }),
    packetsMax: null,
    intervals: false,
    ring,
    notice: () => {},
    closed: () => {},
  });
  measuring.start();
  for (const batch of batchesOf(pcap, 10)) {
    if (Number.isNaN(startUs)) startUs = batch.timeUs[0]!;
    const elapsedMs = (batch.timeUs[batch.count - 1]! - startUs) / 1000;
    for (; nowMs < 1000 + elapsedMs; nowMs += 100) measuring.tick();
    if (elapsedMs % 10_000 < 600) source.dropped = (source.dropped ?? 0) + 8;
    source.push(batch);
  }
  await measuring.stop();
  await ring.close();
  return records;
}

test('a replay of what a live probe kept knows when the probe dropped packets, as the probe did', async () => {
  const { pcap } = buildScenario({
    calls: [{ durationMs: 40_000 }],
    capture: { mirrorLoss: { everyMs: 10_000, forMs: 600, ratio: 0.5 } },
  });
  const told = (await live(pcap)).flatMap((record) => (record.type === 'call' ? [record] : []));
  const calls: CallRecord[] = [];
  const files = readdirSync(folder).sort();
  const source = openCaptures(files.map((name) => join(folder, name)));
  readAll(
    source,
    new Engine({ call: (call) => calls.push(call), stream: () => {}, finding: () => {} }),
    null,
  );
  source.close();
  const shown = ({ heldBack, findings }: Pick<CallRecord, 'heldBack' | 'findings'>) => ({
    held: heldBack.map(({ code, reason }) => `${code} ${reason}`),
    found: [...findings],
  });
  expect(told.length).toBe(1);
  expect(shown(told[0]!).held.length).toBeGreaterThan(0);
  expect(calls.map(shown)).toEqual(told.map(shown));
});
