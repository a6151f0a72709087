import type { Endpoint } from './types.ts';

/** T.38 over UDPTL in one direction of a call: losses by sequence number, and what made them good. */
export interface T38Record {
  src: Endpoint;
  dst: Endpoint;
  startUs: number;
  endUs: number;
  /** Distinct packets; `expected - lost`. */
  packets: number;
  expected: number;
  /** Never seen at the probe, before any recovery. */
  lost: number;
  lostRatio: number;
  /** Lost ones whose content a later packet brought again, and those that nothing did. */
  recovered: number;
  unrecovered: number;
  unrecoveredRatio: number;
  /** Unrecovered ones next to page data, in distinction from T.30 control signals. */
  unrecoveredInPage: number;
  /** Packets, received or recovered, that carry page data. */
  pagePackets: number;
  longestLossRun: number;
  longestUnrecoveredRun: number;
  /** Copies: some gateways send every packet twice. */
  duplicates: number;
  reordered: number;
  restarts: number;
  /** Cut short by the capture: what they would have made good is not known. */
  cutPackets: number;
  errorCorrection: 'redundancy' | 'fec' | null;
  /** Most copies of earlier packets in one packet; packets that one parity packet covers. */
  redundancyDepth: number;
  fecSpan: number;
  /** The first times in which packets went missing, each between the packets around it; for detectors, not printed. */
  holes: readonly { fromUs: number; toUs: number }[];
}

/** Both directions of a call; null for one that was not seen. */
export interface CallT38 {
  callerToCallee: T38Record | null;
  calleeToCaller: T38Record | null;
}
