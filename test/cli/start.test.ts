import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const start = fileURLToPath(new URL('../../bin/earshot', import.meta.url));
const program = fileURLToPath(new URL('../../bin/earshot.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'earshot-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder of programs that stand before those of the system. */
function programs(name: string, scripts: Record<string, string>): string {
  const place = mkdtempSync(join(folder, name));
  for (const [script, text] of Object.entries(scripts)) {
    writeFileSync(join(place, script), `#!/bin/sh\n${text}\n`);
    chmodSync(join(place, script), 0o755);
  }
  return place;
}

/** What is started with these arguments where there are so many processors; null for a system that does not say. */
function started(processors: number | null, args: readonly string[], command = start): string[] {
  const node = 'for each in "$@"; do echo "$each"; done';
  const nproc = processors === null ? 'exit 127' : `echo ${processors}`;
  const place = programs('bin-', { node, nproc });
  const { stdout } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${place}:${process.env.PATH}` },
  });
  return stdout.split('\n').slice(0, -1);
}

describe('bin/earshot', () => {
  test.each<[number | null, string[]]>([
    [1, ['--v8-pool-size=1']],
    [2, ['--v8-pool-size=1']],
    [3, []],
    [64, []],
    [null, []],
  ])('on %s processors', (processors, options) => {
    expect(started(processors, ['replay', 'a b.pcap', ''])).toEqual([
      ...options,
      program,
      'replay',
      'a b.pcap',
      '',
    ]);
  });

  test('finds the program through links', () => {
    symlinkSync(start, join(folder, 'direct'));
    symlinkSync('direct', join(folder, 'earshot'));
    expect(started(8, ['--version'], join(folder, 'earshot'))).toEqual([program, '--version']);
  });

  test('is one process whose exit status is that of the program', () => {
    const place = programs('own-', { node: 'echo $$; exit 3' });
    const result = spawnSync(start, [], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${place}:${process.env.PATH}` },
    });
    expect(result.status).toBe(3);
    expect(Number(result.stdout)).toBe(result.pid);
  });
});
