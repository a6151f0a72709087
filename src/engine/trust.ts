import type { CaptureRecord, EncryptedRecord, TrustReason } from '../records/types.ts';
import type { CaptureAccount } from './engine.ts';

/** What the source of the packets says about itself. */
export interface SourceAccount {
  /** Packets the capturing machine says it lost; null when it says nothing. */
  dropped: number | null;
  /** What stopped or hurt the reading, one line each. */
  problems: readonly { code: string; text: string }[];
}

/** More than this part of the packets missing and nothing measured can be told from it. */
const UNTRUSTED_DROP_RATIO = 0.01;
/** Discards that mean the capture, not the traffic, is unfit; and how to say so. */
const UNUSABLE: readonly (readonly [reason: string, text: string])[] = [
  ['unknown_link_type', 'have a link type that is not supported'],
  ['absurd_time', 'have a time stamp before 1970 or after 2255'],
];
/** Few copies are those of a network that repeats a packet; more are made by the mirror. */
const COPIES_LEAST = 100;
const COPIES_RATIO = 0.01;
/** Clocks of several interfaces differ by a little; more than this is a step. */
const CLOCK_STEP_MS = 100;

/**
 * How far the capture itself can be believed, before any network is blamed: packets the probe lost, input that
 * broke off, messages cut short, a clock that went backwards.
 */
export function trustOf(account: CaptureAccount, source: SourceAccount): CaptureRecord['trust'] {
  const reasons: TrustReason[] = [];
  let untrusted = false;
  if (source.dropped !== null && source.dropped > 0) {
    const ratio = source.dropped / (source.dropped + account.packets);
    untrusted = ratio > UNTRUSTED_DROP_RATIO;
    reasons.push({
      code: 'capture_drops',
      text: `the capturing machine lost ${source.dropped} packets itself (${(ratio * 100).toFixed(2)} %): loss and bursts below may be its own`,
      dropped: source.dropped,
      droppedRatio: ratio,
    });
  }
  for (const problem of source.problems) {
    const code = problem.code === 'truncated_file' ? 'capture_truncated' : problem.code;
    reasons.push({ code, text: problem.text });
  }
  if (account.packets === 0 && source.problems.length > 0) untrusted = true;
  for (const [reason, text] of UNUSABLE) {
    const packets = account.discarded[reason] ?? 0;
    if (packets === 0) continue;
    reasons.push({ code: reason, text: `${packets} of ${account.packets} packets ${text}`, packets });
    if (packets === account.packets) untrusted = true;
  }
  const copies = account.mirrorDuplicates;
  if (copies >= COPIES_LEAST && account.mirrorDuplicatesRatio > COPIES_RATIO) {
    const percent = (account.mirrorDuplicatesRatio * 100).toFixed(1);
    reasons.push({
      code: 'capture_duplicates',
      text: `${copies} packets (${percent} %) are copies made by the mirror: they are left out, but take its capacity; mirror each packet once`,
      packets: copies,
      packetsRatio: account.mirrorDuplicatesRatio,
    });
  }
  const cut = account.discarded.sip_truncated ?? 0;
  if (cut > 0) {
    reasons.push({
      code: 'capture_truncated',
      text: `${cut} SIP messages were cut by the snap length: calls may be missing; capture whole packets`,
      messages: cut,
    });
  }
  if (account.backwardsMaxMs > CLOCK_STEP_MS) {
    reasons.push({
      code: 'capture_clock',
      text: `capture time went backwards by up to ${account.backwardsMaxMs.toFixed(0)} ms (${account.backwards} packets): jitter and delay there are wrong`,
      packets: account.backwards,
      stepMs: account.backwardsMaxMs,
    });
  }
  const unread = unreadSignalling(account.encrypted);
  if (unread !== null) reasons.push(unread);
  const verdict = untrusted ? 'untrusted' : reasons.length > 0 ? 'degraded' : 'trusted';
  return { verdict, reasons };
}

const UNREAD: readonly (readonly [keyof EncryptedRecord['unread'], string])[] = [
  ['noKeys', 'no keys'],
  ['noHandshake', 'handshake not captured'],
  ['unsupported', 'cipher or version not supported'],
  ['failed', 'keys do not fit'],
];

/** Connections on SIP ports that nobody could read: calls without signalling may only look so. */
function unreadSignalling({ sipTlsSuspected, unread }: EncryptedRecord): TrustReason | null {
  if (sipTlsSuspected === 0) return null;
  const causes = UNREAD.filter(([cause]) => unread[cause] > 0);
  const text =
    causes.length === 1 ? causes[0]![1] : causes.map(([cause, why]) => `${unread[cause]} ${why}`).join(', ');
  const connections = sipTlsSuspected === 1 ? '1 TLS connection' : `${sipTlsSuspected} TLS connections`;
  return {
    code: 'encrypted_signalling',
    text: `${connections} on SIP ports could not be read: ${text}`,
    connections: sipTlsSuspected,
    ...unread,
  };
}
