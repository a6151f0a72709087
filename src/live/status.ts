import { getHeapStatistics } from 'node:v8';
import { CALLS_MAX } from '../calls/call-table.ts';
import type { CaptureAccount } from '../engine/capture-account.ts';
import type { Engine } from '../engine/engine.ts';
import { BINDINGS_MAX } from '../registrations/binding-table.ts';
import { roundRatio } from '../report/rounding.ts';
import type { RegistrationRounds, StatusRecord } from './live-records.ts';

/** What the engine's account and tables say of where a probe stands. */
export function statusOf(
  engine: Engine,
  { packets, bytes, decoded, discarded, encrypted, mirrorDuplicates, mirrorDuplicatesRatio }: CaptureAccount,
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
  | 'mirrorDuplicates'
  | 'encrypted'
  | 'sip'
  | 'registrationRounds'
  | 'mirrorDuplicatesRatio'
  | 'heapBytes'
> {
  const { calls, rtp, registrations, trunks } = engine;
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
    mirrorDuplicates,
    encrypted,
    sip: engine.signalling.sipCounts(),
    registrationRounds: registrationRounds(engine),
    mirrorDuplicatesRatio: roundRatio(mirrorDuplicatesRatio),
    heapBytes: getHeapStatistics().used_heap_size,
  };
}

/** What became of registrations so far. */
export function registrationRounds(engine: Engine): RegistrationRounds {
  const { succeeded, failed, ofScans } = engine.signallingRecord().registrations;
  return { succeeded, failed, ofScans };
}
