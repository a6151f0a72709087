import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { LiveCaptureError, LiveSource } from '../../../src/capture/live/live-source.ts';
import { openPipeSource } from '../../../src/capture/live/pipe-source.ts';
import { buildScenario } from '../../../src/synth/build.ts';
import { batchesOf } from '../../batches.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-pipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { pcap } = buildScenario({ calls: [{ durationMs: 3000 }, { startMs: 300, durationMs: 2000 }] });
const all = batchesOf(pcap, 100_000)[0]!;
const stamps = Array.from(all.timeUs.subarray(0, all.count));

interface Run {
  source: LiveSource;
  times: number[];
  ended: Promise<LiveCaptureError | null>;
}

function run(source: LiveSource): Run {
  const times: number[] = [];
  const ended = new Promise<LiveCaptureError | null>((resolve) => {
    source.start((batch) => times.push(...batch.timeUs.subarray(0, batch.count)), resolve);
  });
  return { source, times, ended };
}

let pipes = 0;
/** A pipe between two descriptors of this process. */
function pipe(): { reader: number; writer: number } {
  const path = join(folder, `pipe-${pipes++}`);
  if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo failed');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Writes to a pipe in pieces, with time for the reader between them. The reader is this thread: nobody may block. */
async function feed(writer: number, bytes: Uint8Array, piece: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += written(writer, bytes.subarray(at, at + piece));
    await breath();
  }
  closeSync(writer);
}

/** How much of it a pipe took that may be full. */
function written(writer: number, bytes: Uint8Array): number {
  try {
    return writeSync(writer, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return 0;
  }
}

describe('a capture from a pipe', () => {
  test.each([40_000, 9_973])('is every packet once, whatever the pieces (%i octets)', async (piece) => {
    const { reader, writer } = pipe();
    const { source, times, ended } = run(openPipeSource({ descriptor: reader, input: 0 }));
    await feed(writer, pcap, piece);
    expect(await ended).toBeNull();
    expect(times).toEqual(stamps);
    expect(source.counters()).toMatchObject({ packets: stamps.length, dropped: null, up: null });
    expect([source.engine, source.name, source.stamps]).toEqual(['pipe', '-', 'kernel']);
  });

  test('delivers a packet when it is complete, not when the next one comes', async () => {
    const { reader, writer } = pipe();
    const { times, ended, source } = run(openPipeSource({ descriptor: reader, input: 0 }));
    const second = all.offset[1]! - 16;
    writeSync(writer, pcap.subarray(0, 7));
    await breath();
    writeSync(writer, pcap.subarray(7, second - 1));
    await breath();
    expect(times).toEqual([]);
    writeSync(writer, pcap.subarray(second - 1, second));
    while (times.length === 0) await breath();
    expect(times).toEqual([stamps[0]]);
    await source.stop();
    expect(await ended).toBeNull();
    closeSync(writer);
  });

  test('that is cut within a packet ends like any other', async () => {
    const { reader, writer } = pipe();
    const { times, ended, source } = run(openPipeSource({ descriptor: reader, input: 0 }));
    await feed(writer, pcap.subarray(0, 50_001), 25_000);
    expect(await ended).toBeNull();
    expect(times.length).toBeGreaterThan(100);
    expect(times).toEqual(stamps.slice(0, times.length));
    expect(source.details?.()).toEqual({ problems: 1 });
  });

  test('may be a file', async () => {
    const path = join(folder, 'capture.pcap');
    writeFileSync(path, pcap);
    const { times, ended } = run(openPipeSource({ descriptor: openSync(path, 'r'), input: 0 }));
    expect(await ended).toBeNull();
    expect(times).toEqual(stamps);
  });

  test('may be a device that brings nothing, as where a service has no input', async () => {
    const { ended } = run(openPipeSource({ descriptor: openSync('/dev/null', 'r'), input: 0 }));
    expect((await ended)?.message).toMatch(/ended before it brought a capture/);
  });

  test.each([
    ['nothing', new Uint8Array(0), /ended before it brought a capture/],
    ['text', Buffer.from('tcpdump: permission denied'), /not a capture file/],
    ['a compressed capture', gzipSync(pcap), /gzip-compressed; decompress it before the pipe/],
  ])('that brings %s is an error that says what to do', async (_, bytes, message) => {
    const { reader, writer } = pipe();
    const { times, ended } = run(openPipeSource({ descriptor: reader, input: 0 }));
    await feed(writer, bytes, 60_000);
    const reason = await ended;
    expect(reason?.message).toMatch(message);
    expect(times).toEqual([]);
  });
});
