import type { AlertInput, StatusInput } from './input.ts';
import type { Signal } from './signal.ts';
import type { StatusStep } from './status-steps.ts';

type Status = Extract<AlertInput, { type: 'status' }>;
type Described = Pick<Signal, 'name' | 'doc'> & Partial<Pick<Signal, 'about' | 'unit' | 'worse' | 'metric'>>;

function shape(described: Described, kind: Signal['kind']): Omit<Signal, 'read'> {
  const usual = { unit: '', worse: 'high', about: 'looks' } as const;
  return { ...usual, ...described, kind, of: 'status', quality: false };
}

/** What was counted, of what; both since the status before. */
function ratio(described: Described, part: keyof StatusStep, whole: readonly (keyof StatusStep)[]): Signal {
  return {
    ...shape({ unit: 'ratio', ...described }, 'parts'),
    read: (record) => (record.type === 'status' ? (record.since?.[part] ?? 0) : null),
    readTotal: (record) =>
      record.type === 'status' ? whole.reduce((total, key) => total + (record.since?.[key] ?? 0), 0) : 0,
  };
}

/** How many there were. */
function count(described: Described, part: keyof StatusStep): Signal {
  return { ...ratio({ unit: '', ...described }, part, []), readTotal: () => 1 };
}

function event(described: Described, read: (status: Status) => boolean): Signal {
  return {
    ...shape(described, 'event'),
    read: (record) => (record.type === 'status' ? (read(record) ? 1 : 0) : null),
  };
}

function gauge(described: Described, read: (status: Status) => number | null): Signal {
  return {
    ...shape(described, 'value'),
    read: (record) => (record.type === 'status' ? read(record) : null),
  };
}

/** Reasons that make up loss, jitter and what follows from them, besides a verdict of `untrusted`. */
const DOUBTS: ReadonlySet<string> = new Set(['mirror_oversubscribed', 'capture_thinned', 'probe_behind']);

/** The same in PromQL: 1 while a probe must not be believed. Kinds of `capture_clock` are not told apart in metrics. */
export const DOUBTED_EXPRESSION = `max((earshot_capture_trusted == bool 0) or earshot_capture_doubt{reason=~"${[...DOUBTS].join('|')}"})`;

/** The probe about itself: one sample for each status, every ten seconds. */
export const CAPTURE_SIGNALS: readonly Signal[] = [
  ratio(
    {
      name: 'capture.dropRatio',
      doc: 'packets that the probe lost itself, of all',
      about: 'packets',
      metric: {
        numerator: 'earshot_capture_dropped_packets_total',
        denominator: 'earshot_capture_packets_total',
      },
    },
    'dropped',
    ['dropped', 'packets'],
  ),
  event(
    {
      name: 'capture.untrusted',
      doc: 'the capture cannot be believed',
      metric: {
        expression: DOUBTED_EXPRESSION,
        note: 'metrics do not tell clocks that step from others that are in doubt: left out',
      },
    },
    ({ trust }) => isDoubted(trust),
  ),
  event(
    { name: 'capture.degraded', doc: 'there is a reason to doubt the capture' },
    ({ trust }) => trust.verdict !== 'trusted',
  ),
  event(
    {
      name: 'capture.sourceDown',
      doc: 'an interface is down, or a source ended',
      metric: { expression: 'min(earshot_capture_source_up) == bool 0' },
    },
    ({ sources }) => sources.some(({ up, ended }) => up === false || ended),
  ),
  {
    ...count({ name: 'capture.packets', doc: 'packets seen' }, 'packets'),
    metric: { numerator: 'earshot_capture_packets_total', denominator: '' },
  },
  gauge(
    { name: 'capture.lagMs', doc: 'longest time that measuring stood still', unit: 'ms' },
    ({ lagMs }) => lagMs.measuring,
  ),
  event({ name: 'probe.status', doc: 'signs of life of the probe' }, () => true),
  {
    ...count({ name: 'probe.restarts', doc: 'times that measuring was started again' }, 'restarts'),
    metric: { numerator: 'earshot_measuring_restarts_total', denominator: '' },
  },
  {
    ...count(
      { name: 'probe.recordsDropped', doc: 'records that nobody took in time', about: 'records' },
      'recordsDropped',
    ),
    metric: { numerator: 'earshot_records_dropped_total', denominator: '' },
  },
  {
    ...shape(
      {
        name: 'export.failedRatio',
        doc: 'what is handed on (alerts, points) does not get to one of its receivers',
        metric: {
          expression: 'max(earshot_export_failing or earshot_alert_receiver_failing) == bool 1',
        },
      },
      'event',
    ),
    read: (record) => (record.type === 'status' ? isAnyFailing(record.exports) : null),
  },
  {
    ...shape(
      {
        name: 'hold.incomplete',
        doc: 'a hold on evidence does not get what it is about: it is full, or files cannot be held',
        metric: { expression: 'max(earshot_holds_incomplete) > bool 0' },
      },
      'event',
    ),
    read: (record) => (record.type === 'status' ? isHoldLacking(record.held) : null),
  },
  gauge(
    { name: 'registration.active', doc: 'bindings that are registered', worse: 'low' },
    ({ registrations }) => registrations,
  ),
  {
    ...count(
      {
        name: 'registration.rounds',
        doc: 'registrations, failed ones and those of scans too',
        about: 'rounds',
      },
      'rounds',
    ),
    metric: { numerator: 'earshot_registrations_total', denominator: '' },
  },
  ratio(
    {
      name: 'registration.failedRatio',
      doc: 'registrations that failed, of all but those of scans and password guessing',
      about: 'rounds',
      metric: {
        numerator: 'earshot_registrations_total{outcome="failed"}',
        denominator: 'earshot_registrations_total{outcome!="of_scans"}',
      },
    },
    'registrationsFailed',
    ['registrationsFailed', 'registrationsSucceeded'],
  ),
  gauge({ name: 'call.current', doc: 'calls that are followed' }, ({ calls }) => calls),
  {
    name: 'trunk.down',
    doc: 'a target of OPTIONS does not answer',
    kind: 'event',
    of: 'trunkState',
    unit: '',
    worse: 'high',
    quality: false,
    about: 'looks',
    metric: {
      // Alerts call the host that is asked a trunk.
      expression: 'max by (trunk) (label_replace(1 - earshot_trunk_up, "trunk", "$1", "target", "(.*)"))',
      labels: ['trunk'],
    },
    read: (record) =>
      record.type !== 'trunkState' || record.state === 'unknown' ? null : record.state === 'down' ? 1 : 0,
  },
];

/** One that fails is enough: many others that work must not hide it. Nothing is said where nobody gets anything. */
function isAnyFailing(exports: StatusInput['exports']): number | null {
  const all = Object.values(exports ?? {});
  return all.length === 0 ? null : all.some(({ isFailing }) => isFailing) ? 1 : 0;
}

/** Nothing is said where nothing is kept that could be held. */
function isHoldLacking(held: StatusInput['held'] = []): number | null {
  if (held.length === 0) return null;
  const isLacking = held.some(
    ({ problem, holds }) => problem !== null || holds.some((hold) => hold.problem !== null),
  );
  return isLacking ? 1 : 0;
}

/** Kinds of `capture_clock` that make up delays of the moment; a drift and arrival stamps do not. */
const CLOCK_DOUBTS: ReadonlySet<string> = new Set(['backwards', 'step', 'resolution']);

/** Must quality not be judged by what such a capture shows? */
export function isDoubted(trust: StatusInput['trust']): boolean {
  return doubtOf(trust) !== null;
}

/** The reason not to judge quality, in words; null when there is none. */
export function doubtOf({ verdict, reasons }: StatusInput['trust']): string | null {
  const grave = reasons.find(
    ({ code, kind }) =>
      DOUBTS.has(code) || (code === 'capture_clock' && CLOCK_DOUBTS.has(String(kind ?? ''))),
  );
  if (verdict === 'untrusted') return reasons[0]?.text ?? 'the capture is untrusted';
  return grave?.text ?? null;
}
