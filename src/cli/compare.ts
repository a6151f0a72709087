import type { Command } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import type { AroundChange } from '../compare/around-change.ts';
import { renderCalls } from '../compare/calls-text.ts';
import { compareCalls } from '../compare/compare-calls.ts';
import { compareSets } from '../compare/compare-sets.ts';
import { COMPARISON_SCHEMA, type ComparisonHead } from '../compare/contract.ts';
import { callNamed } from '../compare/find-call.ts';
import { type CallRecords, type ReportedCalls, sideOf } from '../compare/reported-calls.ts';
import { renderSets } from '../compare/sets-text.ts';
import type { TextStyle } from '../report/paint.ts';
import { ReportStorageError } from '../report/text-log.ts';
import { renderTaps } from '../taps/taps-text.ts';
import { type AroundOptions, addAroundOptions, aroundOf } from './around-options.ts';
import { readTaps } from './compare-taps.ts';
import { readHistory } from './compared-history.ts';
import { type ComparedSide, readSide } from './compared-sides.ts';
import { coverSides } from './covered-sides.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { jsonByKey } from './json-lines.ts';
import { addMeasuringOptions, type MeasuringOptions } from './measuring-options.ts';
import { remark, writeOut } from './output.ts';
import {
  addPseudonymOptions,
  type ChosenPseudonyms,
  type PseudonymOptions,
  privacyOf,
  pseudonymNote,
  pseudonymsOf,
} from './pseudonym-options.ts';
import { textStyle } from './text-style.ts';
import { tool } from './tool.ts';

interface CompareOptions extends MeasuringOptions, PseudonymOptions, AroundOptions {
  before?: string[];
  after?: string[];
  call?: string;
  with?: string;
  taps?: boolean;
  keylog?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  $ earshot compare monday.pcap thursday.pcap
  $ earshot compare --before mon.pcap tue.pcap --after thu.json fri.json
  $ earshot compare good.pcap bad.pcap --call c3 --with c7
  $ earshot compare --history /var/lib/earshot/history --at 2026-11-20T14:00 --by device
  $ earshot compare --taps inside.pcap outside.pcap
  $ earshot compare --taps both-sides-of-the-sbc.pcap
  $ earshot compare before.pcap after.pcap --json --pseudonymise=addresses --pseudonym-key-file key.txt

Exit codes: 0 done, 1 an input could not be read (to its end) or the run failed, 2 wrong usage.`;

/** Adds `earshot compare`: two sets of calls, two calls, or two points of capture. */
export function addCompareCommand(program: Command): void {
  const command: Command = program.command('compare');
  addPseudonymOptions(addAroundOptions(addMeasuringOptions(command)))
    .description(
      'what became better and worse between two sets of calls, two times of a history, two calls, or two points of capture',
    )
    .argument('[file...]', 'A and B: captures, or reports that replay --json printed')
    .option('--before <file...>', 'what A is made of, where it is several files')
    .option('--after <file...>', 'what B is made of')
    .option('--call <id>', 'one call of A: its id (c3), Call-ID or the beginning of it')
    .option('--with <id>', 'the call of B to put beside it; the same id if absent')
    .option('--taps', 'the files were captured at two points of one path, or one file at both')
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option('--json', 'print the comparison as JSON (earshot.comparison/1)')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: CompareOptions) => {
      try {
        process.exitCode = compare(command, files, options);
      } catch (error) {
        if (!(error instanceof CaptureError) && !(error instanceof ReportStorageError)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      }
    });
}

function compare(command: Command, files: string[], options: CompareOptions): number {
  if (options.taps === true) return compareTapsOf(command, files, options);
  if (options.with !== undefined && options.call === undefined)
    wrong(command, '--with names the call of B; --call is missing, the one of A');
  if (options.by !== undefined && options.call !== undefined)
    wrong(command, '--by divides sets of calls: leave out --call');
  const around = aroundOf(command, files, options);
  if (around !== null) return compareTimes(command, around, options);
  const [a, b] = sidesOf(command, files, options);
  const chosen = pseudonymsOf(options, process.env);
  const left = readSide(a, options);
  let right: ComparedSide | null = null;
  try {
    right = b === null ? left : readSide(b, options);
    const sides = coveredSides(left, right, chosen);
    const problems = right === left ? left.problems : [...left.problems, ...right.problems];
    if (options.call === undefined) printSets(sides, options, chosen);
    else printCalls(command, sides, options, chosen, problems);
    for (const problem of problems) remark(problem);
    return problems.length > 0 ? EXIT_FAILED : EXIT_DONE;
  } finally {
    left.close();
    if (right !== left) right?.close();
  }
}

/** Before and after a change, of what a live probe kept. */
function compareTimes(command: Command, around: AroundChange, options: CompareOptions): number {
  const others = (['before', 'after', 'call'] as const).filter((name) => options[name] !== undefined);
  if (others.length > 0) wrong(command, `--history does not go with --${others[0]}`);
  const chosen = pseudonymsOf(options, process.env);
  const { a, b, history, linesSkipped, pseudonyms } = readHistory(options.history!, around, chosen);
  const { by, timeZone: zone } = options;
  const comparison = compareSets(a, b, { history, ...(by && { by }), ...(zone && { zone }) });
  if (pseudonyms !== null) comparison.notes.push(pseudonyms);
  print(comparison, renderSets, options, chosen);
  if (linesSkipped > 0) remark(`${linesSkipped} lines of the history hold no record and are left out`);
  return EXIT_DONE;
}

function compareTapsOf(command: Command, files: string[], options: CompareOptions): number {
  const others = (['before', 'after', 'call', 'with', 'history', 'by'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (others.length > 0) wrong(command, `--taps does not go with --${others[0]}`);
  if (files.length !== 1 && files.length !== 2)
    wrong(command, `--taps expects two captures, or one that holds both points, got ${files.length}`);
  const chosen = pseudonymsOf(options, process.env);
  const { comparison, problems } = readTaps(files, options, chosen);
  print(comparison, renderTaps, options, chosen);
  for (const problem of problems) remark(problem);
  return problems.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

/** The files of A and of B; B is null where both calls are in A. */
function sidesOf(
  command: Command,
  files: string[],
  { before, after, call, with: other }: CompareOptions,
): [a: string[], b: string[] | null] {
  if (before !== undefined || after !== undefined) {
    if (files.length > 0) wrong(command, 'give A and B by --before and --after, or as two files, not both');
    if (before === undefined || after === undefined) wrong(command, '--before and --after go together');
    return [before!, after!];
  }
  const [a, b, ...more] = files;
  if (a !== undefined && b === undefined && call !== undefined && other !== undefined) return [[a], null];
  if (a === undefined || b === undefined || more.length > 0)
    wrong(
      command,
      `expected two files, A and B, got ${files.length}; several for one side go by --before and --after`,
    );
  return [[a!], [b!]];
}

function wrong(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: EXIT_USAGE });
}

/** What was read for A and for B, as it may be shown; the same where both are one input. */
interface Sides {
  a: readonly ReportedCalls[];
  b: readonly ReportedCalls[];
  isOne: boolean;
}

function coveredSides(left: ComparedSide, right: ComparedSide, chosen: ChosenPseudonyms | null): Sides {
  const isOne = left === right;
  if (chosen === null) return { a: left.sources, b: right.sources, isOne };
  const [a, b = a] = coverSides(chosen, isOne ? [left.sources] : [left.sources, right.sources]);
  return { a: a!, b: b!, isOne };
}

function printSets({ a, b }: Sides, options: CompareOptions, chosen: ChosenPseudonyms | null): void {
  const { by, timeZone: zone } = options;
  const comparison = compareSets(sideOf(a), sideOf(b), { ...(by && { by }), ...(zone && { zone }) });
  print(comparison, renderSets, options, chosen);
}

function printCalls(
  command: Command,
  { a, b, isOne }: Sides,
  options: CompareOptions,
  chosen: ChosenPseudonyms | null,
  problems: readonly string[],
): void {
  const { call, with: other = call } = options;
  const lost = (message: string): never => {
    if (problems.length === 0) wrong(command, message);
    // That there is no such call may be why.
    for (const problem of problems) remark(problem);
    return command.error(`error: ${message}`, { exitCode: EXIT_FAILED });
  };
  const left = callOf(a, call!, isOne ? 'the input' : 'A', lost);
  const right = callOf(b, other!, isOne ? 'the input' : 'B', lost);
  print(compareCalls(left, right), renderCalls, options, chosen);
}

function callOf(
  sources: readonly ReportedCalls[],
  text: string,
  name: string,
  lost: (message: string) => never,
): CallRecords {
  const places = sources.flatMap((source) => source.names.map((_, at) => ({ source, at })));
  const records = (place: number): CallRecords => places[place]!.source.records(places[place]!.at);
  const names = sources.flatMap((source) => source.names);
  const found = callNamed(names, text, name, (place) => records(place).call.callId ?? '');
  return found.ok ? records(found.at) : lost(found.message);
}

/** Prints a comparison as text or as JSON, and what pseudonyms stand for in it. */
function print<Comparison extends object>(
  comparison: Comparison,
  render: (comparison: Comparison, style: TextStyle) => Iterable<string>,
  { json }: CompareOptions,
  chosen: ChosenPseudonyms | null,
): void {
  if (json === true) {
    const head: ComparisonHead = { schema: COMPARISON_SCHEMA, tool };
    if (chosen !== null) head.privacy = privacyOf(chosen);
    for (const chunk of jsonByKey({ ...head, ...comparison })) writeOut(chunk);
    return;
  }
  for (const line of render(comparison, textStyle())) writeOut(line);
  if (chosen !== null) writeOut(`\n${pseudonymNote(chosen)}\n`);
}
