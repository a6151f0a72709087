import type { Alert, WorstCall } from './alert.ts';
import { describe } from './describe.ts';
import { driverOf, hasDriver } from './driver.ts';
import type { KnownCalls } from './known-calls.ts';
import type { RuleSet } from './rule.ts';
import type { Judgement, Series } from './series.ts';

/** So many of the worst calls are named. */
const WORST_SHOWN = 3;

/** What an alert is made of besides its series. */
export interface AlertParts {
  set: RuleSet;
  known: KnownCalls;
}

/** Why an alert is information only; null when it is not. */
export function informationOnly(series: Series, nowUs: number): string | null {
  const { pageIf, minCalls } = series.rule;
  if (pageIf === 'driver' && !hasDriver(series, nowUs)) {
    return 'no loss, discard or delay behind it: the codec alone';
  }
  if (pageIf === 'hurt') {
    const heard = series.calls(nowUs).filter((call) => call.heard).length;
    if (heard < Math.max(1, minCalls)) return 'calls are healthy all the same';
  }
  return null;
}

/** The alert of a series as it stands now; what it was before goes on: worst value, worst calls, most calls. */
export function alertOf(
  series: Series,
  judged: Judgement,
  nowUs: number,
  before: Alert | null,
  parts: AlertParts,
): Alert {
  const { rule, labels, episode } = series;
  const { set, known } = parts;
  const value = worstOf(rule.side, before?.value ?? null, series.value(nowUs));
  const calls = series.calls(nowUs);
  const more = series.touched.since(series.firstPane(series.panes.paneAt(nowUs))).more;
  const info = informationOnly(series, nowUs);
  const users = usersOf(calls, known);
  const alert: Omit<Alert, 'text'> = {
    rule: rule.name,
    summary: rule.summary,
    severity: info === null ? rule.severity : 'info',
    labels,
    state: 'firing',
    sinceUs: episode.sinceUs,
    startUs: episode.firedUs,
    endUs: null,
    signal: rule.signal.name,
    measure: rule.measureText,
    unit: shownUnit(series),
    cause: judged.raised || before === null ? judged.cause : before.cause,
    value,
    threshold: rule.threshold,
    clear: rule.clear,
    usual: judged.raised || before === null ? judged.usual : before.usual,
    windowUs: rule.windowUs,
    samples: Math.max(judged.samples, before?.samples ?? 0),
    calls: Math.max(calls.length, before?.calls ?? 0),
    callsMore: more || (before?.callsMore ?? false),
    users: users === null ? (before?.users ?? null) : Math.max(users, before?.users ?? 0),
    driver: (judged.raised ? driverOf(series, nowUs, calls, known) : null) ?? before?.driver ?? null,
    worst: worstCalls(series, calls, before?.worst ?? [], parts),
    flapping: episode.flapping,
    held: null,
    informationOnly: info,
    owner: rule.owner,
    runbook: `${set.runbooks}/${rule.runbook.replace(/(#.*)?$/, '.md$1')}`,
  };
  return { ...alert, text: describe(alert) };
}

/** Shares and ratios are shown in percent whatever they are made of; counts have no unit. */
function shownUnit({ rule }: Series): string {
  const { kind } = rule.measure;
  if (kind === 'share' || kind === 'ratio')
    return rule.signal.unit === '' && rule.signal.kind === 'parts' ? '' : 'ratio';
  return kind === 'percentile' ? rule.signal.unit : '';
}

function worstOf(side: 'above' | 'below', before: number | null, now: number | null): number | null {
  if (before === null || now === null) return now ?? before;
  return side === 'above' ? Math.max(before, now) : Math.min(before, now);
}

function usersOf(calls: ReturnType<Series['calls']>, known: KnownCalls): number | null {
  const users = new Set<string>();
  for (const { callId } of calls) for (const party of known.get(callId)?.parties ?? []) users.add(party);
  return users.size === 0 ? null : users.size;
}

function worstCalls(
  { rule }: Series,
  calls: ReturnType<Series['calls']>,
  before: readonly WorstCall[],
  { known, set: { callLink: link } }: AlertParts,
): WorstCall[] {
  const sign = rule.signal.worse === 'high' ? -1 : 1;
  const now = calls.map(({ callId, streamId, worst, worstUs }) => ({
    callId,
    streamId,
    value: worst,
    timeUs: worstUs,
    parties: known.get(callId)?.parties ?? [],
    link: link === null || callId === null ? null : link.replaceAll('{callId}', encodeURIComponent(callId)),
  }));
  const best = new Map<string, WorstCall>();
  for (const call of [...before, ...now].sort((a, b) => sign * (a.value - b.value) || a.timeUs - b.timeUs)) {
    const name = call.callId ?? call.streamId ?? '';
    if (!best.has(name)) best.set(name, call);
  }
  return [...best.values()].slice(0, WORST_SHOWN);
}
