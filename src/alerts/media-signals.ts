import type { AlertInput, IntervalInput } from './input.ts';
import type { Signal, SignalMetric } from './signal.ts';

/** Intervals and streams with fewer packets due say too little: one loss would be percents. */
export const DUE_MIN = 50;

type Reader<R> = (record: R) => number | null;
type Stream = Extract<AlertInput, { type: 'stream' }>;

interface Described {
  doc: string;
  unit: Signal['unit'];
  worse?: 'low';
  metric?: SignalMetric;
}

function ofInterval(name: string, described: Described, read: Reader<IntervalInput>): Signal {
  return {
    ...{ name: `interval.${name}`, kind: 'value', of: 'interval', quality: true, about: 'intervals' },
    ...{ worse: 'high', ...described },
    read: (record) => (record.type === 'interval' && record.expected >= DUE_MIN ? read(record) : null),
  };
}

function ofStream(name: string, described: Described, read: Reader<Stream>): Signal {
  return {
    ...{ name: `stream.${name}`, kind: 'value', of: 'stream', quality: true, about: 'streams' },
    ...{ worse: 'high', ...described },
    read: (record) => (record.type === 'stream' && record.expected >= DUE_MIN ? read(record) : null),
  };
}

const histogram = (name: string, scale = 1): SignalMetric => ({
  ...{ histogram: name, scale },
  note: `the metric also counts what has fewer than ${DUE_MIN} packets due, such as speech with long pauses`,
});

/** One sample for each interval (5 s) of a stream, while it runs. */
export const INTERVAL_SIGNALS: readonly Signal[] = [
  ofInterval(
    'jitterMs',
    {
      doc: 'mean jitter of an interval',
      unit: 'ms',
      metric: histogram('earshot_interval_jitter_seconds', 0.001),
    },
    (each) => each.jitterMs,
  ),
  ofInterval(
    'pdvP95Ms',
    {
      doc: 'delay above the fastest packet, 95th percentile of an interval',
      unit: 'ms',
      metric: histogram('earshot_interval_pdv_p95_seconds', 0.001),
    },
    (each) => each.pdvP95Ms,
  ),
  ofInterval(
    'pdvP99Ms',
    { doc: 'delay above the fastest packet, 99th percentile of an interval', unit: 'ms' },
    (each) => each.pdvP99Ms,
  ),
  ofInterval(
    'lossRatio',
    {
      doc: 'part of an interval that was lost',
      unit: 'ratio',
      metric: histogram('earshot_interval_loss_ratio'),
    },
    (each) => each.lost / each.expected,
  ),
  ofInterval(
    'discardRatio',
    {
      doc: 'part of an interval that came too late for the receiver buffer',
      unit: 'ratio',
      metric: histogram('earshot_interval_discard_ratio'),
    },
    (each) => each.discarded / each.expected,
  ),
  ofInterval(
    'missedRatio',
    { doc: 'part of an interval that was lost or came too late', unit: 'ratio' },
    (each) => (each.lost + each.discarded) / each.expected,
  ),
  ofInterval(
    'rFactor',
    { doc: 'R of an interval', unit: 'R', worse: 'low', metric: histogram('earshot_interval_r_factor') },
    (each) => each.rFactor,
  ),
  ofInterval(
    'mosLq',
    {
      doc: 'MOS of an interval, without delay',
      unit: 'MOS',
      worse: 'low',
      metric: histogram('earshot_interval_mos_lq'),
    },
    (each) => each.mosLq,
  ),
  ofInterval(
    'mosCq',
    {
      doc: 'MOS of an interval, with delay',
      unit: 'MOS',
      worse: 'low',
      metric: histogram('earshot_interval_mos_cq'),
    },
    (each) => each.mosCq ?? null,
  ),
  ofInterval(
    'impairment',
    { doc: 'points of R that loss, discard and delay take, without the codec', unit: 'R' },
    ({ impairments: points }) =>
      points === null ? null : (points.loss ?? 0) + (points.discard ?? 0) + (points.delay ?? 0),
  ),
  ofPackets('lost', 'packets lost, of those due', 'earshot_rtp_lost_packets_total'),
  ofPackets(
    'discarded',
    'packets too late for the receiver buffer, of those due',
    'earshot_rtp_discarded_packets_total',
  ),
];

/** One sample for each finished stream. */
export const STREAM_SIGNALS: readonly Signal[] = [
  ofStream('rFactor', { doc: 'R of a stream', unit: 'R', worse: 'low' }, ({ quality }) =>
    quality === null ? null : (quality.rFactor ?? quality.rFactorLq),
  ),
  ofStream(
    'mosLq',
    {
      doc: 'MOS of a stream, without delay',
      unit: 'MOS',
      worse: 'low',
      metric: histogram('earshot_stream_mos_lq'),
    },
    ({ quality }) => quality?.mosLq ?? null,
  ),
  ofStream(
    'mosCq',
    { doc: 'MOS of a stream, with delay', unit: 'MOS', worse: 'low' },
    ({ quality }) => quality?.mosCq ?? null,
  ),
  ofStream(
    'lostRatio',
    { doc: 'part of a stream that was lost', unit: 'ratio', metric: histogram('earshot_stream_loss_ratio') },
    (each) => each.lostRatio,
  ),
  ofStream('jitterMs', { doc: 'mean jitter of a stream', unit: 'ms' }, (each) => each.jitterMs.mean),
  ofStream(
    'jitterP95Ms',
    {
      doc: 'jitter of a stream, its 95th percentile',
      unit: 'ms',
      metric: histogram('earshot_stream_jitter_seconds', 0.001),
    },
    (each) => each.jitterMs.p95,
  ),
  ofStream('pdvP95Ms', { doc: 'delay variation of a stream', unit: 'ms' }, (each) => each.pdvMs.p95),
  ofStream(
    'burstDensity',
    { doc: 'loss inside bursts (RFC 3611)', unit: 'ratio' },
    (each) => each.burst.burstDensity,
  ),
  ofStream(
    'longestLossRun',
    {
      doc: 'most packets lost in a row',
      unit: 'packets',
      metric: histogram('earshot_stream_longest_loss_run_packets'),
    },
    (each) => each.burst.longestLossRun,
  ),
  ofStream(
    'badTimeRatio',
    { doc: 'part of a stream in which R was bad', unit: 'ratio' },
    ({ quality }) => quality?.badTimeRatio ?? null,
  ),
  ofStream(
    'roundTripMs',
    {
      doc: 'round trip between the tap and the receiver, median of a stream',
      unit: 'ms',
      metric: histogram('earshot_rtcp_round_trip_seconds', 0.001),
    },
    ({ roundTripMs }) => roundTripMs?.p50 ?? null,
  ),
  ofStream('skewPpm', { doc: "error of the sender's clock, either way", unit: 'ppm' }, ({ skewPpm }) =>
    skewPpm === null ? null : Math.abs(skewPpm),
  ),
];

/** Packets of intervals, of those that were due. */
function ofPackets(field: 'lost' | 'discarded', doc: string, numerator: string): Signal {
  return {
    name: field === 'lost' ? 'media.lostRatio' : 'media.discardRatio',
    doc,
    kind: 'parts',
    of: 'interval',
    unit: 'ratio',
    worse: 'high',
    quality: true,
    about: 'packets',
    read: (record) => (record.type === 'interval' ? record[field] : null),
    readTotal: (record) => (record.type === 'interval' ? record.expected : 0),
    metric: { numerator, denominator: 'earshot_rtp_expected_packets_total' },
  };
}
