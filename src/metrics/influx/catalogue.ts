import { RTP_INTERVAL, RTP_STREAM } from './media-measurements.ts';
import { FINDING, PROBE_STATUS, SIP_CALL } from './other-measurements.ts';

/** Every measurement there is, by name. docs/influx.md is made of it, and nothing else is written. */
export const MEASUREMENTS = {
  rtp_interval: RTP_INTERVAL,
  rtp_stream: RTP_STREAM,
  sip_call: SIP_CALL,
  finding: FINDING,
  probe_status: PROBE_STATUS,
} as const;

export type MeasurementName = keyof typeof MEASUREMENTS;

export const MEASUREMENT_NAMES = Object.keys(MEASUREMENTS) as readonly MeasurementName[];
