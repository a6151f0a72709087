import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openCapture, openCaptures } from '../../src/capture/open.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { PacketBatch } from '../../src/packet/batch.ts';
import type { FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { PacketRing, type PacketRingOptions } from '../../src/store/packet-ring.ts';
import { SegmentFiles, StoreError } from '../../src/store/segment-files.ts';
import { batchesOf } from '../batches.ts';

const DEMO = 'test/pcaps/demo.pcap';
const MINUTE_US = 60_000_000;
const BIG: PacketRingOptions = { keepUs: 60 * MINUTE_US, maxBytes: 1 << 30 };

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-keep-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

const ringIn = (directory: string, options = BIG): PacketRing =>
  new PacketRing(options, new SegmentFiles(directory, options.maxBytes, 'pcapng'));
const filesIn = (directory: string): string[] =>
  readdirSync(directory)
    .sort()
    .map((name) => join(directory, name));

/** Streams and findings of what a source reads; what needs to hear them left out. */
function measured(source: CaptureSource) {
  const streams: StreamRecord[] = [];
  const findings: FindingRecord[] = [];
  const sink = {
    stream: (record: StreamRecord) => streams.push(record),
    call: () => {},
    finding: (record: FindingRecord) => findings.push(record),
  };
  const engine = new Engine(sink, { rtp: { peek: false } });
  for (let batch = source.read(); batch !== null; batch = source.read()) engine.ingest(batch);
  engine.finish();
  source.close();
  return { streams, codes: findings.map(({ code, callId }) => `${code} ${callId}`), engine };
}

const figures = ({ packets, octets, lost, jitterMs, ipdvMs, codec, callId }: StreamRecord) => {
  return { packets, octets, lost, jitterMs, ipdvMs, codec, callId };
};

function keepFile(ring: PacketRing, path: string): void {
  const source = openCapture(path);
  for (let batch = source.read(); batch !== null; batch = source.read()) ring.take(batch);
  source.close();
}

describe('the packets that are kept', () => {
  test('give the same calls, streams and findings, and hold nothing that was said', async () => {
    const directory = folder();
    const ring = ringIn(directory);
    keepFile(ring, DEMO);
    await ring.close();
    const original = measured(openCapture(DEMO));
    const again = measured(openCaptures(filesIn(directory)));
    expect(again.streams).toHaveLength(original.streams.length);
    expect(again.streams.map(figures)).toEqual(original.streams.map(figures));
    expect(again.codes).toEqual(original.codes);
    expect(again.engine.account().decoded).toMatchObject({
      sip: original.engine.account().decoded.sip,
      rtp: original.engine.account().decoded.rtp,
      rtcp: original.engine.account().decoded.rtcp,
    });
    const { packets, leftOut, lost } = ring.status();
    expect({ all: packets + leftOut, lost }).toEqual({ all: original.engine.account().packets, lost: 0 });
    const octets = filesIn(directory).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(octets).toBe(ring.status().bytes);
    expect(octets).toBeLessThan(statSync(DEMO).size * 0.6);
  });

  test('say when packets were lost before they could be kept, in the file of that time or the next', async () => {
    const directory = folder();
    const ring = ringIn(directory);
    const [batch] = batchesOf(readFileSync(DEMO), 1000) as [PacketBatch];
    const startUs = Math.round(batch.timeUs[0]!);
    ring.noteDrops(startUs - 2e6, startUs - 1e6, 7, 900);
    ring.take(batch);
    ring.noteDrops(startUs + 1e6, startUs + 2e6, 40, 1200);
    for (let i = 0; i < batch.count; i++) batch.timeUs[i]! += 2 * MINUTE_US;
    ring.take(batch);
    ring.noteDrops(startUs + 2 * MINUTE_US, startUs + 2 * MINUTE_US + 1e6, 5, 30);
    await ring.close();
    const files = filesIn(directory).map((path) => {
      const moments: number[][] = [];
      const source = openCapture(path);
      while (source.read() !== null);
      source.takeDrops((fromUs, toUs, ...rest) =>
        moments.push([(fromUs - startUs) / 1e6, (toUs - startUs) / 1e6, rest[0], rest[1]]),
      );
      source.close();
      const { dropped, delivered } = source.inputs[0]!;
      return { moments, dropped, delivered, problems: source.problems };
    });
    expect(files).toEqual([
      {
        ...{ dropped: 47, delivered: 2100, problems: [] },
        moments: [
          [-2, -1, 7, 900],
          [1, 2, 40, 1200],
        ],
      },
      { dropped: 5, delivered: 30, problems: [], moments: [[120, 121, 5, 30]] },
    ]);
  });

  test('are those of the last minutes: files that are older go, by time and by size', async () => {
    const directory = folder();
    const recorder = new SegmentFiles(directory, BIG.maxBytes, 'pcapng');
    const ring = new PacketRing({ ...BIG, keepUs: 2 * MINUTE_US }, recorder);
    const [batch] = batchesOf(readFileSync(DEMO), 1000) as [PacketBatch];
    const startUs = batch.timeUs[0]!;
    for (let minute = 0; minute < 10; minute++) {
      for (let i = 0; i < batch.count; i++) batch.timeUs[i] = startUs + minute * MINUTE_US + i;
      ring.take(batch);
      ring.tick(startUs + minute * MINUTE_US + 1e6);
      await recorder.idle();
    }
    await ring.close();
    const { files, oldestUs, lost } = ring.status();
    expect({ files, lost }).toEqual({ files: 3, lost: 0 });
    expect(Math.abs(oldestUs! - (startUs + 7 * MINUTE_US))).toBeLessThan(2000);
    expect(readdirSync(directory)).toHaveLength(3);

    const small = ringIn(directory, { keepUs: 600 * MINUTE_US, maxBytes: 100_000 });
    small.tick(startUs);
    await small.close();
    expect(small.status().files).toBeLessThan(3);
  });

  test('survive a restart: files of the run before are found again, other files are left alone', async () => {
    const directory = folder();
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    const first = ringIn(directory);
    keepFile(first, DEMO);
    await first.close();
    const second = ringIn(directory);
    expect(second.status()).toMatchObject({ files: 1, bytes: first.status().bytes });
    keepFile(second, DEMO);
    await second.close();
    // The same instant again: another name.
    expect(readdirSync(directory)).toHaveLength(3);
    second.tick(Number.MAX_SAFE_INTEGER);
    await second.close();
    expect(readdirSync(directory)).toContain('notes.txt');
  });

  test('of several inputs and link types tell them apart', async () => {
    const directory = folder();
    const ring = ringIn(directory);
    const [batch] = batchesOf(readFileSync(DEMO), 400) as [PacketBatch];
    for (let i = 0; i < batch.count; i++) batch.input[i] = i % 3;
    ring.take(batch);
    await ring.close();
    const source = openCaptures(filesIn(directory));
    let packets = 0;
    for (let read = source.read(); read !== null; read = source.read()) packets += read.count;
    expect(packets).toBe(ring.status().packets);
    expect(source.problems).toEqual([]);
    expect(source.inputs[0]!.linkTypes).toEqual([1]);
    source.close();
  });
});

describe('a disk that does not take them', () => {
  test('costs packets here, counted, and is tried again', async () => {
    const directory = folder();
    const ring = ringIn(directory);
    const [batch] = batchesOf(readFileSync(DEMO), 400) as [PacketBatch];
    rmSync(directory, { recursive: true });
    ring.take(batch);
    await ring.close();
    const { packets, lost, leftOut, problem } = ring.status();
    expect({ packets, all: lost + leftOut, problem }).toEqual({ packets: 0, all: 400, problem: 'ENOENT' });
    mkdirSync(directory);
    const later = batch.timeUs.map((timeUs) => timeUs + 10_000_000);
    batch.timeUs.set(later);
    ring.take(batch);
    batch.timeUs.set(later.map((timeUs) => timeUs + 10_000_000));
    ring.take(batch);
    await ring.close();
    expect(ring.status().packets).toBeGreaterThan(0);
    expect(ring.status().problem).toBeNull();
    expect(measured(openCaptures(filesIn(directory))).engine.account().packets).toBe(ring.status().packets);
  });

  test('or stands still keeps no more than so many packets waiting', async () => {
    const waiting: (() => void)[] = [];
    const files = {
      extent: { files: 0, bytes: 0, oldestUs: null },
      problem: null,
      begin: () => {},
      append: (_: Uint8Array, done: (written: boolean) => void) => waiting.push(() => done(true)),
      expire: () => {},
      close: async () => {},
    } as unknown as SegmentFiles;
    const ring = new PacketRing(BIG, files);
    const batches = batchesOf(readFileSync(DEMO), 1000);
    for (let i = 0; i < 400; i++) for (const batch of batches) ring.take(batch);
    expect(waiting).toHaveLength(64);
    const { lost } = ring.status();
    expect(lost).toBeGreaterThan(0);
    for (const done of waiting.splice(0)) done();
    ring.take(batches[0]!);
    expect(ring.status().lost).toBe(lost);
  });

  test('or is no directory is said at once', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => ringIn(file)).toThrow(StoreError);
    expect(() => ringIn(file)).toThrow(/cannot be written to \(EEXIST\)/);
  });
});
