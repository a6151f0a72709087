import type { QualityRecord } from '../records/types.ts';
import type { SourceReports } from '../rtcp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

export interface ScoringOptions {
  /** Whether endpoints are taken to conceal lost packets. */
  plc: boolean;
  /** One-way network delay where none was measured, ms; null leaves such scores without delay. */
  assumedDelayMs: number | null;
}

export const DEFAULT_SCORING: ScoringOptions = { plc: true, assumedDelayMs: 50 };

export function scoreStream(
  _measured: StreamMeasurement,
  _reports: SourceReports | null,
  _back: SourceReports | null,
  _options: ScoringOptions,
): QualityRecord | null {
  return null;
}
