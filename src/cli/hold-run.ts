import { userInfo } from 'node:os';
import process from 'node:process';
import type { Command } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { StoreError } from '../store/segment-files.ts';
import { EXIT_FAILED } from './exit-codes.ts';

/** Does what a command is for; what files refuse is an end with one line. */
export async function orError(command: Command, run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isOfFiles(error)) throw error;
    command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
  }
}

function isOfFiles(error: unknown): error is Error {
  if (error instanceof StoreError || error instanceof CaptureError) return true;
  return error instanceof Error && 'syscall' in error;
}

/** Who runs this, as the machine knows it; root by the name behind sudo. */
export function userName(): string {
  const behind = process.env.SUDO_USER ?? '';
  if (behind !== '') return behind;
  try {
    return userInfo().username;
  } catch {
    // In a container nobody may have given the number a name.
    return `user ${process.getuid?.() ?? 'without a name'}`;
  }
}
