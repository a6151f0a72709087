import { COMPARISON_SCHEMA, type ComparisonHead, type UntrustedCalls } from '../compare/contract.ts';
import { explainFailures } from '../compare/explain-failures.ts';
import { type Failure, type JudgedCall, judgedCall } from '../compare/failed-calls.ts';
import { renderFailures } from '../compare/failures-text.ts';
import { ToldTrust } from '../compare/told-trust.ts';
import type { LiveRecord } from '../live/live-records.ts';
import type { ReportFinding, ReportStream } from '../report/contract.ts';
import type { PartyMatch } from '../report/search/party.ts';
import { type TimeZone, UTC } from '../report/search/time-zone.ts';
import { ToldCalls } from '../report/told-calls.ts';
import { recordIn } from '../store/json-lines.ts';
import { type AskedCalls, isAskedFor, isCall, lastTimeUs } from './asked-calls.ts';
import { soughtParty } from './covered-party.ts';
import { coverOf, searchedLines, withoutPseudonyms } from './history-files.ts';
import { jsonByKey } from './json-lines.ts';
import { remark, writeOut } from './output.ts';
import { type PseudonymOptions, privacyOf, pseudonymNote, pseudonymsOf } from './pseudonym-options.ts';
import { textStyle } from './text-style.ts';
import { tool } from './tool.ts';

/** Calls that are looked at; later ones are counted. */
const EXPLAINED_CALLS_MAX = 200_000;

export interface ExplainOptions extends PseudonymOptions, Pick<AskedCalls, 'times' | 'site' | 'trunk'> {
  failure: Failure;
  timeZone?: TimeZone;
  party?: { text: string; match: PartyMatch };
  json?: boolean;
}

/**
 * Prints what goes with failing, of the calls of a history.
 *
 * @throws {Error} when it cannot be read, or is none
 */
export function explainHistory(history: readonly string[], options: ExplainOptions): void {
  const { failure, timeZone = UTC, json } = options;
  const chosen = pseudonymsOf(options, process.env);
  const match = options.party === undefined ? null : soughtParty(options.party, options, process.env).match;
  const { site, trunk, times } = options;
  const asked: AskedCalls = { times, match, ...(site && { site }), ...(trunk && { trunk }) };
  const lines = (): Iterable<string> => {
    const found = searchedLines(history);
    return chosen === null ? found : withoutPseudonyms(found);
  };
  const cover = chosen === null ? <T>(record: T): T => record : coverOf(chosen.names, recordsIn(lines()));
  const { calls, untrusted, tooMany } = judgedCalls(lines(), asked, failure, cover);
  const name = typeof failure === 'string' ? failure : failure.finding;
  const explanation = explainFailures(calls, name, timeZone, untrusted);
  if (json === true) {
    const head: ComparisonHead = { schema: COMPARISON_SCHEMA, tool };
    if (chosen !== null) head.privacy = privacyOf(chosen);
    for (const chunk of jsonByKey({ ...head, ...explanation })) writeOut(chunk);
  } else {
    for (const line of renderFailures(explanation, textStyle())) writeOut(line);
    if (chosen !== null) writeOut(`\n${pseudonymNote(chosen)}\n`);
  }
  if (tooMany > 0) remark(`${tooMany} later calls are not looked at: there are too many; --at chooses some`);
}

function* recordsIn(lines: Iterable<string>): Generator<LiveRecord | null> {
  for (const line of lines) yield recordIn(line) as LiveRecord | null;
}

function judgedCalls(
  lines: Iterable<string>,
  asked: AskedCalls,
  failure: Failure,
  cover: <T>(record: T) => T,
): { calls: JudgedCall[]; untrusted: UntrustedCalls; tooMany: number } {
  const trust = new ToldTrust();
  const told = new ToldCalls<ReportStream, ReportFinding>();
  // A call that is told again takes the place of what was known of it.
  const calls = new Map<string, JudgedCall>();
  let [tooMany, run, seenUs] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const record of recordsIn(lines)) {
    if (record !== null) trust.take(record);
    if (record?.type === 'start' || record?.type === 'status') told.forget();
    if (record?.type === 'start') {
      run++;
      seenUs = Number.NEGATIVE_INFINITY;
    }
    if (record?.type === 'stream' || record?.type === 'call') seenUs = Math.max(seenUs, lastTimeUs(record));
    if (record?.type === 'stream') told.stream(record);
    if (record?.type === 'finding') told.finding(record);
    if (record === null || !isCall(record)) continue;
    const { streams, findings } = told.of(record.callId);
    if (!isAskedFor(record, asked, seenUs)) continue;
    const call = judgedCall(cover(record), cover(streams), findings, failure);
    if (call === null) continue;
    trust.measured(call.ran);
    const key = `${record.callId} ${record.startTime}`;
    if (calls.size >= EXPLAINED_CALLS_MAX && !calls.has(key)) tooMany++;
    else calls.set(key, { ...call, sample: { ...call.sample, unit: `${run} ${call.sample.unit}` } });
  }
  const { calls: believed, untrusted } = trust.believed([...calls.values()]);
  return { calls: believed, untrusted: cover(untrusted), tooMany };
}
