import type { FindingRecord } from '../../records/types.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { secondsText } from './finding.ts';

/**
 * A BYE from a host that had no part in the call, in the name of a side that went on. Without that it may be a telephone
 * that changed networks, or another node of a cluster: nothing is said then.
 */
export function foreignBye(found: CallCase): FindingRecord | null {
  const { call, streams } = found;
  const bye = call.sip.rare.foreignBye;
  if (bye === null || bye.disproved === null) return null;
  const { timeUs, source, side } = bye;
  const direction = side === 'caller' ? 'callerToCallee' : 'calleeToCaller';
  const lastUs = streams
    .filter((stream) => stream.direction === direction)
    .reduce((last, stream) => Math.max(last, stream.endUs), timeUs);
  const mediaWentOnMs = (lastUs - timeUs) / 1000;
  const status =
    call.sip.transactions.find(({ method, cseq }) => method === 'BYE' && cseq === bye.cseq)?.status ?? 0;
  const went =
    bye.disproved === 'media'
      ? `sent media for another ${secondsText(mediaWentOnMs)} s`
      : 'sent further requests of the call';
  const text = `${source}, which had no part in the call, sent a BYE in the name of the ${side}, who ${went}`;
  return callFinding(
    found,
    'foreign_bye',
    graveIfEmergency(found, 'warning'),
    text,
    { source, side, mediaWentOnMs, disprovedBy: bye.disproved, status: status === 0 ? null : status },
    { startUs: timeUs, endUs: timeUs },
  );
}
