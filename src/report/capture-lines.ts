import { clock, counted, day, grouped, span } from './amounts.ts';
import type { ReportCapture } from './contract.ts';
import { type DiscardedWords, discardedWords } from './discarded-words.ts';
import { microsOf } from './iso-time.ts';
import { PLAIN, type TextStyle, type Tone } from './paint.ts';
import { wrapped } from './terminal-text.ts';
import { voiceClassText } from './voice-class-text.ts';

type TrustVerdict = ReportCapture['trust']['verdict'];

const TRUST_TONE: Readonly<Record<TrustVerdict, Tone>> = {
  trusted: 'green',
  degraded: 'yellow',
  untrusted: 'red',
};

/** Not worth a word: every mirror port sees some, and no voice is lost by them. */
const ORDINARY = new Set(['not_ip', 'other_ip_protocol', 'icmp', 'empty_payload', 'rtp_candidate_evicted']);
const DISCARDED_SHOWN = 4;

/** What was read, from when to when, and whether it can be trusted; reasons where it cannot. */
export function* captureLines(capture: ReportCapture, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const width = style.columns ?? 0;
  const { verdict, reasons } = capture.trust;
  if (capture.point !== null)
    for (const part of wrapped(`measured at ${capture.point}`, width)) yield paint.bold(part);
  // In capitals when it is bad news: the line is read in a hurry, and colours may be off.
  const word = verdict === 'trusted' ? verdict : verdict.toUpperCase();
  const line = `${filesText(capture)}: ${timesText(capture)}, ${counted(capture.packets, 'packet')}, capture ${word}`;
  for (const part of wrapped(line, width)) {
    // The verdict is the last word, so it is whole in whatever line it fell.
    yield part.endsWith(word) ? part.slice(0, -word.length) + paint[TRUST_TONE[verdict]](word) : part;
  }
  if (verdict !== 'trusted') {
    for (const reason of reasons) {
      for (const part of wrapped(`${reason.text} [${reason.code}]`, Math.max(0, width - 2))) {
        yield `  ${paint[TRUST_TONE[verdict]](part)}`;
      }
    }
  }
  const { undecoded, notKept } = discardedWords(capture.discarded);
  const texts = [undecodedText(undecoded), ...notKeptTexts(notKept), voiceClassText(capture.voiceClass)];
  const lines = texts.filter((text) => text !== null);
  for (const text of lines) for (const part of wrapped(text, Math.max(0, width - 2))) yield `  ${part}`;
}

/** What was in a capture of which nothing else is to be told: is it the wrong file, or the wrong port? */
export function decodedText({ packets, decoded }: ReportCapture): string {
  const { sip, rtp, rtcp, t38 } = decoded;
  return `of ${counted(packets, 'packet')}: ${grouped(sip)} SIP, ${grouped(rtp)} RTP, ${grouped(rtcp)} RTCP, ${grouped(t38)} T.38`;
}

function filesText({ files }: ReportCapture): string {
  const first = files[0];
  return files.length === 1 && first !== undefined ? first.path : counted(files.length, 'file');
}

function timesText({ startTime, endTime }: ReportCapture): string {
  const startUs = microsOf(startTime);
  const endUs = microsOf(endTime);
  if (startUs === null || endUs === null) return 'no time span';
  const endDay = day(startTime) === day(endTime) ? '' : `${day(endTime)} `;
  const length = span((endUs - startUs) / 1000);
  return `${day(startTime)} ${clock(startTime)} to ${endDay}${clock(endTime)} UTC (${length})`;
}

function undecodedText(undecoded: DiscardedWords['undecoded']): string | null {
  const known = undecoded.filter(([reason]) => !ORDINARY.has(reason));
  if (known.length === 0) return null;
  const shown = known.slice(0, DISCARDED_SHOWN).map(([reason, count]) => `${grouped(count)} ${reason}`);
  const more = known.length > DISCARDED_SHOWN ? `, +${known.length - DISCARDED_SHOWN} more reasons` : '';
  return `not decoded: ${shown.join(', ')}${more}`;
}

/** Each on a line of its own: what it says is missing may be what somebody looks for. */
function notKeptTexts(lines: DiscardedWords['notKept']): string[] {
  const texts = lines.slice(0, DISCARDED_SHOWN).map((text) => `not kept: ${text}`);
  if (lines.length > DISCARDED_SHOWN) texts.push(`not kept: +${lines.length - DISCARDED_SHOWN} more reasons`);
  return texts;
}
