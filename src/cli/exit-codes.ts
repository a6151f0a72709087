/** Exit codes of every command, as promised in the design. */
export const EXIT_DONE = 0;
/** An input could not be read, or the run failed. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** A `--fail-if` condition was broken. */
export const EXIT_GATE = 3;
