import { clock, counted, grouped, percent, seconds, span } from './amounts.ts';
import { factLines } from './facts.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import type { Report } from './report.ts';
import type { Selection } from './selection.ts';
import { shownTrunk } from './shown-records.ts';
import type { ReportDelay, ReportSignalling, ReportTrunk } from './signalling-contract.ts';

const CODES_SHOWN = 8;
const TRUNKS_SHOWN = 5;

/** Signalling over the whole capture in a few lines; nothing where there was none. */
export function* signallingLines(signalling: ReportSignalling, style: TextStyle): Generator<string> {
  const { attempts, unresolved, ofScans, registrations } = signalling;
  const registers = registrations.attempts + registrations.ofScans;
  if (attempts + unresolved + ofScans + registers === 0) return;
  yield '';
  yield (style.paint ?? PLAIN).bold('SIGNALLING, as seen at this point');
  if (attempts + unresolved > 0) {
    yield* factLines('attempts', attemptsText(signalling), style);
    yield* factLines('delays', delaysText(signalling), style);
    const failures = codesText(signalling.finalCodes);
    if (failures !== '') yield* factLines('codes', failures, style);
  }
  const notable = notableText(signalling);
  if (notable !== '') yield* factLines('notable', notable, style);
  const { requests, retransmissions } = signalling.retransmissions;
  if (retransmissions > 0) {
    yield* factLines(
      'repeated',
      `${grouped(retransmissions)} retransmissions, ${counted(requests, 'request')}`,
      style,
    );
  }
  if (registers > 0) yield* factLines('registered', registrationsText(signalling), style);
}

/** What a list of calls, each unremarkable, does not show: how many of them there are. */
function notableText(signalling: ReportSignalling): string {
  const { emergencyCalls, shortCalls, droppedCalls, retries, loops, ofScans } = signalling;
  const counts = [
    [emergencyCalls, counted(emergencyCalls, 'emergency call')],
    [shortCalls, counted(shortCalls, 'short call')],
    [droppedCalls, counted(droppedCalls, 'dropped call')],
    [retries, `${counted(retries, 'attempt')} again at what had just failed`],
    [loops, `${counted(loops, 'call')} in a loop`],
    [ofScans, `${counted(ofScans, 'call')} of scans, in no figure above`],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([, text]) => text)
    .join(', ');
}

function attemptsText(signalling: ReportSignalling): string {
  const { attempts, answered, unresolved, retriedAnswered, ratios, peakCalls } = signalling;
  const rates = (['asr', 'ner', 'ser', 'seer', 'isa', 'scr'] as const)
    .filter((name) => ratios[name].ratio !== null)
    .map((name) => `${name.toUpperCase()} ${percent(ratios[name].ratio)} %`);
  const open = unresolved > 0 ? `, ${grouped(unresolved)} undecided` : '';
  const peak =
    peakCalls.calls > 1
      ? `; at most ${grouped(peakCalls.calls)} calls at once (${clock(peakCalls.time)})`
      : '';
  const shares = rates.length === 0 ? '' : `: ${rates.join(', ')}`;
  const again =
    retriedAnswered > 0 ? `; of those that failed, ${grouped(retriedAnswered)} were answered at a retry` : '';
  return `${grouped(attempts)}, ${grouped(answered)} answered${open}${shares}${again}${peak}`;
}

function delaysText({ delays, sessions }: ReportSignalling): string {
  const parts = [
    ['post-dial', delays.pdd],
    ['ringing', delays.ringing],
    ['teardown', delays.sdd],
  ] as const;
  const texts = parts
    .filter(([, { count }]) => count > 0)
    .map(([name, delay]) => `${name} ${delayText(delay)}`);
  const { meanMs, count } = sessions.completed;
  if (count > 0) texts.push(`mean call ${span(meanMs ?? 0)} (ACD)`);
  return texts.length === 0 ? 'none measured' : texts.join('; ');
}

function delayText({ p50Ms, p95Ms, count }: ReportDelay): string {
  if (count === 1) return `${seconds(p50Ms, 2)} s`;
  return `p50 ${seconds(p50Ms, 2)} s, p95 ${seconds(p95Ms, 2)} s`;
}

/** Final responses other than 200, the most frequent first. */
function codesText(codes: Readonly<Record<string, number>>): string {
  const known = Object.entries(codes).filter(([code]) => code !== '200');
  known.sort((a, b) => b[1] - a[1]);
  const shown = known.slice(0, CODES_SHOWN).map(([code, count]) => `${code} ${grouped(count)} times`);
  if (known.length > CODES_SHOWN) shown.push(`+${known.length - CODES_SHOWN} more codes`);
  return shown.join(', ').replaceAll(' 1 times', ' once');
}

function registrationsText({ registrations, ratios, delays }: ReportSignalling): string {
  const { succeeded, failed, ofScans, active } = registrations;
  const delay = delays.rrd.count > 0 ? ` (${delayText(delays.rrd)})` : '';
  const scans = ofScans > 0 ? `, and ${grouped(ofScans)} of scans or guessing` : '';
  const share = failed > 0 && ratios.ira.ratio !== null ? ` (IRA ${percent(ratios.ira.ratio)} %)` : '';
  return `${grouped(active)} now; ${grouped(succeeded)} attempts succeeded${delay}, ${grouped(failed)} failed${share}${scans}`;
}

/** Trunks that were down, the longest first; nothing where all were up. */
export function* trunkLines({ records }: Report, selection: Selection, style: TextStyle): Generator<string> {
  const down = [...selection.trunks].filter((sequence) => {
    const { state, downMs } = records.trunks.summary(sequence);
    return state === 'down' || downMs > 0;
  });
  if (down.length === 0) return;
  const longest = (sequence: number): number => records.trunks.summary(sequence).downMs;
  down.sort((a, b) => longest(b) - longest(a));
  yield '';
  yield (style.paint ?? PLAIN).bold(`TRUNKS, ${grouped(down.length)} not always up`);
  for (const sequence of down.slice(0, TRUNKS_SHOWN)) {
    const trunk = shownTrunk(records, sequence);
    yield* factLines(trunk.id, trunkText(trunk), style);
  }
  if (down.length > TRUNKS_SHOWN) yield `  +${down.length - TRUNKS_SHOWN} more`;
}

function trunkText(trunk: ReportTrunk): string {
  const { src, dst, host, party, state, requests, answered, downMs, delay, transitions, lastStatus } = trunk;
  const to = dst === null ? (host ?? 'unknown') : `${dst.ip} port ${dst.port}`;
  const since = transitions.findLast((each) => each.state === 'down');
  const at = since === undefined ? '' : ` since ${clock(since.time)}`;
  const word = state === 'down' ? `DOWN${at}` : `up again, was down for ${span(downMs)}`;
  const said = lastStatus === null ? '' : `, last answer ${lastStatus}`;
  const fast = delay.count > 0 ? `, ${delayText(delay)}` : '';
  const who = party === null ? '' : `, asked for ${party}`;
  return `${src?.ip ?? 'unknown'} to ${to}${who}: ${word}; ${grouped(answered)} of ${grouped(requests)} OPTIONS answered${fast}${said}`;
}
