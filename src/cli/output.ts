import { writeSync } from 'node:fs';
import process from 'node:process';
import { neutralised } from '../report/wire-text.ts';

/** The reader of our output went away (`earshot ... | head`): not an error, there is just nobody left to tell. */
export class ReaderGone extends Error {}

const STANDARD_OUTPUT = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes text or octets to standard output, all of it, before returning: a report of any size goes out without piling up in
 * memory. Throws `ReaderGone` when the pipe is closed.
 */
export function writeOut(text: string | Uint8Array): void {
  let rest: Uint8Array = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STANDARD_OUTPUT, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') throw new ReaderGone('standard output was closed', { cause: error });
      if (code !== 'EAGAIN') throw error;
      // A non-blocking pipe whose reader is slow.
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

/**
 * Says something on standard error, in one line: what is wrong, or what somebody should know. Names of files and texts in
 * captures may be meant for the terminal; they are shown, not obeyed.
 */
export function remark(text: string): void {
  process.stderr.write(`earshot: ${neutralised(text)}\n`);
}
