import { InvalidArgumentError } from 'commander';
import { DSCP_PATTERN } from '../records/dscp.ts';

/** Markings by kind of traffic, as they are named. */
export interface NamedMarking {
  voice?: string[];
  signalling?: string[];
}

/**
 * Takes one `--marking voice=EF,VA` or `--marking signalling=CS3` beside those before it; nothing after the = for none.
 * Throws `InvalidArgumentError` for anything else.
 */
export function marking(text: string, known: NamedMarking): NamedMarking {
  const parts = /^(voice|signalling)=(.*)$/.exec(text);
  if (parts === null)
    throw new InvalidArgumentError('expected voice= or signalling=, and markings: voice=EF,VA.');
  const names = parts[2] === '' ? [] : parts[2]!.split(',');
  const wrong = names.find((name) => !DSCP_PATTERN.test(name));
  if (wrong !== undefined)
    throw new InvalidArgumentError(
      `"${wrong}" is no marking; expected EF, VA, LE, CS1 to CS7, AF11 to AF43, or 0 to 63.`,
    );
  return { ...known, [parts[1]!]: names };
}
