import { GROUP_LABELS, type GroupLabel } from './input.ts';

/*
 * What rules for Prometheus have to know of metrics: the bounds of histograms, where alone a percentile can be decided
 * without error, and the labels there are.
 */

const JITTER = [
  0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5,
];
const PDV = [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1];
const LOSS = [0, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1];
const ROUND_TRIP = [0.01, 0.02, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2];
const MOS = [
  1, 1.5, 2, 2.3, 2.58, 2.8, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4, 4.03, 4.1, 4.2, 4.3, 4.34,
  4.4, 4.5,
];
const R_FACTOR = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100];
const SETUP = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30];

/** Bounds of histograms. Those of scores count what is below a bound, the others what is not above it. */
export const METRIC_BOUNDS: Readonly<Record<string, readonly number[]>> = {
  earshot_interval_jitter_seconds: JITTER,
  earshot_interval_pdv_p95_seconds: PDV,
  earshot_interval_loss_ratio: LOSS,
  earshot_interval_discard_ratio: LOSS,
  earshot_interval_r_factor: R_FACTOR,
  earshot_interval_mos_lq: MOS,
  earshot_interval_mos_cq: MOS,
  earshot_stream_mos_lq: MOS,
  earshot_stream_loss_ratio: LOSS,
  earshot_stream_jitter_seconds: JITTER,
  earshot_rtcp_round_trip_seconds: ROUND_TRIP,
  earshot_post_dial_delay_seconds: SETUP,
};

const MEDIA: readonly GroupLabel[] = ['site', 'trunk', 'direction', 'codec'];

/** Labels of a metric by which rules may group. */
export function labelsOfMetric(name: string): readonly GroupLabel[] {
  if (/_(mos_lq|mos_cq|r_factor)$/.test(name)) {
    return name.startsWith('earshot_stream') ? [...MEDIA, 'device', 'scale'] : [...MEDIA, 'scale'];
  }
  if (/^earshot_(stream|rtcp)_/.test(name)) return [...MEDIA, 'device'];
  if (/^earshot_(interval|rtp)_/.test(name)) return MEDIA;
  if (/^earshot_(call|calls|post_dial)_/.test(name)) return ['site', 'trunk', 'direction'];
  if (name === 'earshot_findings_total') return ['code', 'site', 'trunk'];
  if (/^earshot_capture_(packets|dropped_packets)_total$/.test(name)) return ['interface'];
  return GROUP_LABELS.filter(() => false);
}
