/** Reads whole captures into plain objects, for tests that compare. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type OpenOptions, openCapture } from '../../src/capture/open.ts';
import type { CaptureProblem, CaptureSource, InputDescription } from '../../src/capture/source.ts';

/** One packet, copied out of its batch. */
export interface CollectedPacket {
  hex: string;
  wire: number;
  timeUs: number;
  linkType: number;
  input: number;
  frame: number;
}

/** All that a source gave. */
export interface Collected {
  packets: CollectedPacket[];
  /** Packets in each batch. */
  batches: number[];
  inputs: readonly InputDescription[];
  problems: readonly CaptureProblem[];
}

/** Reads a source to its end and closes it. */
export function collect(source: CaptureSource): Collected {
  const packets: CollectedPacket[] = [];
  const batches: number[] = [];
  for (let batch = source.read(); batch !== null; batch = source.read()) {
    batches.push(batch.count);
    if (batch.view.buffer !== batch.bytes.buffer || batch.view.byteLength !== batch.bytes.byteLength) {
      throw new Error('view and bytes of a batch differ');
    }
    for (let index = 0; index < batch.count; index += 1) {
      const start = batch.offset[index]!;
      const end = start + batch.capturedLength[index]!;
      if (end > batch.bytes.length) throw new Error('a packet ends outside its batch');
      packets.push({
        hex: Buffer.from(batch.bytes.subarray(start, end)).toString('hex'),
        wire: batch.originalLength[index]!,
        timeUs: batch.timeUs[index]!,
        linkType: batch.linkType[index]!,
        input: batch.input[index]!,
        frame: batch.frame[index]!,
      });
    }
  }
  source.close();
  return { packets, batches, inputs: source.inputs, problems: source.problems };
}

/** A directory that goes away with the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'earshot-capture-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes `bytes` to a file of the directory and reads it as a capture. */
export function collectBytes(
  directory: string,
  bytes: Uint8Array,
  options: OpenOptions & { name?: string } = {},
): Collected {
  const path = join(directory, options.name ?? 'capture.pcap');
  writeFileSync(path, bytes);
  return collect(openCapture(path, { onKeyLog: () => {}, ...options }));
}
