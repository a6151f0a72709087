import { existsSync } from 'node:fs';
import process from 'node:process';
import type { Command } from 'commander';
import { type EarshotConfig, readEarshotConfig } from '../config/earshot-schema.ts';
import { ConfigError } from '../config/problem.ts';
import type { Environment } from '../config/read.ts';
import { textOfFile, wrongFile } from './named-file.ts';

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
  const checked = readEarshotConfig(file === null ? '' : textOfFile(file), environment);
  if (!checked.ok) throw new ConfigError(file ?? 'defaults', checked.problems);
  return { file, config: checked.config };
}

/** The configuration; or each of its problems on a line, and exit status 2. */
export function configOrError(command: Command, named: string | undefined): LoadedConfig {
  try {
    return loadConfig(named, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return wrongFile(command, error);
  }
}
