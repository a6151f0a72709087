import type { LossSpec } from './scenario.ts';

/** T.38 over UDPTL in one direction: T.30 control at 300 bit/s, then a page at 14400 bit/s. */
export interface T38Spec {
  /** Default 0. */
  startSeq?: number;
  /** After the accepted re-INVITE. Default 200. */
  offsetMs?: number;
  /** Default: up to the next re-INVITE, or the BYE. */
  durationMs?: number;
  /** Default 40. */
  packetMs?: number;
  /** How long the control signals last. Default 1000. */
  controlMs?: number;
  /** Copies of earlier packets in each. Default 3. */
  redundancy?: number;
  /** Parity in place of copies: `parities` of them in each packet, each over `span` packets. */
  fec?: { span: number; parities: number };
  /** Lost before the tap. */
  loss?: LossSpec;
  reorder?: { positions: number[]; by: number };
  /** Every packet is sent twice. */
  twice?: boolean;
}
