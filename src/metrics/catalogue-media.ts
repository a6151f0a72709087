import type { MetricEntry } from './catalogue.ts';

/** Labels of running media, and of streams that are over. */
export const MEDIA_LABELS = ['site', 'trunk', 'direction', 'codec'] as const;
export const STREAM_LABELS = ['site', 'trunk', 'direction', 'codec', 'device'] as const;

const lossOf = (part: string): string =>
  `sum by (site) (rate(earshot_rtp_${part}_packets_total[5m])) / sum by (site) (rate(earshot_rtp_expected_packets_total[5m]))`;
const p95 = (name: string): string =>
  `histogram_quantile(0.95, sum by (le, site) (rate(${name}_bucket[5m])))`;
const low = (name: string): string =>
  `histogram_quantile(0.05, sum by (le, site) (rate(${name}_bucket{scale="NB"}[5m])))`;

function packets(meaning: string, query: string) {
  return { type: 'counter', unit: 'packets', labels: MEDIA_LABELS, meaning, query } as const;
}

const SCORES_BELOW = 'A bucket counts what is below its bound.';

export const MEDIA_METRICS = {
  earshot_rtp_packets_total: packets(
    'RTP packets of streams, each once, as intervals of five seconds are settled.',
    'sum by (codec) (rate(earshot_rtp_packets_total[5m]))',
  ),
  earshot_rtp_expected_packets_total: packets(
    'Sequence numbers that were due: packets and lost packets together.',
    'sum by (site) (rate(earshot_rtp_expected_packets_total[5m]))',
  ),
  earshot_rtp_lost_packets_total: packets('Sequence numbers that never came.', lossOf('lost')),
  earshot_rtp_discarded_packets_total: packets(
    'Packets that came too late or too early for the receiver buffer that scores assume.',
    lossOf('discarded'),
  ),
  earshot_rtp_duplicate_packets_total: packets(
    'Copies made by senders or networks; those made by the mirror are not among them.',
    lossOf('duplicate'),
  ),
  earshot_rtp_reordered_packets_total: packets(
    'Packets that came after one with a higher number.',
    lossOf('reordered'),
  ),
  earshot_rtp_streams: {
    type: 'gauge',
    unit: 'streams',
    labels: [],
    meaning: 'RTP streams measured now.',
    query: 'max_over_time(earshot_rtp_streams[1h])',
  },
  earshot_rtp_streams_finished_total: {
    type: 'counter',
    unit: 'streams',
    labels: STREAM_LABELS,
    meaning: 'RTP streams that are over.',
    query: 'sum by (device) (rate(earshot_rtp_streams_finished_total[1h]))',
  },
  earshot_rtp_encrypted_streams_total: {
    type: 'counter',
    unit: 'streams',
    labels: STREAM_LABELS,
    meaning: 'Those of them whose media is encrypted (SRTP), by what signalling says.',
    query:
      'sum(rate(earshot_rtp_encrypted_streams_total[1h])) / sum(rate(earshot_rtp_streams_finished_total[1h]))',
  },
  earshot_rtp_unclaimed_streams_total: {
    type: 'counter',
    unit: 'streams',
    labels: STREAM_LABELS,
    meaning: 'Those of them that no call claims: signalling was not seen, or could not be read.',
    query:
      'sum(rate(earshot_rtp_unclaimed_streams_total[1h])) / sum(rate(earshot_rtp_streams_finished_total[1h]))',
  },
  earshot_interval_jitter_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: MEDIA_LABELS,
    meaning: 'Mean jitter of each interval of five seconds of each stream.',
    query: p95('earshot_interval_jitter_seconds'),
  },
  earshot_interval_pdv_p95_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: MEDIA_LABELS,
    meaning: '95th percentile of the delay variation within each interval of each stream.',
    query: p95('earshot_interval_pdv_p95_seconds'),
  },
  earshot_interval_loss_ratio: {
    type: 'histogram',
    unit: 'ratio',
    labels: MEDIA_LABELS,
    meaning: 'Share of packets lost in each interval of each stream.',
    query:
      '1 - sum(rate(earshot_interval_loss_ratio_bucket{le="0.03"}[5m])) / sum(rate(earshot_interval_loss_ratio_count[5m]))',
  },
  earshot_interval_discard_ratio: {
    type: 'histogram',
    unit: 'ratio',
    labels: MEDIA_LABELS,
    meaning: 'Share of packets discarded in each interval of each stream.',
    query: p95('earshot_interval_discard_ratio'),
  },
  earshot_interval_r_factor: {
    type: 'histogram',
    unit: 'points of R',
    labels: [...MEDIA_LABELS, 'scale'],
    meaning: `R of each interval of each stream, on the scale of its codec. ${SCORES_BELOW}`,
    query:
      'sum(rate(earshot_interval_r_factor_bucket{scale="NB",le="70"}[5m])) / sum(rate(earshot_interval_r_factor_count{scale="NB"}[5m]))',
  },
  earshot_interval_mos_lq: {
    type: 'histogram',
    unit: 'MOS',
    labels: [...MEDIA_LABELS, 'scale'],
    meaning: `Listening quality (no delay in it) of each interval of each stream. ${SCORES_BELOW}`,
    query: low('earshot_interval_mos_lq'),
  },
  earshot_interval_mos_cq: {
    type: 'histogram',
    unit: 'MOS',
    labels: [...MEDIA_LABELS, 'scale'],
    meaning: `Conversational quality (with delay) of each interval of each stream. ${SCORES_BELOW}`,
    query: low('earshot_interval_mos_cq'),
  },
  earshot_stream_mos_lq: {
    type: 'histogram',
    unit: 'MOS',
    labels: [...STREAM_LABELS, 'scale'],
    meaning: `Listening quality of each stream that is over. ${SCORES_BELOW}`,
    query:
      'sum by (device) (rate(earshot_stream_mos_lq_bucket{le="3.6"}[1h])) / sum by (device) (rate(earshot_stream_mos_lq_count[1h]))',
  },
  earshot_stream_loss_ratio: {
    type: 'histogram',
    unit: 'ratio',
    labels: STREAM_LABELS,
    meaning: 'Share of packets lost of each stream that is over.',
    query: p95('earshot_stream_loss_ratio'),
  },
  earshot_stream_longest_loss_run_packets: {
    type: 'histogram',
    unit: 'packets',
    labels: STREAM_LABELS,
    meaning: 'Most packets in a row that each stream lost, of those that are over; 0 where none was lost.',
    query:
      '1 - sum by (site) (rate(earshot_stream_longest_loss_run_packets_bucket{le="9"}[30m])) / sum by (site) (rate(earshot_stream_longest_loss_run_packets_count[30m]))',
  },
  earshot_stream_jitter_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: STREAM_LABELS,
    meaning: '95th percentile of the jitter of each stream that is over.',
    query: p95('earshot_stream_jitter_seconds'),
  },
  earshot_rtcp_round_trip_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: STREAM_LABELS,
    meaning: 'Median round trip between the probe and the receiver, by RTCP, of each stream that is over.',
    query: p95('earshot_rtcp_round_trip_seconds'),
  },
} as const satisfies Record<string, MetricEntry>;
