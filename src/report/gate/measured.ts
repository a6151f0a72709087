import { CAPTURE_CODES } from '../../records/capture-codes.ts';
import { IMPAIRMENT_CODES } from '../../records/impairment-codes.ts';
import { REGISTRATION_CODES } from '../../records/registration-codes.ts';
import { SIGNALLING_CODES } from '../../records/signalling-codes.ts';
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

/** What a finding is found in. */
type Subject = 'capture' | 'registrations' | 'calls' | 'judgedCalls' | 'streams' | 'any';

const has = (codes: object, code: string): boolean => Object.hasOwn(codes, code);

/** Findings that compare what is heard with what a call should have: of a call that cannot be judged they say nothing. */
const OF_JUDGED_CALLS: ReadonlySet<string> = new Set([
  'no_media',
  'one_way_media',
  'late_media',
  'media_stopped',
]);
/** Findings of calls among those that travel with the media. */
const OF_CALLS: ReadonlySet<string> = new Set(['registered_unreachable', 'state_timeout']);
/** Findings about streams beside the impairments. */
const OF_STREAMS: ReadonlySet<string> = new Set([
  'media_interrupted',
  'sender_paused',
  'dead_air',
  'source_differs_from_sdp',
  'rtp_to_wrong_address',
  'unexpected_rtp',
  'payload_type_not_negotiated',
  'codec_changed',
  'codec_mismatch',
  'ptime_mismatch',
  'clock_rate_mismatch',
]);

function subjectOf(code: string): Subject {
  if (OF_JUDGED_CALLS.has(code)) return 'judgedCalls';
  if (OF_CALLS.has(code) || has(SIGNALLING_CODES, code)) return 'calls';
  if (has(REGISTRATION_CODES, code)) return 'registrations';
  if (has(CAPTURE_CODES, code)) return 'capture';
  return OF_STREAMS.has(code) || has(IMPAIRMENT_CODES, code) ? 'streams' : 'any';
}

/** Whether a finding of this code could have been found: where nothing was measured, none found means nothing. */
export function couldBeFound(code: string, measured: Measured): boolean {
  const { packets, calls, unknownCalls, streams, registrations } = measured;
  switch (subjectOf(code)) {
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
    case 'any':
      return calls + streams > 0;
  }
}

/** Whether findings of this code ever belong to a call; of the others no share of the calls can be told. */
export function isOfCalls(code: string): boolean {
  const subject = subjectOf(code);
  return code === 'capture_one_sided' || (subject !== 'capture' && subject !== 'registrations');
}

/** What was looked at, in words. */
export function measuredText(code: string, measured: Measured): string {
  const { packets, calls, unknownCalls, streams, registrations } = measured;
  const subject = subjectOf(code);
  if (subject === 'capture') return `${packets} packets`;
  if (subject === 'registrations') return `${registrations} registrations, ${calls} calls`;
  const beside = subject === 'judgedCalls' ? unknownText(unknownCalls) : '';
  return `${calls} calls${beside}, ${streams} streams`;
}

/** Calls among others that could not be judged, in brackets; nothing where there are none. */
export function unknownText(unknownCalls: number): string {
  return unknownCalls === 0 ? '' : ` (${unknownCalls} of verdict unknown)`;
}
