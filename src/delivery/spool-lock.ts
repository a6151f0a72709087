import { readFileSync } from 'node:fs';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

const NAME = 'owner.json';

/** Who writes to a spool: two probes in one directory would send and delete each other's points. */
interface Owner {
  pid: number;
  /** When the process started, by the kernel's count: a number is given again one day. Null where nobody says. */
  started: string | null;
}

/**
 * Takes a directory for this process.
 *
 * @returns gives it back
 * @throws {Error} when another process that is alive has it
 */
export async function takeDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, NAME);
  const owner = ownerIn(await readFile(path, 'utf8').catch(() => ''));
  if (owner !== null && owner.pid !== process.pid && isAlive(owner)) {
    throw new Error(`it belongs to process ${owner.pid}; each probe needs a directory of its own`);
  }
  const own: Owner = { pid: process.pid, started: startOf(process.pid) };
  await writeFile(path, JSON.stringify(own), { mode: 0o640 });
  return () => unlink(path);
}

function ownerIn(text: string): Owner | null {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Owner>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
    return { pid, started: typeof started === 'string' ? started : null };
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  const now = startOf(pid);
  if (started !== null && process.platform === 'linux') return now === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat; what stands before may hold spaces and brackets. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
