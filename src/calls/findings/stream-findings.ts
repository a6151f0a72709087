import type { FindingCode } from '../../records/finding-codes.ts';
import type { FindingRecord, Severity, StreamRecord } from '../../records/types.ts';
import {
  BURSTY_RATIO,
  EXPECTED_MIN,
  JITTER_CRITICAL_MS,
  JITTER_WARNING_MS,
  LOSS_CRITICAL_RATIO,
  LOSS_WARNING_RATIO,
  PDV_CRITICAL_MS,
  PDV_WARNING_MS,
} from './thresholds.ts';

/** What is wrong with one stream by itself, with the measurements that say so. */
export function streamFindings(stream: StreamRecord): FindingRecord[] {
  if (stream.expected < EXPECTED_MIN) return [];
  return [lossFinding(stream), jitterFinding(stream)].filter((finding) => finding !== null);
}

/** Random and burst loss exclude each other on one stream: the burst ratio decides. */
function lossFinding(stream: StreamRecord): FindingRecord | null {
  if (stream.lostRatio < LOSS_WARNING_RATIO) return null;
  const bursty = stream.burst.burstR >= BURSTY_RATIO;
  const percent = (stream.lostRatio * 100).toFixed(1);
  const text = bursty
    ? `${percent} % of packets lost in bursts: up to ${stream.burst.longestLossRun} in a row, ` +
      `runs ${stream.burst.burstR.toFixed(1)} times as long as random loss would make them`
    : `${percent} % of packets lost, spread evenly (longest run ${stream.burst.longestLossRun})`;
  return finding(
    stream,
    bursty ? 'burst_loss' : 'random_loss',
    stream.lostRatio >= LOSS_CRITICAL_RATIO ? 'critical' : 'warning',
    text,
    {
      lostRatio: stream.lostRatio,
      lost: stream.lost,
      expected: stream.expected,
      burstR: stream.burst.burstR,
      bursts: stream.burst.bursts,
      longestLossRun: stream.burst.longestLossRun,
    },
  );
}

/** Smoothed jitter or delay variation past what a usual playout buffer absorbs. */
function jitterFinding(stream: StreamRecord): FindingRecord | null {
  const jitter = stream.jitterMs.p95 ?? 0;
  const pdv = stream.pdvMs.p95 ?? 0;
  if (jitter <= JITTER_WARNING_MS && pdv <= PDV_WARNING_MS) return null;
  const critical = jitter > JITTER_CRITICAL_MS || pdv > PDV_CRITICAL_MS;
  const text =
    `jitter ${jitter.toFixed(0)} ms and delay variation ${pdv.toFixed(0)} ms at the 95th percentile: ` +
    'more than a usual 50 ms playout buffer absorbs';
  return finding(stream, 'high_jitter', critical ? 'critical' : 'warning', text, {
    jitterP95Ms: stream.jitterMs.p95,
    jitterMeanMs: stream.jitterMs.mean,
    jitterMaxMs: stream.jitterMs.max,
    pdvP95Ms: stream.pdvMs.p95,
    pdvMaxMs: stream.pdvMs.max,
    jitterThresholdMs: JITTER_WARNING_MS,
    pdvThresholdMs: PDV_WARNING_MS,
  });
}

function finding(
  stream: StreamRecord,
  code: FindingCode,
  severity: Severity,
  text: string,
  evidence: FindingRecord['evidence'],
): FindingRecord {
  return {
    code,
    severity,
    callId: stream.callId,
    streamId: stream.id,
    direction: stream.direction,
    startUs: stream.startUs,
    endUs: stream.endUs,
    text,
    evidence,
  };
}
