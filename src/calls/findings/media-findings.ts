import type { FindingRecord } from '../../records/types.ts';
import { addressFindings } from './addresses.ts';
import type { CallFacts } from './call-facts.ts';
import { delayFinding } from './delay.ts';
import { digitFindings } from './digits.ts';
import { encryptionFindings } from './encryption.ts';
import { faxFinding } from './fax.ts';
import { presenceFindings } from './media-presence.ts';
import { rejectedFindings } from './media-rejected.ts';
import { movedFindings } from './moved-media.ts';
import { negotiationFindings } from './negotiation.ts';
import { streamFindings } from './stream-findings.ts';
import { t38AbsenceFinding } from './t38-absence.ts';
import { t38Findings } from './t38-loss.ts';
import { upSince } from './talk-time.ts';

/** All that is wrong with the media of a call: presence, addresses, negotiation, and each stream by itself. */
export function mediaFindings(facts: CallFacts): FindingRecord[] {
  const { call, streams, thresholds, talk, marking } = facts;
  const answeredUs = upSince(call);
  const changesUs = answeredUs === null ? talk.changesUs : [answeredUs, ...talk.changesUs];
  const circumstances = { held: talk.held, streams, changesUs, marking };
  const single = [faxFinding(facts), t38AbsenceFinding(facts), delayFinding(facts)].filter(
    (finding) => finding !== null,
  );
  const moved = movedFindings(facts);
  return [
    ...presenceFindings(facts),
    ...moved,
    ...rejectedFindings(facts),
    ...addressFindings(facts, new Set(moved.map(({ streamId }) => streamId))),
    ...negotiationFindings(facts),
    ...encryptionFindings(facts),
    ...digitFindings(facts),
    ...t38Findings(facts),
    ...single,
    ...streams.flatMap((stream) => streamFindings(stream, thresholds, circumstances)),
  ];
}
