import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { build, ROOT } from './earshot.ts';

beforeAll(build, 120_000);

/** Niceness of each thread of a process, as Linux has it (proc(5), the 19th field of stat). */
function nicenessOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((task) => {
    const stat = readFileSync(`${tasks}/${task}/stat`, 'utf8');
    // The name before it may have spaces in it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

// Only Linux has a niceness for each thread, and there is none above 19.
test.skipIf(process.platform !== 'linux' || getPriority() === 19)(
  'the thread that measures gives way, and no other',
  async () => {
    const own = getPriority();
    // Standard input stays open, so that the replay waits.
    const replay = spawn(process.execPath, ['bin/earshot.js', 'replay', '--threads', '1', '-'], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    try {
      const changed = (): number[] => nicenessOf(replay.pid!).filter((niceness) => niceness !== own);
      await expect.poll(changed, { timeout: 20_000 }).toEqual([Math.min(19, own + 10)]);
    } finally {
      replay.kill();
    }
  },
);
