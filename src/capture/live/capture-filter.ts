import type { BpfInstruction } from './packet-socket.ts';

/** What to let in: an expression of pcap-filter(7). */
export interface CaptureFilter {
  expression: string;
}

/**
 * @param linkType DLT of the interface
 * @param snapLength octets to capture of each packet
 */
export function filterProgram(
  _filter: CaptureFilter | undefined,
  _linkType: number,
  snapLength: number,
): BpfInstruction[] {
  return [{ code: 0x06, jt: 0, jf: 0, k: snapLength }];
}
