import type { FindingRecord } from '../../records/types.ts';
import type { SdpFault } from '../sip-facts.ts';
import { type CallCase, callFinding } from './case.ts';

const WORDS: Readonly<Record<string, string>> = {
  empty: 'is empty',
  too_long: 'is too long',
  too_many_lines: 'has too many lines',
  too_many_media: 'has too many media sections',
  not_sdp: 'cannot be read',
  no_connection: 'names no address (no c= line)',
  malformed_media: 'has an m= line that cannot be read',
  malformed_rtpmap: 'has an rtpmap that cannot be read',
  payload_type_out_of_range: 'has payload types above 127',
  dynamic_without_rtpmap: 'has a dynamic payload type without rtpmap',
  media_count_differs: 'has another number of m= lines than the offer it answers',
  media_order_differs: 'has its m= lines in another order than the offer it answers',
};

/** Session descriptions that break RFC 8866 or RFC 3264 so that receivers may fail on them. */
export function sdpInvalid(found: CallCase): FindingRecord | null {
  const faults = found.call.sip.rare.sdpFaults;
  const first = faults[0];
  if (first === undefined) return null;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  const text = `the session description of the ${first.by} (${place(first)}) ${WORDS[first.fault] ?? first.fault}${more}`;
  return callFinding(
    found,
    'sdp_invalid',
    'warning',
    text,
    {
      fault: first.fault,
      by: first.by,
      method: first.method,
      status: first.status,
      faults: faults.map((fault) => `${fault.by}:${fault.fault}`).join(' '),
    },
    { startUs: first.timeUs, endUs: first.timeUs },
  );
}

function place({ method, status }: SdpFault): string {
  return status === null ? method : `${status} to ${method}`;
}
