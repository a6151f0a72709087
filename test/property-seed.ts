/**
 * Properties draw the same cases in every run, so that a red build is a red build for everyone. To look for new cases:
 * `EARSHOT_SEED=random npm test`, or a number to see a failure again.
 */
import fc from 'fast-check';

const asked = process.env.EARSHOT_SEED ?? '20250101';
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });
