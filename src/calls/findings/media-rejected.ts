import type { MediaRefusalRecord } from '../../records/media-refusal.ts';
import type { Direction, FindingRecord, StreamRecord } from '../../records/types.ts';
import { type CallFacts, DIRECTIONS, endsOf } from './call-facts.ts';
import { aboutCall, aboutStream, secondsText, type Verdict } from './finding.ts';
import { lengthUs, overlapUs, type Span } from './talk-time.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.ts';

/** Fewer errors than this say nothing of a direction that is seen to flow. */
const ERRORS_MIN = 3;
/** Refused for so much of the time in which it was sent, a direction is as good as dead. */
const MOST_OF_THE_TIME = 0.5;

/** Errors that count, of one direction and either media or RTCP. */
interface Refused {
  /** The most frequent kind. */
  main: MediaRefusalRecord;
  count: number;
  startUs: number;
  endUs: number;
}

/**
 * Media of a call that hosts or routers send back while it is wanted. What comes after the end of the call, or on hold,
 * is normal life: a port is closed before the other side hears of it. So is a burst of less than a second, as when a
 * port opens late or has just been left for another.
 */
export function rejectedFindings(facts: CallFacts): FindingRecord[] {
  if (facts.record.mediaRefusals.length === 0) return [];
  const spans = wantedTime(facts);
  const found: FindingRecord[] = [];
  for (const direction of DIRECTIONS) {
    const refused = facts.record.mediaRefusals.filter((each) => each.direction === direction);
    const media = refused.filter(({ rtcp }) => !rtcp);
    const reports = refused.filter(({ rtcp }) => rtcp);
    const finding =
      mediaFinding(facts, direction, refusedIn(media, spans)) ??
      reportsFinding(facts, direction, refusedIn(reports, spans));
    if (finding !== null) found.push(finding);
  }
  return found;
}

/** The same for a stream whose call is not known: what is refused at its very end may come after a hang-up. */
export function streamRefused(
  stream: StreamRecord,
  refusals: readonly MediaRefusalRecord[],
  limits: Thresholds = DEFAULT_THRESHOLDS,
): FindingRecord[] {
  const span = { startUs: stream.startUs, endUs: stream.endUs + limits.settledMs * 1000 };
  for (const rtcp of [false, true]) {
    const refused = refusedIn(
      refusals.filter((each) => each.rtcp === rtcp),
      [span],
    );
    if (refused === null || refused.count < ERRORS_MIN) continue;
    const refusedUs = refused.endUs - refused.startUs;
    const sentUs = stream.endUs - stream.startUs;
    if (refusedUs < limits.afterEndMs * 1000) continue;
    const severity = rtcp ? 'info' : refusedUs >= MOST_OF_THE_TIME * sentUs ? 'critical' : 'warning';
    const place = `${stream.src.ip}:${stream.src.port} to ${stream.dst.ip}:${stream.dst.port}`;
    return [aboutStream(stream, verdictOf(refused, `sent from ${place}`, severity, sentUs))];
  }
  return [];
}

function mediaFinding(facts: CallFacts, direction: Direction, refused: Refused | null): FindingRecord | null {
  if (refused === null) return null;
  const { record, thresholds, call } = facts;
  const sentUs = sentTimeUs(facts, direction);
  const refusedUs = refused.endUs - refused.startUs;
  // The BYE may have passed elsewhere.
  const leastMs = call.endUs === null ? thresholds.afterEndMs : thresholds.settledMs;
  const settled = refused.count >= ERRORS_MIN && refusedUs >= leastMs * 1000;
  if (sentUs > 0 && !settled) return null;
  const { sender, receiver } = endsOf(direction);
  const severity = refusedUs >= MOST_OF_THE_TIME * sentUs ? 'critical' : 'warning';
  return aboutCall(record, direction, verdictOf(refused, `from ${sender} to ${receiver}`, severity, sentUs));
}

/** A side that takes media and no reports on it: nothing is heard of that. */
function reportsFinding(
  facts: CallFacts,
  direction: Direction,
  refused: Refused | null,
): FindingRecord | null {
  const { settledMs } = facts.thresholds;
  if (refused === null || refused.count < ERRORS_MIN) return null;
  if (refused.endUs - refused.startUs < settledMs * 1000) return null;
  const { sender, receiver } = endsOf(direction);
  const sentUs = sentTimeUs(facts, direction);
  return aboutCall(
    facts.record,
    direction,
    verdictOf(refused, `from ${sender} to ${receiver}`, 'info', sentUs),
  );
}

function verdictOf(
  { main, count, startUs, endUs }: Refused,
  way: string,
  severity: Verdict['severity'],
  sentUs: number,
): Verdict {
  const { reason, icmp, from, fromReceiver, rtcp } = main;
  const to = main.to.ip.includes(':') ? `[${main.to.ip}]:${main.to.port}` : `${main.to.ip}:${main.to.port}`;
  const name = `${icmp.version === 6 ? 'ICMPv6' : 'ICMP'} ${icmp.type}/${icmp.code}`;
  const who = fromReceiver ? `the receiver itself, ${from},` : `${from}, on the way,`;
  const times = count === 1 ? 'once' : `${count} times in ${secondsText((endUs - startUs) / 1000)} s`;
  return {
    code: 'media_rejected',
    severity,
    text:
      `${rtcp ? 'RTCP' : 'media'} ${way} is refused: ${who} says ${reason.replaceAll('_', ' ')} (${name}) ` +
      `of ${to}, at least ${times}`,
    evidence: {
      reason,
      icmp: name,
      from,
      fromReceiver,
      to,
      rtcp,
      errorsAtLeast: count,
      refusedMs: (endUs - startUs) / 1000,
      sentMs: sentUs / 1000,
    },
    startUs,
    endUs,
  };
}

/** Errors within some spans; null when there are none. */
function refusedIn(refusals: readonly MediaRefusalRecord[], spans: readonly Span[]): Refused | null {
  const found: Refused[] = [];
  for (const main of refusals) {
    const times = main.timesUs.filter((us) =>
      spans.some(({ startUs, endUs }) => us >= startUs && us <= endUs),
    );
    if (times.length === 0) continue;
    // Not all times are kept: the last one, and how many there were, are known where none is left out.
    const all = times.length === main.timesUs.length;
    const count = all ? main.count : Math.min(main.count, times.length * main.stride);
    found.push({ main, count, startUs: Math.min(...times), endUs: all ? main.endUs : Math.max(...times) });
  }
  if (found.length === 0) return null;
  found.sort((a, b) => b.count - a.count);
  return {
    main: found[0]!.main,
    count: found.reduce((sum, { count }) => sum + count, 0),
    startUs: Math.min(...found.map(({ startUs }) => startUs)),
    endUs: Math.max(...found.map(({ endUs }) => endUs)),
  };
}

/** When a call wants media: two-way audio, or a fax. All of it when it was answered before the capture began. */
function wantedTime({ call, record, talk, visibility }: CallFacts): Span[] {
  const endUs = call.endUs ?? visibility.nowUs;
  if (call.answerUs === null) return call.inviteUs === null ? [{ startUs: 0, endUs }] : [];
  const faxes = DIRECTIONS.map((direction) => record.t38?.[direction] ?? null).filter(
    (each) => each !== null,
  );
  return united([
    ...talk.talk,
    ...faxes.map((fax) => ({ startUs: fax.startUs, endUs: Math.min(fax.endUs, endUs) })),
  ]);
}

/** The same time in spans that do not overlap. */
function united(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const { startUs, endUs } of [...spans].sort((a, b) => a.startUs - b.startUs)) {
    const last = all.at(-1);
    if (last !== undefined && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else if (endUs > startUs) all.push({ startUs, endUs });
  }
  return all;
}

/** How long a direction was seen to flow while it was wanted, us. */
function sentTimeUs(facts: CallFacts, direction: Direction): number {
  const flows: Span[] = facts.streams.filter(
    (stream) => stream.direction === direction && stream.packets > 0,
  );
  const fax = facts.record.t38?.[direction] ?? null;
  const all = fax === null ? flows : [...flows, fax];
  const wanted = wantedTime(facts);
  const sentUs = all.reduce((sum, { startUs, endUs }) => sum + overlapUs(wanted, startUs, endUs), 0);
  return Math.min(sentUs, lengthUs(wanted));
}
