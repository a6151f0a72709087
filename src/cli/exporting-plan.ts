import type { EarshotConfig } from '../config/earshot-schema.ts';
import { influxEndpoint, influxMeasurements } from '../config/influxdb-schema.ts';
import type { InfluxEndpoint } from '../delivery/influx-endpoint.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { MeasurementName } from '../metrics/influx/catalogue.ts';

const BYTES_PER_MIB = 1 << 20;

/** A server that gets points; plain data. */
export interface InfluxTarget {
  name: string;
  endpoint: InfluxEndpoint;
  measurements: readonly MeasurementName[];
  batchPoints: number;
  flushMs: number;
  queueBytesMax: number;
  /** Null for memory only. */
  spool: { directory: string; bytesMax: number } | null;
}

/** Who gets what a live probe measures; plain data. */
export interface ExportingPlan {
  /** Name of the probe; null for that of the machine. */
  probe: string | null;
  groups: GroupsConfig;
  labelSets: number;
  influxdb: readonly InfluxTarget[];
}

/** What a configuration says of it; null where nobody gets anything. */
export function exportingPlan(config: EarshotConfig): ExportingPlan | null {
  const { probe, groups, metrics } = config;
  if (config.influxdb.length === 0) return null;
  const influxdb = config.influxdb.map((target): InfluxTarget => {
    const { name, batchPoints, flush, queueMiB, spool } = target;
    const { directory, maxMiB } = spool;
    return {
      name,
      endpoint: influxEndpoint(target),
      measurements: influxMeasurements(target),
      batchPoints,
      flushMs: flush,
      queueBytesMax: queueMiB * BYTES_PER_MIB,
      spool: directory === null ? null : { directory, bytesMax: maxMiB * BYTES_PER_MIB },
    };
  });
  return { probe: probe.name, groups, labelSets: metrics.labelSets, influxdb };
}
