import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import type { CallT38, T38Record } from '../records/t38-record.ts';
import type { Endpoint } from '../records/types.ts';
import type { Timestamp } from './contract.ts';
import { isoMicros } from './iso-time.ts';
import { roundRatio } from './rounding.ts';

/** T.38 in one direction of a call as the contract prints it. */
export interface ReportT38
  extends Omit<T38Record, 'holes' | 'startUs' | 'endUs' | 'lostRatio' | 'unrecoveredRatio'> {
  startTime: Timestamp;
  endTime: Timestamp;
  lostRatio: number | null;
  unrecoveredRatio: number | null;
}

/** Media that ICMP errors sent back. */
export interface ReportMediaRefusal {
  direction: MediaRefusalRecord['direction'];
  rtcp: boolean;
  reason: string;
  icmp: MediaRefusalRecord['icmp'];
  from: string;
  fromReceiver: boolean;
  to: Endpoint;
  countAtLeast: number;
  startTime: Timestamp;
  endTime: Timestamp;
}

export interface ReportCallT38 {
  callerToCallee: ReportT38 | null;
  calleeToCaller: ReportT38 | null;
}

export function reportedT38(t38: CallT38 | null): ReportCallT38 | null {
  if (t38 === null) return null;
  const { callerToCallee, calleeToCaller } = t38;
  return { callerToCallee: reportedWay(callerToCallee), calleeToCaller: reportedWay(calleeToCaller) };
}

function reportedWay(record: T38Record | null): ReportT38 | null {
  if (record === null) return null;
  const { startUs, endUs, lostRatio, unrecoveredRatio, holes: _, ...counts } = record;
  return {
    ...counts,
    startTime: isoMicros(startUs),
    endTime: isoMicros(endUs),
    lostRatio: roundRatio(lostRatio),
    unrecoveredRatio: roundRatio(unrecoveredRatio),
  };
}

export function reportedMediaRefusal(refusal: MediaRefusalRecord): ReportMediaRefusal {
  const { direction, rtcp, reason, icmp, from, fromReceiver, to, count, startUs, endUs } = refusal;
  return {
    direction,
    rtcp,
    reason,
    icmp,
    from,
    fromReceiver,
    to,
    countAtLeast: count,
    startTime: isoMicros(startUs),
    endTime: isoMicros(endUs),
  };
}
