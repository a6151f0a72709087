import type { FindingRecord } from '../../records/types.ts';
import { callDropped } from './call-dropped.ts';
import type { CallCase } from './case.ts';
import { foreignBye } from './foreign-bye.ts';
import { unmarkedSignalling } from './marking.ts';
import { mediaNegotiation } from './media-negotiation.ts';
import { registeredUnreachable } from './registered-unreachable.ts';
import { retransmissions } from './retransmissions.ts';
import { sdpInvalid } from './sdp-invalid.ts';
import { setupOutcome } from './setup-outcome.ts';
import { shortCall } from './short-call.ts';
import { slowSetup } from './slow-setup.ts';
import { transcoding } from './transcoding.ts';
import { transferFailed } from './transfer-failed.ts';
import { unansweredRequests } from './unanswered-requests.ts';

/** What is wrong with the signalling of a call, and with what it agreed on. */
export function callFindings(found: CallCase): FindingRecord[] {
  const dropped = callDropped(found);
  const unreachable = registeredUnreachable(found);
  const all = [
    setupOutcome(found, unreachable !== null),
    unreachable,
    slowSetup(found),
    mediaNegotiation(found),
    sdpInvalid(found),
    dropped,
    foreignBye(found),
    ...unansweredRequests(found),
    retransmissions(found),
    ...transferFailed(found),
    dropped === null ? shortCall(found) : null,
    ...transcoding(found),
    ...unmarkedSignalling(found),
  ];
  return all.filter((finding) => finding !== null);
}
