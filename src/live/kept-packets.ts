import { isoMicros } from '../report/iso-time.ts';
import type { DiskLosses } from '../store/losses.ts';
import type { PacketRing } from '../store/packet-ring.ts';
import type { StatusRecord } from './live-records.ts';
import type { Notice } from './thread-messages.ts';

/** What is kept of packets, as it is told. */
export function keptRecord(ring: PacketRing | null): StatusRecord['kept'] {
  if (ring === null) return null;
  const { oldestUs, ...rest } = ring.status();
  return { oldest: isoMicros(oldestUs), ...rest };
}

/** What to say of packets that could not be kept since the last time; null for nothing. */
export function diskNotice(ring: PacketRing): Notice | null {
  return lossNotice('packets could not be kept on disk; they were measured', ring.takeLosses());
}

/** What to say of what a disk did not take; null for nothing. */
export function lossNotice(text: string, { lost, problem }: DiskLosses): Notice | null {
  if (lost === 0) return null;
  return { level: 'warn', text, fields: { lost, reason: problem ?? 'the disk is too slow' } };
}
