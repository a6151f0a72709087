import { type Command, InvalidArgumentError } from 'commander';
import type { ReportSettings } from './report-places.ts';

/** Where a capture was taken: what a reader of several reports tells them apart by. */
export interface PointOptions {
  point?: string;
  config?: string;
}

/** Adds `--point`. */
export function addPointOption(command: Command): Command {
  return command.option('--point <name>', 'where this was captured; probe.name of --config if absent', name);
}

function name(text: string): string {
  if (!/^(?=.*\S)[^\p{C}]{1,64}$/u.test(text))
    throw new InvalidArgumentError('expected up to 64 printable characters.');
  return text.trim();
}

/** The name of the point; null where none is given. A configuration that is merely found names another machine's probe. */
export function pointOf({ point, config }: PointOptions, settings: ReportSettings | null): string | null {
  return point ?? (config === undefined ? null : (settings?.point ?? null));
}
