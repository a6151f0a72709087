import { InvalidArgumentError } from 'commander';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../engine/thresholds.ts';

/**
 * Takes one `--threshold name=value` beside those before it.
 * Throws `InvalidArgumentError` for a name that is none (with those that look like it) and for what is no number.
 */
export function threshold(text: string, known: Partial<Thresholds>): Partial<Thresholds> {
  const [name = '', value = '', ...rest] = text.split('=');
  if (!isName(name)) {
    const near = Object.keys(DEFAULT_THRESHOLDS).filter((each) => looksLike(each, name));
    const help = near.length > 0 ? `; there are ${near.join(', ')}` : '; docs/thresholds.md lists them';
    throw new InvalidArgumentError(`"${name}" is no threshold${help}.`);
  }
  if (rest.length > 0 || !/^\d{1,9}(\.\d+)?$/.test(value)) {
    throw new InvalidArgumentError(
      `${name} expects a number from 0 up, such as ${DEFAULT_THRESHOLDS[name]}, got "${text.slice(name.length + 1)}".`,
    );
  }
  return { ...known, [name]: Number(value) };
}

function isName(name: string): name is keyof Thresholds {
  return Object.hasOwn(DEFAULT_THRESHOLDS, name);
}

/** Has a word in common: `lossRatio` looks like `lossWarningRatio`. */
function looksLike(name: string, wanted: string): boolean {
  const words = (text: string): string[] => text.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  const [first] = words(wanted);
  return first !== undefined && first.length > 2 && words(name).includes(first);
}
