import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { remark } from './output.ts';

/** The text of a file that a user named. Throws `ConfigError`. */
export function textOfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    const text = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ConfigError(file, [{ line: 0, column: 0, path: '', text }], { cause });
  }
}

/** Says all that is wrong with a file, each problem on a line, and ends with exit status 2. */
export function wrongFile(command: Command, error: ConfigError): never {
  const lines = error.message.split('\n');
  for (const line of lines.slice(0, -1)) remark(line);
  return command.error(`error: ${lines.at(-1)}`, { exitCode: EXIT_USAGE });
}
