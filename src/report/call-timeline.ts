import { counted, seconds, span } from './amounts.ts';
import type { ReportCall, ReportStream } from './contract.ts';
import { directionWords } from './finding-notes.ts';
import type { ShownMessage } from './html/evidence-contract.ts';
import { microsOf } from './iso-time.ts';
import type { TextStyle } from './paint.ts';
import { renegotiations } from './renegotiations.ts';
import { type Handover, handovers, isSameDestination, isSameSource } from './stream-handovers.ts';
import { wrapped } from './terminal-text.ts';
import { neutralised } from './wire-text.ts';

/** Changes from stream to stream that have a line of their own. */
const HANDOVERS_SHOWN = 12;
/** The same, of what was agreed anew. */
const RENEGOTIATIONS_SHOWN = 24;
/** Where texts begin. */
const INDENT = 18;

interface Moment {
  offsetMs: number;
  text: string;
}

/** What happened when, as offsets from the first INVITE. What was agreed anew is known of the messages, where anybody looked. */
export function* timelineLines(
  call: ReportCall,
  streams: readonly ReportStream[],
  messages: readonly ShownMessage[],
  options: TextStyle,
): Generator<string> {
  const startUs = microsOf(call.startTime);
  const since = (iso: string | null): number | null => {
    const us = microsOf(iso);
    return us === null || startUs === null ? null : (us - startUs) / 1000;
  };
  const moments: Moment[] = [];
  const add = (offsetMs: number | null, text: string): void => {
    if (offsetMs !== null) moments.push({ offsetMs, text });
  };
  // An end without a duration: the call had begun before the capture did.
  add(0, call.durationMs === null && call.endTime !== null ? 'first message seen' : 'INVITE');
  add(call.setup.postDialDelayMs, 'ringing (post-dial delay)');
  add(since(call.answerTime), 'answered');
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const starts = streams
      .filter((stream) => stream.direction === direction)
      .map((stream) => since(stream.startTime));
    const known = starts.filter((offset) => offset !== null);
    const delay = call.setup.mediaDelayMs[direction];
    const after =
      delay === null ? '' : delay === 0 ? ', before or with the answer' : `, ${span(delay)} after the answer`;
    if (known.length > 0) add(Math.min(...known), `first media ${directionWords(direction)}${after}`);
  }
  const changes = handovers(streams);
  for (const [i, change] of changes.slice(0, HANDOVERS_SHOWN).entries()) {
    const left = i + 1 === HANDOVERS_SHOWN ? changes.length - HANDOVERS_SHOWN : 0;
    const more = left > 0 ? `; +${counted(left, 'change')} more` : '';
    add(startUs === null ? null : (change.atUs - startUs) / 1000, `${handoverText(change)}${more}`);
  }
  const agreed = renegotiations(messages);
  for (const [i, { atUs, text }] of agreed.slice(0, RENEGOTIATIONS_SHOWN).entries()) {
    const left = i + 1 === RENEGOTIATIONS_SHOWN ? agreed.length - RENEGOTIATIONS_SHOWN : 0;
    const more = left > 0 ? `; +${counted(left, 'change')} more` : '';
    add(startUs === null ? null : (atUs - startUs) / 1000, neutralised(`${text}${more}`));
  }
  add(since(call.endTime), call.releasedBy === null ? 'end' : `end, released by the ${call.releasedBy}`);
  const width = options.columns ? Math.max(1, options.columns - INDENT) : 0;
  moments.sort((a, b) => a.offsetMs - b.offsetMs);
  for (const { offsetMs, text } of moments) {
    const sign = offsetMs < 0 ? '' : '+';
    let lead = `  ${`${sign}${seconds(offsetMs, 3)} s`.padStart(14)}  `;
    for (const line of wrapped(text, width)) {
      yield lead + line;
      lead = ' '.repeat(INDENT);
    }
  }
}

/** What changed from one stream to the next. That nothing is missing between them nobody can say. */
function handoverText({ before, after, betweenMs }: Handover): string {
  const places = [
    isSameSource(before, after) ? '' : ', from another address',
    isSameDestination(before, after) ? '' : ', to another address',
  ].join('');
  const change =
    before.ssrc === after.ssrc
      ? `${after.ssrc} goes on as ${after.id}${places}`
      : `changed from ${before.ssrc} (${before.id}) to ${after.ssrc} (${after.id})${places}`;
  const order = betweenMs < 0 ? 'before' : 'after';
  return `SSRC ${directionWords(after.direction)} ${change}, ${span(Math.abs(betweenMs))} ${order} the last packet of ${before.id}`;
}
