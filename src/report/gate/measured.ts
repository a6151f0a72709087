import { type FoundIn, findingEntry } from '../../records/finding-codes.ts';
import type { RecordStore } from '../record-store.ts';
import type { Selection } from '../selection.ts';

/** What there was to find something in. */
export interface Measured {
  packets: number;
  calls: number;
  /** Calls whose verdict is `unknown`: nothing was seen of them that could be judged. */
  unknownCalls: number;
  streams: number;
  registrations: number;
}

/** Counts what a choice of records holds, of a capture of so many packets. */
export function measuredOf(records: RecordStore, selection: Selection, packets: number): Measured {
  const calls = [...selection.calls];
  const isUnknown = (call: number): boolean => records.calls.summary(call).verdict === 'unknown';
  return {
    packets,
    calls: calls.length,
    unknownCalls: calls.filter(isUnknown).length,
    streams: [...selection.streams].length,
    registrations: [...selection.registrations].length,
  };
}

/** A code that is in no list may be one of another version. */
function foundIn(code: string): FoundIn {
  return findingEntry(code)?.foundIn ?? 'callsOrStreams';
}

/** Whether a finding of this code could have been found: where nothing was measured, none found means nothing. */
export function couldBeFound(code: string, measured: Measured): boolean {
  const { packets, calls, unknownCalls, streams, registrations } = measured;
  switch (foundIn(code)) {
    case 'capture':
      return packets > 0;
    case 'registrations':
      // Calls show that signalling is seen here: that nobody registers meanwhile is usual.
      return registrations + calls > 0;
    case 'calls':
      return calls > 0;
    case 'judgedCalls':
      return calls > unknownCalls;
    case 'streams':
      return streams > 0;
    case 'callsOrStreams':
      return calls + streams > 0;
  }
}

/** Whether findings of this code ever belong to a call; of the others no share of the calls can be told. */
export function isOfCalls(code: string): boolean {
  const place = foundIn(code);
  return code === 'capture_one_sided' || (place !== 'capture' && place !== 'registrations');
}

/** What was looked at, in words. */
export function measuredText(code: string, measured: Measured): string {
  const { packets, calls, unknownCalls, streams, registrations } = measured;
  const place = foundIn(code);
  if (place === 'capture') return `${packets} packets`;
  if (place === 'registrations') return `${registrations} registrations, ${calls} calls`;
  const beside = place === 'judgedCalls' ? unknownText(unknownCalls) : '';
  return `${calls} calls${beside}, ${streams} streams`;
}

/** Calls among others that could not be judged, in brackets; nothing where there are none. */
export function unknownText(unknownCalls: number): string {
  return unknownCalls === 0 ? '' : ` (${unknownCalls} of verdict unknown)`;
}
