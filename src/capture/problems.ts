import { inputName } from './errors.ts';
import type { CaptureProblem, CaptureProblemCode } from './source.ts';

/** How many problems of one input are kept at most: a damaged file can have one per packet. */
export const MAX_PROBLEMS = 16;

/** Individual problems kept; one place is for the count of the rest, one for what ends the reading. */
const MAX_INDIVIDUAL = MAX_PROBLEMS - 2;

/** The problems of one input, bounded in number whatever the input does. */
export class ProblemLog {
  readonly problems: CaptureProblem[] = [];
  readonly #path: string;
  #uncounted = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The problem that ends the reading. Always kept. `text` goes without the input's name. */
  stop(code: CaptureProblemCode, offset: number, text: string): void {
    this.#push(code, offset, true, text);
  }

  /**
   * A problem that reading survives. When there are too many they are only counted; `describe` is not called
   * then, so that ten million bad records do not cost ten million strings.
   */
  skip(code: CaptureProblemCode, offset: number, describe: () => string): void {
    if (this.problems.length < MAX_INDIVIDUAL) {
      this.#push(code, offset, false, describe());
      return;
    }
    this.#uncounted += 1;
    if (this.#uncounted > 1) return;
    const name = inputName(this.#path);
    const count = () => this.#uncounted;
    this.problems.push({
      path: this.#path,
      offset,
      code,
      fatal: false,
      // An own getter: the number goes on growing after the problem was noted.
      get text() {
        return `${name}: ${count()} more damaged ${count() === 1 ? 'record was' : 'records were'} skipped`;
      },
    });
  }

  #push(code: CaptureProblemCode, offset: number, fatal: boolean, text: string): void {
    this.problems.push({
      path: this.#path,
      offset,
      code,
      fatal,
      text: `${inputName(this.#path)}: ${text}`,
    });
  }
}
