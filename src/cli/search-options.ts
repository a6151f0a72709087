import { type Command, InvalidArgumentError } from 'commander';
import type { CaptureRecord } from '../records/types.ts';
import { type Filter, parseFilter } from '../report/filter.ts';
import { type Condition, placesAsked } from '../report/gate/condition.ts';
import type { Places } from '../report/place.ts';
import type { Report } from '../report/report.ts';
import { othersThen } from '../report/search/others.ts';
import type { PartyMatch } from '../report/search/party.ts';
import type { Question } from '../report/search/question.ts';
import type { Symptom } from '../report/search/symptoms.ts';
import { parseTicket } from '../report/search/ticket.ts';
import { parseWindow, type TimeSpan } from '../report/search/time-window.ts';
import { type TimeZone, UTC } from '../report/search/time-zone.ts';
import { type Criteria, findCall, select } from '../report/selection.ts';
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { remark } from './output.ts';
import { party, symptom, timeZone } from './search-values.ts';
import { sentence } from './sentence.ts';

/** Which calls are meant. */
export interface SearchOptions {
  call?: string;
  worst?: number;
  filter?: Filter;
  at?: string;
  timeZone?: TimeZone;
  party?: { text: string; match: PartyMatch };
  symptom?: Symptom;
  ticket?: string;
  verdict?: boolean;
}

/** Adds the options that choose calls; they go for every output, and all that are given must hold. */
export function addSearchOptions(command: Command): Command {
  return command
    .option('--call <id>', 'everything about one call: its id (c3), Call-ID or the beginning of it')
    .option('--worst <n>', 'only the worst calls', positive)
    .option(
      '--filter <text>',
      'only what has this address, network, Call-ID, party, site=NAME or trunk=NAME in it',
      filter,
    )
    .option('--at <time>', 'only what ran then: 14:05, 14:05..14:10, ~14:05, 2026-03-02T14:05:30Z')
    .option('--time-zone <zone>', 'zone of --at: +02:00, Europe/Berlin or local; UTC if absent', timeZone)
    .option('--party <who>', 'only calls of this number (or its last digits) or name', party)
    .option('--symptom <word>', 'only calls with one-way, choppy, drops, no-ring, delay, dtmf, echo', symptom)
    .option('--verdict', 'answer --at, --party, --symptom: confirmed, not seen here, or no visibility')
    .option('--ticket <text>', '"party=4711 at=14:05..14:10 symptom=one-way": these three, and --verdict');
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.');
  return Number(text);
}

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new InvalidArgumentError(sentence(parsed.message));
  return parsed.filter;
}

/** Ends with exit status 2 where a group is asked for that nothing could be in. */
export function settlePlaces(
  command: Command,
  asked: { filter?: Filter; failIf?: readonly Condition[] },
  settings: { places: Places | null } | null,
): void {
  const ofFilter = asked.filter?.kind === undefined ? [] : [['--filter', asked.filter.kind] as const];
  const ofGate = (asked.failIf ?? []).flatMap(placesAsked).map((kind) => ['--fail-if', kind] as const);
  const wanted = [...ofFilter, ...ofGate].find(([, kind]) => !settings?.places?.kinds.includes(kind));
  if (wanted === undefined) return;
  const [option, kind] = wanted;
  const missing =
    settings === null
      ? 'goes by the groups of a configuration: give it, too (--config earshot.yaml)'
      : `means nothing here: the configuration has no groups.${kind}s`;
  command.error(`error: ${option}: ${kind}=... ${missing}`, { exitCode: EXIT_USAGE });
}

/** Takes a ticket apart, and says what does not fit together before any capture is read. */
export function settleSearch(command: Command, options: SearchOptions): void {
  const problem = ticketProblem(options) ?? searchProblem(options);
  if (problem !== null) command.error(`error: ${problem}`, { exitCode: EXIT_USAGE });
}

/** Puts the parts of a ticket where its options are; options that are given beside it stand. */
function ticketProblem(options: SearchOptions): string | null {
  if (options.ticket === undefined) return null;
  const ticket = parseTicket(options.ticket);
  if (!ticket.ok) return `--ticket: ${ticket.message}`;
  const { at, zone, party: who, symptom: what } = ticket.parts;
  try {
    if (at !== undefined) options.at ??= at;
    if (zone !== undefined) options.timeZone ??= timeZone(zone);
    if (who !== undefined) options.party ??= party(who);
    if (what !== undefined) options.symptom ??= symptom(what);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return `--ticket: ${error.message}`;
  }
  options.verdict = true;
  return null;
}

function searchProblem({
  at,
  timeZone: zone,
  party: who,
  verdict,
  call,
  worst,
}: SearchOptions): string | null {
  const parsed = at === undefined ? null : parseWindow(at, zone);
  if (parsed?.ok === false) return `--at: ${parsed.message}`;
  if (zone !== undefined && at === undefined) return '--time-zone is the zone of --at, which is missing';
  if (verdict !== true) return null;
  if (at === undefined && who === undefined)
    return '--verdict needs --at, --party or both: a complaint is about somebody or some time';
  if (call !== undefined || worst !== undefined)
    return '--verdict looks at all calls that may be meant: leave out --call and --worst';
  return null;
}

/** What was asked for, with the times that are meant in this capture. */
export interface Search {
  criteria: Criteria;
  question: Question;
}

/**
 * Options as criteria; ends with exit status 2 when they mean no call, with 1 when that may be so because the captures could
 * not be read: `problems` are then told first.
 */
export function searchOf(
  command: Command,
  report: Report,
  options: SearchOptions,
  problems: readonly string[],
): Search {
  const nothing = (text: string): never => {
    for (const problem of problems) remark(problem);
    return command.error(`error: ${text}`, { exitCode: problems.length > 0 ? EXIT_FAILED : EXIT_USAGE });
  };
  const criteria: Criteria = {};
  const question: Question = { at: null, party: null, symptom: null };
  if (options.filter !== undefined) criteria.filter = options.filter;
  if (options.worst !== undefined) criteria.worst = options.worst;
  if (options.party !== undefined) {
    criteria.party = options.party.match;
    question.party = options.party.text;
  }
  if (options.symptom !== undefined) {
    criteria.symptom = options.symptom;
    question.symptom = options.symptom;
  }
  if (options.at !== undefined) {
    const parsed = parseWindow(options.at, options.timeZone ?? UTC);
    const within = parsed.ok ? parsed.window.within(spanOf(report.capture)) : parsed;
    if (!parsed.ok || !within.ok) return nothing(`--at: ${within.ok ? '' : within.message}`);
    criteria.times = within.spans;
    question.at = { text: parsed.window.text, zone: parsed.window.zone.name, spans: within.spans };
  }
  if (options.call !== undefined) {
    const found = findCall(report.records, options.call);
    if (!found.ok) return nothing(`--call: ${found.message}`);
    criteria.call = found.call;
  }
  return { criteria, question };
}

/** The report with the records that were asked for, and with what else was bad at that moment. */
export function chosenOf(report: Report, { criteria, question }: Search): Report {
  if (Object.keys(criteria).length === 0) return report;
  const selection = select(report.records, criteria);
  const { at, party, symptom } = question;
  const asked = at !== null || party !== null || symptom !== null;
  if (!asked && criteria.call === undefined) return { ...report, selection };
  const others = othersThen(report.records, selection.calls, criteria.times, symptom?.shows);
  return { ...report, selection, search: { question: asked ? question : null, others } };
}

function spanOf({ startUs, endUs }: CaptureRecord): TimeSpan | null {
  return startUs === null || endUs === null ? null : { fromUs: startUs, toUs: endUs };
}
