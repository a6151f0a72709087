import type { FindingRecord } from '../../records/types.ts';
import { textDigest } from '../../sip/transaction.ts';
import type { Call, Description } from '../call.ts';
import { offerOf } from '../sdp-faults.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { codecNames } from './codec-lists.ts';

/**
 * A call that was answered although the sides share no audio: every audio line refused, or no codec in common. Where
 * media flows all the same, the answer was wrong and the call is not.
 */
export function mediaNegotiation(found: CallCase): FindingRecord | null {
  const { call } = found;
  if (call.answerUs === null || found.streams.some((stream) => stream.packets > 0)) return null;
  const answer = answerInForce(call);
  const offer = answer === null ? null : offerOf(call, answer);
  if (answer === null || offer === null) return null;
  const offered = audioLines(offer);
  const answered = audioLines(answer);
  if (offered.length === 0 || answered.length === 0) return null;
  const evidence = {
    offered: namesOf(offered),
    answered: namesOf(answered),
    by: answer.side,
  };
  // Without any media in the capture nobody knows whether it came to that.
  const severity = graveIfEmergency(found, found.visibility.mediaSeen ? 'warning' : 'info');
  if (answer.media.every((media) => media.type !== 'audio' || media.port === 0)) {
    if (answer.media.some((media) => media.port > 0)) return null;
    const text = `answered, but the ${answer.side} refused all audio (port 0)`;
    return callFinding(found, 'codec_negotiation_failed', severity, text, evidence);
  }
  const offeredNames = new Set(offered.flatMap(codecNames));
  const answeredNames = answered.filter((media) => media.port > 0).flatMap(codecNames);
  if (offeredNames.size === 0 || answeredNames.length === 0) return null;
  if (answeredNames.some((name) => offeredNames.has(name))) return null;
  const text = `answered, but with no codec that was offered: ${evidence.offered} against ${evidence.answered}`;
  return callFinding(found, 'codec_negotiation_failed', severity, text, evidence);
}

/** The description that answered the offer of the first INVITE; of a forked call, that of the winner. */
function answerInForce(call: Call): Description | null {
  const own = call.descriptions.filter(
    (each) => each.cseq === call.inviteCseq && each.requester === 'caller',
  );
  const first = own[0];
  if (first === undefined) return null;
  const answers = own.filter((each) => each.side !== first.side);
  const { answerTag } = call.sip;
  const isWinner = ({ side, tag }: Description): boolean =>
    side === 'caller' || textDigest(tag) === answerTag;
  return answers.findLast(isWinner) ?? answers.at(-1) ?? null;
}

function audioLines({ media }: Description): Description['media'] {
  return media.filter((line) => line.type === 'audio');
}

function namesOf(lines: Description['media']): string {
  return [...new Set(lines.flatMap(codecNames))].slice(0, 12).join(' ');
}
