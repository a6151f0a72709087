import type { FindingRecord, Severity, StreamRecord } from '../../records/types.ts';
import {
  BURSTY_RATIO,
  EXPECTED_MIN,
  JITTER_CRITICAL_MS,
  JITTER_WARNING_MS,
  LOSS_CRITICAL_RATIO,
  LOSS_WARNING_RATIO,
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

function jitterFinding(stream: StreamRecord): FindingRecord | null {
  const p95 = stream.jitterMs.p95;
  if (p95 === null || p95 <= JITTER_WARNING_MS) return null;
  const text = `jitter ${p95.toFixed(0)} ms at the 95th percentile, ${(stream.jitterMs.max ?? p95).toFixed(0)} ms at worst`;
  return finding(stream, 'high_jitter', p95 > JITTER_CRITICAL_MS ? 'critical' : 'warning', text, {
    jitterP95Ms: p95,
    jitterMeanMs: stream.jitterMs.mean,
    jitterMaxMs: stream.jitterMs.max,
    pdvP95Ms: stream.pdvMs.p95,
    thresholdMs: JITTER_WARNING_MS,
  });
}

function finding(
  stream: StreamRecord,
  code: string,
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
