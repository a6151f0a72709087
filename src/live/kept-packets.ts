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

/** What to say of packets that could not be kept since the last time; nothing while all is well. */
export function diskNotices(ring: PacketRing): Notice[] {
  return lossNotices('packets could not be kept on disk; they were measured', ring.takeLosses());
}

/** What to say of what a disk did not take, or a hold did not get. */
export function lossNotices(text: string, { lost, problem, unheld }: DiskLosses): Notice[] {
  const said: Notice[] = [];
  if (lost > 0)
    said.push({ level: 'warn', text, fields: { lost, reason: problem ?? 'the disk is too slow' } });
  if (unheld !== null)
    said.push({ level: 'warn', text: 'evidence is held in part only', fields: { reason: unheld } });
  return said;
}
