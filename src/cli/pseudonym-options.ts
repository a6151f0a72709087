import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { CaptureError, unreadable } from '../capture/errors.ts';
import { Pseudonyms } from '../privacy/pseudonyms.ts';
import type { ReportPrivacy } from '../report/contract.ts';
import { EXIT_USAGE } from './exit-codes.ts';

export interface PseudonymOptions {
  /** `true` for names and numbers only. */
  pseudonymise?: true | 'addresses';
  pseudonymKeyFile?: string;
}

/** Shorter keys can be tried out. */
const KEY_LENGTH_MIN = 16;
const KEY_VARIABLE = 'EARSHOT_PSEUDONYM_KEY';

/** Adds the options that replace names. */
export function addPseudonymOptions(command: Command): Command {
  return command
    .option(
      '--pseudonymise [what]',
      'replace numbers and names by pseudonyms; =addresses: IP addresses and host names, too (docs/privacy.md)',
      whatOf,
    )
    .option(
      '--pseudonym-key-file <file>',
      `the key that pseudonyms are made with, or ${KEY_VARIABLE}; another one in every run otherwise`,
    )
    .hook('preAction', (_, action) => {
      const options: PseudonymOptions = action.opts();
      // The configuration of a live probe may ask for pseudonyms, too; a history may have some to look for.
      const isSought = action.name() === 'calls' && action.opts().party !== undefined;
      if (action.name() !== 'live' && !isSought)
        settlePseudonyms(action, options, options.pseudonymise !== undefined);
    });
}

/** Ends with exit status 2 where a key is given and nothing is hidden: whoever gives one believes that names are. */
export function settlePseudonyms(command: Command, options: PseudonymOptions, isHiding: boolean): void {
  if (options.pseudonymKeyFile === undefined || isHiding) return;
  const text = '--pseudonym-key-file alone hides nothing; give --pseudonymise, too';
  command.error(`error: ${text}`, { exitCode: EXIT_USAGE });
}

function whatOf(text: string): 'addresses' {
  if (text !== 'addresses')
    throw new InvalidArgumentError(
      'it takes "addresses" or nothing; give --pseudonymise after the files, or before another option.',
    );
  return 'addresses';
}

/** Pseudonyms, and whether the same are given in another run. */
export interface ChosenPseudonyms {
  names: Pseudonyms;
  isLasting: boolean;
}

/**
 * What the options ask for; null for no pseudonyms.
 *
 * @param forgets for a run without end
 * @throws {CaptureError} when there is no usable key in the file
 */
export function pseudonymsOf(
  options: PseudonymOptions,
  env: NodeJS.ProcessEnv,
  { forgets = false } = {},
): ChosenPseudonyms | null {
  if (options.pseudonymise === undefined) return null;
  const key = keyOf(options.pseudonymKeyFile, env);
  const secret = key ?? randomBytes(32);
  const keyed = (text: string): Uint8Array => createHmac('sha256', secret).update(text, 'utf8').digest();
  const names = new Pseudonyms(keyed, {
    addresses: options.pseudonymise === 'addresses',
    forgets,
  });
  return { names, isLasting: key !== null };
}

function keyOf(path: string | undefined, env: NodeJS.ProcessEnv): string | null {
  const named = path ?? KEY_VARIABLE;
  const key = path === undefined ? (env[KEY_VARIABLE] ?? '') : readKey(path);
  if (key === '' && path === undefined) return null;
  if (key.length >= KEY_LENGTH_MIN) return key;
  throw new CaptureError(
    'KEY',
    `${named}: the key has ${key.length} characters, at least ${KEY_LENGTH_MIN} are needed; "openssl rand -hex 32" makes one`,
  );
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0]!;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What an output says of its pseudonyms. */
export function privacyOf(chosen: ChosenPseudonyms): ReportPrivacy {
  return {
    pseudonyms: chosen.names.addressesToo ? ['numbers', 'names', 'hosts', 'addresses'] : ['numbers', 'names'],
    key: chosen.isLasting ? chosen.names.keyName : null,
    leftOut: [],
    text: pseudonymNote(chosen),
  };
}

/** What was replaced, and what it rests on, in a sentence or two. */
export function pseudonymNote({ names, isLasting }: ChosenPseudonyms): string {
  const what = names.addressesToo ? 'numbers, names, host names and IP addresses' : 'numbers and names';
  const key = isLasting ? `key ${names.keyName}` : 'a key of this run alone: another run gives others';
  const kept = names.addressesToo ? '' : ' IP addresses and host names are shown.';
  return `Pseudonyms stand for ${what} (${key}).${kept}`;
}
