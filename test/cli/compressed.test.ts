import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 60_000);
afterAll(() => folder.remove());

const demo = readFileSync(join(ROOT, DEMO));
const packed = gzipSync(demo);

/** A JSON report without the name of its file. */
function report(stdout: string): unknown {
  const parsed = JSON.parse(stdout) as { capture: { files: { path?: string }[] } };
  for (const file of parsed.capture.files) delete file.path;
  return parsed;
}

describe('compressed captures on the command line', () => {
  const plain = report(earshot(['replay', DEMO, '--json']).stdout);

  test('a file of any name', () => {
    const { code, stdout, stderr } = earshot(['replay', folder.write('demo.old', packed), '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(report(stdout)).toEqual(plain);
  });

  test('standard input', () => {
    const { code, stdout, stderr } = earshot(['replay', '-', '--json'], { input: packed });
    expect([code, stderr]).toEqual([0, '']);
    expect(report(stdout)).toEqual(plain);
  });

  test('a cut file: what was read is reported, one line says what happened, and the run failed', () => {
    const path = folder.write('cut.gz', packed.subarray(0, packed.length / 2));
    const { code, stdout, stderr } = earshot(['replay', path, '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^earshot: [^\n]*cut\.gz: the gzip data end in the middle; the \d+ packets before it were read\n$/,
    );
    const { capture, streams } = JSON.parse(stdout);
    expect(capture.packets).toBeGreaterThan(3000);
    expect(streams.length).toBeGreaterThan(5);
    expect(capture.trust.reasons).toMatchObject([{ code: 'capture_truncated' }]);
  });
});
