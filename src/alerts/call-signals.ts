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

/** What users do to calls, as opposed to what the service fails to do (ITU-T E.425, NER). */
const BY_USERS: ReadonlySet<number> = new Set([480, 486, 600, 603]);
/** Given up, or timed out: the network did its part once it rang. */
const AFTER_RINGING: ReadonlySet<number> = new Set([408, 487]);
/** Codes of a service that cannot cope. */
const OVERLOADED: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

const isOver = ({ state }: ReportCall): boolean => state !== 'open' && state !== 'ringing';
const isServed = ({ state, finalCode, signalling }: ReportCall): boolean =>
  state === 'answered' ||
  (finalCode !== null &&
    (BY_USERS.has(finalCode) || (AFTER_RINGING.has(finalCode) && signalling.ringMs !== null)));
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
  value('answerDelayMs', { doc: 'INVITE to answer', unit: 'ms' }, (call) => call.setup.answerDelayMs),
  value('mediaDelayMs', { doc: 'answer to first media, the slower way', unit: 'ms' }, ({ setup }) => {
    const { callerToCallee, calleeToCaller } = setup.mediaDelayMs;
    if (callerToCallee === null) return calleeToCaller;
    return calleeToCaller === null ? callerToCallee : Math.max(callerToCallee, calleeToCaller);
  }),
  value('roundTripMs', { doc: 'round trip between the ends', unit: 'ms' }, (call) => call.roundTripMs),
  value('durationMs', { doc: 'length of answered calls', unit: 'ms', worse: 'low' }, (call) =>
    call.state === 'answered' && call.endTime !== null ? call.durationMs : null,
  ),
  value('ringMs', { doc: 'ringing to answer or end', unit: 'ms' }, (call) => call.signalling.ringMs),
  event('any', { doc: 'calls', metric: { numerator: 'earshot_calls_total', denominator: '' } }, () => true),
  event(
    'answered',
    {
      doc: 'attempts that were answered (answer-seizure ratio)',
      worse: 'low',
      metric: { numerator: 'earshot_calls_answered_total', denominator: 'earshot_call_attempts_total' },
    },
    (call) => (isOver(call) ? call.state === 'answered' : null),
  ),
  event(
    'served',
    {
      doc: 'attempts that the network served, whatever users did (network efficiency ratio)',
      worse: 'low',
      metric: {
        numerator: 'earshot_calls_network_effective_total',
        denominator: 'earshot_call_attempts_total',
      },
    },
    (call) => (isOver(call) ? isServed(call) : null),
  ),
  event(
    'failed',
    { doc: 'attempts that the service failed: neither served nor taken back by the caller' },
    (call) => (isOver(call) ? call.state === 'failed' && !isServed(call) : null),
  ),
  event('overloaded', { doc: 'attempts refused with 408 or 500 to 504' }, (call) =>
    isOver(call) ? call.finalCode !== null && OVERLOADED.has(call.finalCode) : null,
  ),
  event('badMedia', { doc: 'answered calls whose media was bad', quality: true }, (call) =>
    call.state === 'answered' && call.verdict !== 'unknown'
      ? call.verdict === 'media' || call.verdict === 'both'
      : null,
  ),
  event('emergencyFailed', { doc: 'emergency calls that did not get through' }, (call) =>
    call.signalling.emergency === null || !isOver(call) ? null : call.state !== 'answered',
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
  },
];
