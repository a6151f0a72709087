import { type Command, InvalidArgumentError } from 'commander';
import type { Failure } from '../compare/failed-calls.ts';
import { nearest } from '../config/nearest.ts';
import type { LiveRecord } from '../live/live-records.ts';
import { FINDING_CODES } from '../records/finding-codes.ts';
import type { Verdict } from '../records/types.ts';
import type { ReportFinding, ReportPrivacy } from '../report/contract.ts';
import { callLine } from '../report/live-lines.ts';
import type { PlaceKind } from '../report/place.ts';
import type { PartyMatch } from '../report/search/party.ts';
import type { TimeSpan } from '../report/search/time-window.ts';
import type { TimeZone } from '../report/search/time-zone.ts';
import { jsonText } from '../report/wire-text.ts';
import { VERDICT_RANK } from '../report/worst-first.ts';
import { recordIn } from '../store/json-lines.ts';
import { type RecentCall, RecentCalls, recentCallRow, recentCallText } from '../web/recent-calls.ts';
import { type AskedCalls, isAskedFor, isCall, KINDS, lastTimeUs } from './asked-calls.ts';
import { askedTimes } from './asked-times.ts';
import { coverCalls } from './covered-calls.ts';
import { type SoughtParty, soughtParty, whyNobody } from './covered-party.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { explainHistory } from './explained-calls.ts';
import { searchedLines, withoutPseudonyms } from './history-files.ts';
import { remark, writeOut } from './output.ts';
import {
  addPseudonymOptions,
  type ChosenPseudonyms,
  type PseudonymOptions,
  privacyOf,
  pseudonymsOf,
  settlePseudonyms,
} from './pseudonym-options.ts';
import { party, symptom, timeZone } from './search-values.ts';
import { sentence } from './sentence.ts';
import { textStyle } from './text-style.ts';

const EXAMPLES = `
Examples:
  $ earshot calls /var/lib/earshot/history
  $ earshot calls /var/lib/earshot/history --at "2026-03-02T14:05..2026-03-02T14:10" --party 4711
  $ earshot calls /var/lib/earshot/history --at 14:05..14:10 --time-zone Europe/Berlin --symptom choppy
  $ earshot calls /var/lib/earshot/history --trunk carrier-a --verdict media
  $ earshot calls /var/lib/earshot/history --finding one_way_media --newest 50
  $ earshot calls /var/lib/earshot/history --call 3848276298220188511@atlanta.example.com --json
  $ earshot calls /var/lib/earshot/history --explain one_way_media --trunk carrier-a
  $ earshot calls /var/lib/earshot/history --worst 10 --pseudonymise

A history is what "earshot live --history" keeps: its directory, or files of "earshot live --json". A time without
date is looked for on each of the last 31 days.`;

/** A time of the day is looked for so far back. */
const DAYS_BACK = 31;
const SHOWN = 20;
/** Calls that are compared to find the worst: the worst verdicts are kept longest. */
const COMPARED_MAX = 50_000;
const VERDICTS = Object.keys(VERDICT_RANK) as Verdict[];

interface CallsOptions extends PseudonymOptions, Omit<AskedCalls, 'times' | 'match'> {
  at?: string;
  timeZone?: TimeZone;
  party?: { text: string; match: PartyMatch };
  worst?: number;
  newest?: number;
  explain?: Failure;
  json?: boolean;
}

/** Adds `earshot calls`, which searches the history of a live probe. */
export function addCallsCommand(program: Command): void {
  const command: Command = program.command('calls');
  addPseudonymOptions(command)
    .description('search the calls that a live probe has kept')
    .argument('<history...>', 'a directory of "earshot live --history", or files of "earshot live --json"')
    .option('--at <time>', 'only what ran then: 2026-03-02T14:05..2026-03-02T14:10, ~14:05', (text) => text)
    .option('--time-zone <zone>', 'zone of --at: +02:00, Europe/Berlin or local; UTC if absent', timeZone)
    .option('--party <who>', 'only calls of this number (or its last digits) or name', party)
    .option('--symptom <word>', 'only calls with one-way, choppy, drops, no-ring, delay, dtmf, echo', symptom)
    .option('--finding <code>', 'only calls with this finding, as one_way_media', findingCode)
    .option('--site <name>', 'only calls of this site, as configured when they were kept', groupName)
    .option('--trunk <name>', 'only calls that passed this trunk', groupName)
    .option('--verdict <word>', `only calls that are ${VERDICTS.join(', ')}`, verdictWord)
    .option('--call <id>', 'one call by its Call-ID or its reference in metrics and alerts')
    .option('--worst <n>', `the worst calls (default: ${SHOWN})`, positive)
    .option('--newest <n>', 'the newest calls instead', positive)
    .option(
      '--explain <what>',
      'instead: what goes with "failed" or "bad" calls, or those with a finding (docs/comparing.md)',
      failureOf,
    )
    .option('--json', 'print them as JSON, one line each; one call whole, as replay prints it')
    .addHelpText('after', EXAMPLES)
    .action((history: string[], options: CallsOptions) => run(command, history, options));
}

function run(command: Command, history: readonly string[], options: CallsOptions): void {
  const fail = (text: string): never => command.error(`error: ${text}`, { exitCode: EXIT_FAILED });
  if (options.worst !== undefined && options.newest !== undefined)
    command.error('error: --worst and --newest exclude each other', { exitCode: EXIT_USAGE });
  const times = spansOf(command, options);
  if (options.explain !== undefined) {
    explain(command, history, options, times);
    return;
  }
  const { found, privacy, kinds, chosen, sought } = read(fail, history, options, times);
  // Of names as they are, nobody may believe that they are hidden.
  if (privacy === null) settlePseudonyms(command, options, options.pseudonymise !== undefined);
  const shown =
    options.newest === undefined ? found.worst(options.worst ?? SHOWN) : found.newest(options.newest);
  if (options.call !== undefined && shown.length === 0) fail(`no call "${options.call}" in this history`);
  const all = Number.POSITIVE_INFINITY;
  print(chosen === null ? shown : coverCalls(chosen, shown, found.newest(all)), options, privacy);
  if (options.json !== true && shown.length === 0) {
    const why = sought === null || chosen !== null ? '' : whyNobody(sought, privacy);
    const hint = why === '' ? unplacedHint(options, kinds) : `: ${why}`;
    writeOut(`no call in this history is like that${hint}\n`);
  } else if (options.json !== true && shown.length < found.size + found.evicted) {
    writeOut(`${shown.length} of ${found.size + found.evicted} calls that match\n`);
  }
  // Lines of JSON are a call each: what pseudonyms stand for has no place in them.
  if (privacy !== null && options.json !== true) writeOut(`\n${privacy.text}\n`);
  else if (privacy !== null && options.call === undefined) remark(privacy.text);
  process.exitCode = EXIT_DONE;
}

/** What failing calls have in common. */
function explain(
  command: Command,
  history: readonly string[],
  options: CallsOptions,
  times: readonly TimeSpan[] | null,
): void {
  const others = (['finding', 'symptom', 'verdict', 'call', 'worst', 'newest'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (others.length > 0)
    command.error(`error: --explain looks at failing calls and all others: leave out --${others[0]}`, {
      exitCode: EXIT_USAGE,
    });
  settlePseudonyms(command, options, options.pseudonymise !== undefined);
  try {
    explainHistory(history, { ...options, times, failure: options.explain! });
    process.exitCode = EXIT_DONE;
  } catch (error) {
    command.error(`error: ${(error as Error).message}`, { exitCode: EXIT_FAILED });
  }
}

/** What is in a history, or an end with what is wrong with it. */
function read(
  fail: (text: string) => never,
  history: readonly string[],
  options: CallsOptions,
  times: readonly TimeSpan[] | null,
): Searched & { chosen: ChosenPseudonyms | null; sought: SoughtParty | null } {
  try {
    const lines = searchedLines(history);
    const chosen = pseudonymsOf(options, process.env);
    const sought = options.party === undefined ? null : soughtParty(options.party, options, process.env);
    const asked = { ...options, times, match: sought?.match ?? null };
    if (chosen === null) return { ...searched(lines, asked), chosen, sought };
    const { found, kinds } = searched(withoutPseudonyms(lines), asked);
    return { found, kinds, privacy: privacyOf(chosen), chosen, sought };
  } catch (error) {
    return fail((error as Error).message);
  }
}

function print(
  calls: readonly RecentCall[],
  { call, json }: CallsOptions,
  privacy: ReportPrivacy | null,
): void {
  const style = textStyle();
  for (const each of calls) {
    if (json !== true) writeOut(callLine(each.call, JSON.parse(each.findings) as ReportFinding[], style));
    else if (call === undefined) writeOut(`${jsonText(recentCallRow(each))}\n`);
    else writeOut(recentCallText(each, privacy));
  }
}

interface Searched {
  found: RecentCalls;
  /** Of which groups any call is. */
  kinds: ReadonlySet<PlaceKind>;
  /** What the probe had put pseudonyms in place of, when it told that last. */
  privacy: ReportPrivacy | null;
}

/** The calls of a history that meet what is asked. Their streams and findings stand before them. */
function searched(lines: Iterable<string>, asked: AskedCalls): Searched {
  const found = new RecentCalls({ callsMax: COMPARED_MAX, charactersMax: 2 ** 29 });
  const kinds = new Set<PlaceKind>();
  let privacy: ReportPrivacy | null = null;
  let seenUs = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const record = recordIn(line) as LiveRecord | null;
    if (record === null || (record.type === 'call' && !isCall(record))) continue;
    if (record.type === 'start') seenUs = Number.NEGATIVE_INFINITY;
    if (record.type === 'stream' || record.type === 'call') seenUs = Math.max(seenUs, lastTimeUs(record));
    if (record.type === 'call')
      for (const kind of KINDS) if ((record[kind] ?? null) !== null) kinds.add(kind);
    if (record.type === 'call' && !isAskedFor(record, asked, seenUs)) continue;
    if (record.type === 'start' || record.type === 'status') privacy = record.privacy ?? null;
    found.records([record]);
  }
  return { found, kinds, privacy };
}

/** Nobody should take calls that were kept without groups for calls elsewhere. */
function unplacedHint(options: CallsOptions, kinds: ReadonlySet<PlaceKind>): string {
  const missing = KINDS.filter((kind) => options[kind] !== undefined && !kinds.has(kind));
  return missing.length === 0 ? '' : `: none of its calls has a ${missing.join(' or a ')}`;
}

/** What --at means, or an end with what is wrong with it. */
function spansOf(command: Command, { at, timeZone: zone }: CallsOptions): readonly TimeSpan[] | null {
  if (at === undefined) return null;
  return askedTimes(command, at, zone, Date.now() * 1000, DAYS_BACK);
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.');
  return Number(text);
}

function groupName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('it is empty; give the name of a group.');
  return text.trim();
}

function verdictWord(text: string): Verdict {
  const verdict = VERDICTS.find((each) => each === text);
  if (verdict !== undefined) return verdict;
  throw new InvalidArgumentError(`expected one of ${VERDICTS.join(', ')}.`);
}

function failureOf(text: string): Failure {
  return text === 'failed' || text === 'bad' ? text : { finding: findingCode(text) };
}

function findingCode(text: string): string {
  if (Object.hasOwn(FINDING_CODES, text)) return text;
  const meant = nearest(text, Object.keys(FINDING_CODES));
  const hint = meant === null ? 'docs/findings.md lists them' : `did you mean ${meant}?`;
  throw new InvalidArgumentError(sentence(`there is no such finding; ${hint}`));
}
