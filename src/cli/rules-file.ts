import { type CheckedRules, readRules } from '../alerts/read-rules.ts';
import { ConfigError } from '../config/problem.ts';
import type { Environment } from '../config/read.ts';
import { textOfFile } from './named-file.ts';

/** Rules that may be used. */
export type LoadedRules = Extract<CheckedRules, { ok: true }>;

/** Reads a file of rules. Throws `ConfigError` when it cannot be read or is wrong. */
export function loadRules(file: string, environment: Environment): LoadedRules {
  const checked = readRules(textOfFile(file), environment);
  if (!checked.ok) throw new ConfigError(file, checked.problems);
  return checked;
}
