import { clock, counted, day, fixed, moment, span } from '../amounts.ts';
import type { ReportCapture, ReportFinding } from '../contract.ts';
import { directionWords, findingPlace, SEVERITY_TONE } from '../finding-notes.ts';
import type { CallTimes } from '../finding-time.ts';
import { isoMicros } from '../iso-time.ts';
import { PLAIN, type TextStyle, type Tone } from '../paint.ts';
import { wrapped } from '../terminal-text.ts';
import { neutralised } from '../wire-text.ts';
import type { Answer, Candidate, TicketAnswer } from './answer.ts';
import type { BadMoments } from './bad-moments.ts';
import type { Others } from './others.ts';
import { type Question, questionText } from './question.ts';
import type { TimeSpan } from './time-window.ts';

const WORDS: Readonly<Record<Answer, string>> = {
  confirmed: 'CONFIRMED',
  nothing_wrong: 'SEEN, NOTHING OF THE KIND WRONG AT THIS POINT',
  not_seen: 'NOT SEEN AT THIS POINT',
  no_visibility: 'NO VISIBILITY',
};

const TONES: Readonly<Record<Answer, Tone>> = {
  confirmed: 'red',
  nothing_wrong: 'green',
  not_seen: 'yellow',
  no_visibility: 'yellow',
};

/** Spans named in a line. */
const SPANS_SHOWN = 3;
/** Findings under a call that are not what was asked for. */
const BESIDES_SHOWN = 3;

/** An answer in words, each line with its line end. */
export function* renderAnswer(
  told: TicketAnswer,
  capture: ReportCapture,
  style: TextStyle = {},
): Generator<string> {
  for (const line of answerLines(told, capture, style)) yield `${line}\n`;
}

function* answerLines(told: TicketAnswer, capture: ReportCapture, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const { question, answer, candidates } = told;
  yield `${paint.bold(paint[TONES[answer]](WORDS[answer]))}: ${neutralised(questionText(question))}`;
  yield* indented(spanLine(question), 2, style);
  yield* indented(summary(told), 2, style);
  for (const candidate of candidates) yield* candidateLines(candidate, style);
  if (told.more > 0) yield `  +${counted(told.more, 'call')} more`;
  for (const finding of told.registrations)
    yield* findingLines(finding, null, `${moment(finding.startTime, true)} `, 2, style);
  if (told.limits.length > 0) {
    yield '';
    yield paint.bold(answer === 'no_visibility' ? 'WHY IT CANNOT BE SAID' : 'WHAT MAY BE MISSING');
    for (const { text, code } of told.limits) yield* indented(`${text} [${code}]`, 2, style);
  }
  yield* othersLines(told.others, question.symptom?.name ?? null, style);
  yield '';
  const { verdict } = capture.trust;
  const times = `${capture.startTime ?? 'unknown'} to ${capture.endTime ?? 'unknown'}`;
  yield* indented(`capture ${verdict}, ${times}`, 0, style);
}

function spanLine({ at }: Question): string {
  return at === null ? 'at any time of the capture' : spansText(at.spans);
}

function summary({ answer, candidates, more, registrations, callsThen, question }: TicketAnswer): string {
  const calls = candidates.length + more;
  const then = question.at === null ? 'in the capture' : 'at that time';
  if (answer === 'confirmed') {
    const parts = [
      calls > 0 ? `${counted(calls, 'call')} with it` : '',
      registrations.length > 0 ? `${counted(registrations.length, 'finding')} about the registration` : '',
    ];
    return parts.filter((part) => part !== '').join(', ');
  }
  if (calls > 0) return `${counted(calls, 'call')} may be meant, none shows it`;
  const anyone = question.party === null ? '' : `; ${counted(callsThen, 'call')} of anybody ${then}`;
  return `no such call ${then}${anyone}`;
}

function* candidateLines(candidate: Candidate, style: TextStyle): Generator<string> {
  const { call, shows, moments, hints, besides, limits } = candidate;
  const paint = style.paint ?? PLAIN;
  const length = call.durationMs === null ? '' : `, ${span(call.durationMs)}`;
  const code = call.finalCode === null || call.finalCode === 200 ? '' : ` ${call.finalCode}`;
  const who = `${call.from ?? 'unknown'} to ${call.to ?? 'unknown'}`;
  yield '';
  yield* indented(
    `${call.id}  ${day(call.startTime)} ${clock(call.startTime)}  ${who}, ${call.state}${code}${length}`,
    2,
    style,
    paint.bold,
  );
  for (const finding of shows) yield* findingLines(finding, call, '', 4, style);
  for (const each of moments) yield* indented(momentsText(each), 4, style, paint.yellow);
  for (const finding of hints) yield* findingLines(finding, call, 'beside it: ', 4, style);
  for (const finding of besides.slice(0, BESIDES_SHOWN))
    yield* findingLines(finding, call, 'else: ', 4, style);
  if (besides.length > BESIDES_SHOWN) yield `    else: +${besides.length - BESIDES_SHOWN} more`;
  for (const { text, code } of limits) yield* indented(`cannot be said: ${text} [${code}]`, 4, style);
  if (shows.length + moments.length > 0) return;
  for (const line of call.clean?.notSeen ?? []) yield* indented(`not seen here: ${line}`, 4, style);
}

function momentsText({ streamId, direction, intervals, of, badR, lowestR, lowestTime }: BadMoments): string {
  const where = directionWords(direction);
  return (
    `measured: ${where === null ? '' : `${where} `}(${streamId}): R under ${fixed(badR, 0)} by lost or late packets in ` +
    `${intervals} of ${counted(of, 'interval')}, lowest ${fixed(lowestR, 1)} at ${clock(lowestTime)}`
  );
}

function* findingLines(
  finding: ReportFinding,
  call: CallTimes | null,
  lead: string,
  indent: number,
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const text = `${lead}${finding.severity}: ${findingPlace(finding, call)}${finding.text} [${finding.code}]`;
  yield* indented(text, indent, style, paint[SEVERITY_TONE[finding.severity]]);
}

/** What else was bad at that moment; nothing where there is no moment. A symptom stands for its findings. */
export function* othersLines(
  others: Others | null,
  symptom: string | null,
  style: TextStyle,
): Generator<string> {
  if (others === null) return;
  const paint = style.paint ?? PLAIN;
  yield '';
  yield paint.bold('WHAT ELSE WAS BAD THEN');
  yield* indented(spansText(others.spans), 2, style);
  yield* indented(othersText(others, symptom), 2, style);
  for (const finding of others.across)
    yield* findingLines(finding, null, `${clock(finding.startTime)} `, 2, style);
}

function othersText({ calls, bad, codes, sameWay, shared }: Others, symptom: string | null): string {
  if (calls === 0) return 'no other call was on';
  const total = `${counted(calls, 'other call')}, ${bad === 0 ? 'none' : bad} of them bad`;
  if (codes.length === 0) return total;
  const way = `${sameWay === 0 ? 'none' : sameWay} in the same way (${symptom ?? codes.join(', ')})`;
  if (shared === null) return `${total}, ${way}`;
  const { address, calls: through, sameWay: alike } = shared;
  const which = alike === sameWay ? (alike === 1 ? 'it' : `all ${alike}`) : `${alike} of these`;
  const well = through - alike;
  const beside =
    well === 0 ? 'as no other call did' : `as ${counted(well, 'other call')} did that had nothing of it`;
  return `${total}, ${way}; ${which} passed ${address} as well, ${beside}`;
}

function spansText(spans: readonly TimeSpan[]): string {
  if (spans.length === 0) return 'no time of the capture';
  const shown = spans.slice(0, SPANS_SHOWN).map(spanText);
  if (spans.length > SPANS_SHOWN) shown.push(`+${spans.length - SPANS_SHOWN} more`);
  return shown.join('; ');
}

function spanText({ fromUs, toUs }: TimeSpan): string {
  const [from, to] = [isoMicros(fromUs), isoMicros(toUs)];
  const toText = to === null ? 'the end' : `${day(from) === day(to) ? '' : `${day(to)} `}${clock(to)}`;
  return `${day(from)} ${clock(from)} to ${toText} UTC`;
}

function* indented(
  text: string,
  indent: number,
  style: TextStyle,
  tone: (text: string) => string = (same) => same,
): Generator<string> {
  const width = style.columns ?? 0;
  // Here, and nowhere else, texts of the wire come to a terminal.
  const lines = wrapped(neutralised(text), width === 0 ? 0 : Math.max(1, width - indent));
  for (const line of lines) yield ' '.repeat(indent) + tone(line);
}
