import { expect } from 'vitest';
import { type ExtendedReport, parseExtendedReport, type XrBlock } from '../../src/rtcp/xr.ts';
import { extendedPacket } from './reports.ts';

/** The stream that blocks are about. */
export const SSRC = 0xcafe_f00d;

/** Interval metric flags (RFC 6776): upper two bits of the type-specific octet. */
export const SAMPLED = 1 << 6;
export const INTERVAL = 2 << 6;
export const CUMULATIVE = 3 << 6;

/** An extended report of these blocks, read back. */
export function parsed(...blocks: Uint8Array[]): ExtendedReport {
  const packet = extendedPacket(7, ...blocks);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return parseExtendedReport(view, 0, packet.length);
}

/** The only block of a packet. */
export function only(block: Uint8Array): XrBlock {
  const report = parsed(block);
  expect(report).toMatchObject({ ssrc: 7, skipped: 0, malformed: 0 });
  expect(report.blocks).toHaveLength(1);
  return report.blocks[0]!;
}
