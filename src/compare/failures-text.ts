import { counted, fixed, grouped, percent } from '../report/amounts.ts';
import { type Column, tableLines } from '../report/columns.ts';
import { PLAIN, type TextStyle } from '../report/paint.ts';
import { wrapped } from '../report/terminal-text.ts';
import { chanceText } from './change-text.ts';
import type {
  DimensionResult,
  FailureAges,
  FailureKind,
  FailuresExplanation,
  UntrustedCalls,
} from './contract.ts';
import { EXPLAINED_LEVEL, FAILURES_MIN } from './explain-failures.ts';

/** What goes with failing as text, line by line. */
export function* renderFailures(explanation: FailuresExplanation, style: TextStyle): Generator<string> {
  const { dimensions, ages, method, verdict } = explanation;
  const paint = style.paint ?? PLAIN;
  for (const line of wrapped(answerOf(explanation), style.columns ?? 0)) yield `${paint.bold(line)}\n`;
  if (explanation.untrusted.calls > 0) yield* text(untrustedText(explanation.untrusted), style);
  const also = dimensions.filter((each) => each.verdict === 'beside');
  for (const each of also)
    yield* text(`Beside that, the ${each.title}: ${kindsText(each.worst, explanation)}.`, style);
  const alike = dimensions.filter((each) => each.verdict === 'goes_with_best').map(({ title }) => title);
  if (alike.length > 0)
    yield* text(
      `That goes as well by ${alike.join(', ')}: with the above known, they tell nothing more for certain. Which of them is the cause cannot be told from these calls.`,
      style,
    );
  if (ages !== null) yield* text(agesText(ages), style);
  if (verdict === 'too_few') return;
  yield '\n';
  for (const line of tableLines(COLUMNS, dimensions, () => [], style)) yield `${line}\n`;
  const { alike: single } = explanation;
  const same = single.map(({ title, kind }) => `${title} (${kind})`).join(', ');
  if (same !== '') yield '\n';
  if (same !== '') yield* text(`Nothing to tell apart by: ${same}.`, style);
  const legend = `"explains" is the part of the uncertainty about which calls fail that a dimension takes away, less what it does by chance (${method.statistic}); the chance that anything is named where failures are random is ${fixed(100 * method.familyLevel, 0)} % at most (${method.test}, ${method.correction}). What goes with failing need not be its cause.`;
  yield '\n';
  for (const line of wrapped(legend, style.columns ?? 0)) yield `${paint.dim(line)}\n`;
}

/** What begins so soon after the answer began with the call. */
const BEGINNING_MS = 1000;

function* text(sentence: string, style: TextStyle): Generator<string> {
  for (const line of wrapped(sentence, style.columns ?? 0)) yield `${line}\n`;
}

function answerOf(explanation: FailuresExplanation): string {
  const { failure, calls, failures, verdict, dimensions } = explanation;
  const what = failure === 'failed' ? 'failed' : failure === 'bad' ? 'were bad' : `had ${failure}`;
  const found = `${grouped(failures)} of ${counted(calls, 'call')} ${what}`;
  const best = dimensions.find((each) => each.verdict === 'best');
  if (verdict === 'too_few')
    return `${found}: too few to say what goes with it (${FAILURES_MIN} of them, and ${FAILURES_MIN} others, are needed).`;
  if (best === undefined)
    return `${found}, as good as at random: none of ${dimensions.length} dimensions tells them from the others.`;
  const share = `${fixed(100 * best.share, 0)} %`;
  return `${found}. The ${best.title} tells them best from the others (explains ${share}): ${kindsText(best.worst, explanation)}.`;
}

function untrustedText({ calls, reasons }: UntrustedCalls): string {
  const why = reasons.map(({ text: reason }) => reason).join('; ');
  return `Left out: ${counted(calls, 'call')} that ran while the capture was untrusted${why === '' ? '' : ` (${why})`}.`;
}

/** Where most of them are. */
function kindsText([worst]: readonly FailureKind[], { calls, failures }: FailuresExplanation): string {
  if (worst === undefined) return 'no kind of it stands out';
  const rest = calls - worst.calls;
  const elsewhere = rest === 0 ? '' : `, elsewhere ${percent((failures - worst.failures) / rest)} %`;
  return `${worst.name} has ${grouped(worst.failures)} of them, ${percent(worst.failures / worst.calls)} % of its calls${elsewhere}`;
}

function agesText({ failures, p, half }: FailureAges): string {
  if (p > EXPLAINED_LEVEL)
    return `They come at no age of a call more than at another (${grouped(failures)} with an age).`;
  // What is so from the first word on says how calls begin, not when they break.
  if (half.fromMs < BEGINNING_MS)
    return `They begin with the call: half of ${grouped(failures)} within ${fixed(half.toMs / 1000, 1)} s of the answer.`;
  const [from, to] = [half.fromMs, half.toMs].map((ms) => `${fixed(ms / 1000, 1)} s`);
  return `They come at an age: half of ${grouped(failures)} between ${from} and ${to} after the answer, where ${percent(half.talkRatio)} % of all talking is.`;
}

const VERDICTS: Readonly<Record<DimensionResult['verdict'], string>> = {
  best: 'tells most',
  beside: 'tells more beside that',
  goes_with_best: 'tells no more than that',
  none: '-',
};

const COLUMNS: readonly Column<DimensionResult>[] = [
  { header: 'dimension', align: 'left', cell: ({ title }) => title },
  { header: 'kinds', align: 'right', cell: ({ kinds }) => grouped(kinds) },
  { header: 'explains', align: 'right', cell: ({ share }) => `${percent(share)} %` },
  { header: 'p', align: 'right', cell: ({ p }) => chanceText(p) },
  { header: 'verdict', align: 'left', cell: ({ verdict }) => VERDICTS[verdict] },
  {
    header: 'most of them (failing of calls)',
    align: 'left',
    min: 20,
    leaveOut: 1,
    cell: ({ worst }) =>
      worst
        .map(({ name, calls, failures }) => `${name} ${grouped(failures)} of ${grouped(calls)}`)
        .join(', '),
  },
];
