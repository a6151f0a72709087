import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import type { Batch } from '../../src/delivery/batch.ts';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A directory that is there until the test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-spool-'));
  made.push(path);
  return path;
}

/** A batch of so many lines that begin with a text. */
export function batchOf(text: string, points = 1): Batch {
  const lines = Array.from({ length: points }, (_, i) => `${text} v=${i}i ${i}\n`).join('');
  return { points, body: Buffer.from(gzipSync(lines)) };
}
