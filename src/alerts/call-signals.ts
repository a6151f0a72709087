import { type AttemptOutcome, attemptOutcome } from '../records/attempt-outcome.ts';
import { emergencyFailed } from '../records/emergency-outcome.ts';
import { mediaDelayMs } from '../records/media-delay.ts';
import type { ReportCall } from '../report/contract.ts';
import type { Signal, SignalMetric } from './signal.ts';

interface Described {
  doc: string;
  worse?: 'low';
  quality?: true;
  metric?: SignalMetric;
}

function value(
  name: string,
  described: Described & { unit: Signal['unit'] },
  read: (call: ReportCall) => number | null,
): Signal {
  return {
    ...{ name: `call.${name}`, kind: 'value', of: 'call', quality: false, about: 'calls' },
    ...{ worse: 'high', ...described },
    read: (record) => (record.type === 'call' ? read(record) : null),
  };
}

/** Null for calls that the question is not asked of. */
function event(name: string, described: Described, read: (call: ReportCall) => boolean | null): Signal {
  return {
    ...{ name: `call.${name}`, kind: 'event', of: 'call', unit: '', quality: false, about: 'calls' },
    ...{ worse: 'high', ...described },
    read: (record) => {
      const said = record.type === 'call' ? read(record) : null;
      return said === null ? null : said ? 1 : 0;
    },
  };
}

/** Codes of a service that cannot cope. */
const OVERLOADED: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

const isOver = ({ state }: ReportCall): boolean => state !== 'open' && state !== 'ringing';

/** What became of an attempt, as metrics and reports count it; null where that, or its INVITE, was not seen. */
function outcomeOf({ state, finalCode, answerTime, setup, signalling }: ReportCall): AttemptOutcome | null {
  if (signalling.tries === 0) return null;
  const rang = setup.postDialDelayMs !== null;
  const { ofScan } = signalling;
  const outcome = attemptOutcome({ state, finalCode, answerSeen: answerTime !== null, rang, ofScan });
  return outcome.resolved ? outcome : null;
}

/** The network did its part, whatever users did (ITU-T E.425, NER). */
const isServed = ({ answered, userOutcome, afterRinging }: AttemptOutcome): boolean =>
  answered || userOutcome || afterRinging;
const histogram = (name: string, scale: number): SignalMetric => ({ histogram: name, scale });

/** One sample for each call, when it is over. */
export const CALL_SIGNALS: readonly Signal[] = [
  value(
    'postDialDelayMs',
    {
      doc: 'INVITE to ringing',
      unit: 'ms',
      metric: {
        ...histogram('earshot_post_dial_delay_seconds', 0.001),
        note: 'the metric also counts calls that were answered or refused without ringing, and none without a known outcome',
      },
    },
    (call) => call.setup.postDialDelayMs,
  ),
  value(
    'answerDelayMs',
    {
      doc: 'INVITE to answer',
      unit: 'ms',
      metric: histogram('earshot_answer_delay_seconds', 0.001),
    },
    (call) => (outcomeOf(call)?.answered === true ? call.setup.answerDelayMs : null),
  ),
  value(
    'mediaDelayMs',
    {
      doc: 'answer to first media, the slower way',
      unit: 'ms',
      metric: histogram('earshot_media_delay_seconds', 0.001),
    },
    (call) => (outcomeOf(call)?.answered === true ? mediaDelayMs(call) : null),
  ),
  value('roundTripMs', { doc: 'round trip between the ends', unit: 'ms' }, (call) => call.roundTripMs),
  value('durationMs', { doc: 'length of answered calls', unit: 'ms', worse: 'low' }, (call) =>
    call.state === 'answered' && call.endTime !== null ? call.durationMs : null,
  ),
  value(
    'ringMs',
    { doc: 'ringing to answer or end', unit: 'ms', metric: histogram('earshot_ring_seconds', 0.001) },
    (call) => (outcomeOf(call) === null ? null : call.signalling.ringMs),
  ),
  event('any', { doc: 'calls', metric: { numerator: 'earshot_calls_total', denominator: '' } }, () => true),
  event(
    'answered',
    {
      doc: 'attempts that were answered (answer-seizure ratio)',
      worse: 'low',
      metric: { numerator: 'earshot_calls_answered_total', denominator: 'earshot_call_attempts_total' },
    },
    (call) => outcomeOf(call)?.answered ?? null,
  ),
  event(
    'served',
    {
      doc: 'attempts that the network served, whatever users did (network efficiency ratio); those sent elsewhere (3xx) are not asked',
      worse: 'low',
      metric: {
        numerator: 'earshot_calls_network_effective_total',
        denominator: 'earshot_call_attempts_total',
        less: 'earshot_calls_redirected_total',
      },
    },
    (call) => {
      const outcome = outcomeOf(call);
      return outcome === null || outcome.redirected ? null : isServed(outcome);
    },
  ),
  event(
    'failed',
    {
      doc: 'attempts that the service failed: neither served, nor sent elsewhere, nor taken back by the caller',
    },
    (call) => {
      const outcome = outcomeOf(call);
      if (outcome === null) return null;
      return call.state === 'failed' && !outcome.redirected && !isServed(outcome);
    },
  ),
  event('overloaded', { doc: 'attempts refused with 408 or 500 to 504' }, (call) =>
    isOver(call) ? call.finalCode !== null && OVERLOADED.has(call.finalCode) : null,
  ),
  event('badMedia', { doc: 'answered calls whose media was bad', quality: true }, (call) =>
    call.state === 'answered' && call.verdict !== 'unknown'
      ? call.verdict === 'media' || call.verdict === 'both'
      : null,
  ),
  event(
    'emergencyFailed',
    {
      doc: 'emergency calls that were not answered or were cut off, where one side could not hear the other, or with a critical finding',
      metric: {
        numerator: 'earshot_emergency_calls_failed_total',
        denominator: 'earshot_emergency_calls_total',
      },
    },
    emergencyFailed,
  ),
  {
    name: 'sip.retransmissionRatio',
    doc: 'requests of calls that timers sent again, of all',
    kind: 'parts',
    of: 'call',
    unit: 'ratio',
    worse: 'high',
    quality: false,
    about: 'requests',
    read: (record) => (record.type === 'call' ? record.signalling.retransmissions : null),
    readTotal: (record) =>
      record.type === 'call' ? record.signalling.requests + record.signalling.retransmissions : 0,
    metric: {
      numerator: 'earshot_sip_retransmissions_total',
      denominator: 'earshot_call_requests_total',
      note: 'the metric is divided by the requests without those sent again: 11 % there are 10 % here',
    },
  },
];
