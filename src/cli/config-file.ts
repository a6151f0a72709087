import { existsSync, readFileSync } from 'node:fs';
import { type EarshotConfig, readEarshotConfig } from '../config/earshot-schema.ts';
import { ConfigError } from '../config/problem.ts';
import type { Environment } from '../config/read.ts';

/** Where a configuration is looked for when none is named. */
export const CONFIG_PLACES = ['earshot.yaml', '/etc/earshot/earshot.yaml'] as const;

/** A configuration and the file it came from; `null` when there is none and the defaults are in force. */
export interface LoadedConfig {
  file: string | null;
  config: EarshotConfig;
}

/**
 * Reads the configuration file named, or the first that is found, or takes the defaults.
 * Throws `ConfigError` when the file cannot be read or is wrong.
 */
export function loadConfig(named: string | undefined, environment: Environment): LoadedConfig {
  const file = named ?? CONFIG_PLACES.find((place) => existsSync(place)) ?? null;
  const checked = readEarshotConfig(file === null ? '' : textOf(file), environment);
  if (!checked.ok) throw new ConfigError(file ?? 'defaults', checked.problems);
  return { file, config: checked.config };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    const text = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ConfigError(file, [{ line: 0, column: 0, path: '', text }], { cause });
  }
}
