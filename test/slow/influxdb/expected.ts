import { createHash } from 'node:crypto';
import type { LiveRecord } from '../../../src/live/live-records.ts';
import type { Row } from './server.ts';

/*
 * What rows there must be, worked out from what the probe printed, apart from the code that makes points: by the names of
 * the fields where those say it, by hand otherwise.
 */

type Value = string | number | boolean | null;
type OfType<T extends LiveRecord['type']> = Extract<LiveRecord, { type: T }>;

export interface Expected {
  /** Microseconds. */
  time: string | null;
  fields: Record<string, Value>;
}

const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const ref = (callId: string | null): string | null =>
  callId === null ? null : createHash('sha256').update(callId).digest('hex').slice(0, 12);
const place = ({ ip, port }: { ip: string; port: number }): string => `${ip}:${port}`;

/** Fields whose names are those of the record, by its numbers. */
function named(record: object, names: string): Record<string, Value> {
  const values = record as Record<string, Value>;
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, values[camel(name)] ?? null]));
}

const COUNTS = 'duration_ms packets expected lost duplicates reordered';

export function expectedInterval(record: OfType<'interval'>): Expected {
  const { impairments, expected, lost, discarded } = record;
  const share = (part: number): number | null =>
    expected > 0 ? Math.round((part / expected) * 1e6) / 1e6 : null;
  return {
    time: record.startTime,
    fields: {
      ...named(record, `${COUNTS} discarded jitter_ms pdv_p50_ms pdv_p95_ms pdv_p99_ms ipdv_p95_ms r_factor`),
      ...named(record, 'mos_lq mos_cq call_id stream_id ssrc codec'),
      ...{ call_ref: ref(record.callId), src: place(record.src), dst: place(record.dst) },
      ...{ media_direction: record.direction, loss_ratio: share(lost), discard_ratio: share(discarded) },
      ...{ impairment_codec: impairments?.codec ?? null, impairment_loss: impairments?.loss ?? null },
      ...{ impairment_discard: impairments?.discard ?? null, impairment_delay: impairments?.delay ?? null },
    },
  };
}

export function expectedStream(record: OfType<'stream'>): Expected {
  const { quality, jitterMs, pdvMs, burst, roundTripMs, rtcp } = record;
  const of = (name: string, values: object | null, keys: string): Record<string, Value> =>
    Object.fromEntries(
      keys
        .split(' ')
        .map((key) => [name.replace('*', key), (values as Record<string, Value> | null)?.[key] ?? null]),
    );
  return {
    time: record.endTime,
    fields: {
      ...named(
        record,
        `${COUNTS} octets lost_rfc mirror_duplicates too_old restarts interruptions start_time`,
      ),
      ...named(record, 'max_delta_ms skew_ppm ptime_ms clock_rate ssrc call_id'),
      ...named(burst, 'bursts burst_density burst_r longest_loss_run gap_density'),
      ...of('jitter_*_ms', jitterMs, 'mean p50 p95 p99 max'),
      ...of('pdv_*_ms', pdvMs, 'p50 p95 p99 max'),
      ...of('round_trip_*_ms', roundTripMs, 'p50 p95 max'),
      ...of('impairment_*', quality?.impairments ?? null, 'codec loss discard delay'),
      ...named(quality ?? {}, 'r_factor r_factor_lq mos_lq mos_cq bad_time_ratio'),
      ...{
        stream_id: record.id,
        src: place(record.src),
        dst: place(record.dst),
        loss_ratio: record.lostRatio,
      },
      ...{ call_ref: ref(record.callId), encrypted: record.media.encrypted, rtcp_lost_ratio: rtcp.lostRatio },
      ...{ worst_mos_lq: quality?.worst?.mosLq ?? null, delay_ms: quality?.assumptions.delayMs ?? null },
    },
  };
}

export function expectedCall(record: OfType<'call'>): Expected {
  const { signalling, setup } = record;
  return {
    time: record.endTime ?? record.startTime,
    fields: {
      ...named(record, 'call_id duration_ms final_code released_by round_trip_ms start_time state verdict'),
      ...named(setup, 'post_dial_delay_ms answer_delay_ms'),
      ...named(
        signalling,
        'tries requests retransmissions session_request_delay_ms session_disconnect_delay_ms',
      ),
      ...{ caller: record.from, callee: record.to, call_ref: ref(record.callId) },
      ...{ answered: record.answerTime !== null, streams: record.streams.length },
      ...{ findings: record.findings.length, caller_user_agent: signalling.userAgents.caller },
    },
  };
}

export function expectedFinding(record: OfType<'finding'>): Expected {
  const evidence = JSON.stringify(record.evidence);
  const fields = named(record, 'code severity call_id stream_id party text');
  return {
    time: record.startTime,
    fields: { ...fields, evidence, media_direction: record.direction, count: 1 },
  };
}

export function expectedStatus(record: OfType<'status'>): Expected {
  return {
    time: record.time,
    fields: {
      ...named(
        record,
        'uptime_ms packets bytes dropped packets_per_second calls calls_up streams registrations',
      ),
      ...named(record, 'heap_bytes restarts mirror_duplicates'),
      ...{ decoded_rtp: record.decoded.rtp, trust: record.trust.verdict, sources: record.sources.length },
    },
  };
}

/** Rows and what there must be, each as texts that can be compared and sorted. */
export function compared(
  rows: readonly Row[],
  expected: readonly Expected[],
): { rows: string[]; expected: string[] } {
  const names = Object.keys(expected[0]?.fields ?? {}).sort();
  const text = (time: string, values: Record<string, unknown>): string =>
    JSON.stringify([time, ...names.map((name) => `${name}=${JSON.stringify(plain(values[name]))}`)]);
  return {
    rows: rows.map((row) => text(row.time.slice(0, -3), row)).sort(),
    expected: expected.map(({ time, fields }) => text(String(micros(time)), fields)).sort(),
  };
}

/** Control characters are the one thing that is written otherwise. */
function plain(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '?') : (value ?? null);
}

function micros(time: string | null): number {
  if (time === null) throw new Error('a record without time');
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
}
