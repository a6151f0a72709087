/** Nobody reads more of a label, and every series carries it. */
export const LABEL_CHARACTERS_MAX = 64;

/** What no configuration rule claims. */
export const NO_GROUP = 'none';
/** What has no series of its own. */
export const OTHER = 'other';

/** Control and format characters, separators and broken surrogates. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text of at most so many characters: printable, valid Unicode. */
export function printable(text: string, charactersMax: number): string {
  // Cut first: a pattern over megabytes is work that a sender would choose for us.
  return text.slice(0, charactersMax).replace(UNFIT, '?');
}

/** A text as the value of a label: bounded, printable, valid Unicode; `none` for an empty one. */
export function labelValue(text: string): string {
  const value = printable(text, LABEL_CHARACTERS_MAX).trim();
  return value === '' ? NO_GROUP : value;
}

/** A value between quotes in the exposition format. */
export function escapedValue(value: string): string {
  return value.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`));
}

/** `name="value",...` without braces. */
export function labelPairs(names: readonly string[], values: readonly string[]): string {
  return names.map((name, i) => `${name}="${escapedValue(values[i] ?? '')}"`).join(',');
}
