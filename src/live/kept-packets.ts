import { isoMicros } from '../report/iso-time.ts';
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
  const { lost, problem } = ring.takeLosses();
  if (lost === 0) return null;
  const fields = { lost, reason: problem ?? 'the disk is too slow' };
  return { level: 'warn', text: 'packets could not be kept on disk; they were measured', fields };
}
