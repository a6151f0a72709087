import * as log from '../../src/records/interval-log.ts';

/** Appends an interval to a log, as measuring does. */
export function appendCut(to: log.IntervalLog, cut: log.IntervalCut): void {
  const fields = new Float64Array(log.CUT_FIELDS);
  fields[log.START_US] = cut.startUs;
  fields[log.DURATION_MS] = cut.durationMs;
  fields[log.PACKETS] = cut.packets;
  fields[log.EXPECTED] = cut.expected;
  fields[log.LOST] = cut.lost;
  fields[log.LOSS_RUNS] = cut.lossRuns;
  fields[log.JITTER_MS] = cut.jitterMs ?? Number.NaN;
  fields[log.PDV_P95_MS] = cut.pdvP95Ms ?? Number.NaN;
  fields[log.DISCARDED] = cut.discarded;
  fields[log.MISSED_RUNS] = cut.missedRuns;
  fields[log.PDV_P50_MS] = cut.pdvP50Ms ?? Number.NaN;
  fields[log.PDV_P99_MS] = cut.pdvP99Ms ?? Number.NaN;
  fields[log.IPDV_P95_MS] = cut.ipdvP95Ms ?? Number.NaN;
  fields[log.LEAST_DELAY_MS] = cut.leastDelayMs ?? Number.NaN;
  to.append(fields);
}
