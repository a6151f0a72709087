import { parseArgs } from 'node:util';
import { CASE_FILES } from './case-files.ts';
import { examine, type Outcome } from './examine.ts';
import { scoreCodes, scoreTable, shortfall } from './score.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, seeds: { type: 'string' }, quiet: { type: 'boolean' } },
});

/** All cases once; with `--seeds N` those that hang on random draws, N times. */
function outcomes(): Outcome[] {
  const seeds = values.seeds === undefined ? null : Number(values.seeds);
  const files = CASE_FILES.filter(({ name, drawn }) => {
    if (values.only !== undefined && !name.includes(values.only)) return false;
    return seeds === null || drawn === true;
  });
  const all: Outcome[] = [];
  for (const { name, cases } of files) {
    for (const one of cases) {
      for (let seed = 1; seed <= (seeds ?? 1); seed++) {
        const outcome = examine(one, seeds === null ? undefined : seed);
        all.push(outcome);
        if (outcome.faults.length === 0 || values.quiet) continue;
        const label = seeds === null ? '' : ` (seed ${seed})`;
        process.stdout.write(`${name}: ${one.name}${label}\n  ${outcome.faults.join('\n  ')}\n`);
      }
    }
  }
  return all;
}

const all = outcomes();
const scores = scoreCodes(all);
process.stdout.write(`\n${scoreTable(scores)}`);
const clean = all.filter(({ faults }) => faults.length === 0).length;
process.stdout.write(`\n${all.length} cases, ${clean} without fault\n`);
const part = values.only !== undefined || values.seeds !== undefined;
const failed = scores.filter((score) => {
  if (part && score.positives + score.falseAlarms === 0) return false;
  return shortfall(score) !== null;
});
process.exitCode = failed.length > 0 ? 1 : 0;
