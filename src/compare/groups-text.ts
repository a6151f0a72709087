import { ABSENT, fixed, grouped } from '../report/amounts.ts';
import { type Column, tableLines } from '../report/columns.ts';
import { PLAIN, type TextStyle } from '../report/paint.ts';
import { wrapped } from '../report/terminal-text.ts';
import { claimText, withUnit } from './change-text.ts';
import type { Change, ChangeVerdict, GroupComparison, GroupsComparison } from './contract.ts';

const CLAIMS: readonly ChangeVerdict[] = ['worse', 'better', 'doubted'];
const TONES = { worse: 'red', better: 'green', doubted: 'yellow' } as const;

/** What changed in which group, line by line. */
export function* groupLines(comparison: GroupsComparison, style: TextStyle): Generator<string> {
  const { by, groups, timeZone, familyLevel } = comparison;
  if (groups.length === 0) return;
  const paint = style.paint ?? PLAIN;
  yield paint.bold(`BY ${by.toUpperCase()}${by === 'hour' ? ` (${timeZone})` : ''}`);
  yield* tableLines(COLUMNS, groups, notesOf, style);
  const legend = `the chance of even one false claim in any of these groups is ${fixed(100 * familyLevel, 0)} % at most; a group of which nothing is claimed may have changed by less than its calls can show`;
  for (const line of wrapped(legend, style.columns ?? 0)) yield paint.dim(line);
  yield '';
}

function notesOf({ changes }: GroupComparison) {
  return CLAIMS.flatMap((verdict) =>
    changes
      .filter((change) => change.verdict === verdict)
      .map((change) => ({
        text: `${verdict}: ${claimText(change)}`,
        tone: TONES[verdict as keyof typeof TONES],
      })),
  );
}

/** What is said of a group in a few words. */
function verdictText({ changes }: GroupComparison): string {
  const count = (...verdicts: ChangeVerdict[]): number =>
    changes.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const claims = [
    ['worse', count('worse')],
    ['better', count('better')],
    ['in doubt', count('doubted')],
  ] as const;
  const found = claims.flatMap(([word, figures]) => (figures === 0 ? [] : `${figures} ${word}`));
  if (found.length > 0) return found.join(', ');
  if (changes.every(({ p }) => p === null)) return 'too few calls';
  const alike = count('same', 'too_small');
  const open = count('cannot_tell');
  return `nothing claimed (${alike} the same, ${open} open)`;
}

function of(measure: string, side: 'a' | 'b') {
  return ({ changes }: GroupComparison): string => {
    const change: Change | undefined = changes.find(
      (each) => each.measure === measure && each.aspect === 'overall',
    );
    return change === undefined ? ABSENT : withUnit(change[side], change);
  };
}

const COLUMNS: readonly Column<GroupComparison>[] = [
  { header: 'group', align: 'left', min: 14, cell: ({ name }) => name },
  { header: 'A', group: 'calls', align: 'right', cell: ({ callsA }) => grouped(callsA) },
  { header: 'B', group: 'calls', align: 'right', cell: ({ callsB }) => grouped(callsB) },
  { header: 'A', group: 'NER', align: 'right', leaveOut: 1, cell: of('effective', 'a') },
  { header: 'B', group: 'NER', align: 'right', leaveOut: 1, cell: of('effective', 'b') },
  { header: 'A', group: 'packets lost', align: 'right', leaveOut: 2, cell: of('lost', 'a') },
  { header: 'B', group: 'packets lost', align: 'right', leaveOut: 2, cell: of('lost', 'b') },
  { header: 'verdict', align: 'left', cell: verdictText },
];
