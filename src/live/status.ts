import { getHeapStatistics } from 'node:v8';
import { CALLS_MAX } from '../calls/call-table.ts';
import type { CaptureAccount } from '../engine/capture-account.ts';
import type { Engine } from '../engine/engine.ts';
import { BINDINGS_MAX } from '../registrations/binding-table.ts';
import { roundRatio } from '../report/rounding.ts';
import type { StatusRecord } from './live-records.ts';

/** What the engine's account and tables say of where a probe stands. */
export function statusOf(
  { calls, rtp, registrations, trunks }: Engine,
  { packets, bytes, decoded, discarded, encrypted, mirrorDuplicatesRatio }: CaptureAccount,
): Pick<
  StatusRecord,
  | 'packets'
  | 'bytes'
  | 'calls'
  | 'callsUp'
  | 'streams'
  | 'registrations'
  | 'trunks'
  | 'tables'
  | 'decoded'
  | 'discarded'
  | 'encrypted'
  | 'mirrorDuplicatesRatio'
  | 'heapBytes'
> {
  return {
    packets,
    bytes,
    calls: calls.size,
    callsUp: calls.load.active,
    streams: rtp.table.activeCount,
    registrations: registrations.activeNow,
    trunks: trunks.states(),
    tables: {
      streams: { used: rtp.table.activeCount, max: rtp.table.capacity },
      calls: { used: calls.size, max: CALLS_MAX },
      registrations: { used: registrations.table.size, max: BINDINGS_MAX },
    },
    decoded,
    discarded,
    encrypted,
    mirrorDuplicatesRatio: roundRatio(mirrorDuplicatesRatio),
    heapBytes: getHeapStatistics().used_heap_size,
  };
}
