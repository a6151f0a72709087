import { readFileSync } from 'node:fs';

/** What the kernel says in a file of /proc or /sys, without the line's end; `null` where there is no such file. */
export function systemText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
