import { isSipThinned, type ThinningVerdict } from '../across/thinning.ts';
import type {
  CaptureRecord,
  EncryptedRecord,
  FindingRecord,
  Severity,
  TrustReason,
} from '../records/types.ts';
import type { CaptureAccount } from './capture-account.ts';

/** What the source of the packets says about itself. */
export interface SourceAccount {
  /** Packets the capturing machine says it lost; null when it says nothing. */
  dropped: number | null;
  /** Packets it says it got, which may be more than are looked at, as of a slice; null or absent when it says nothing. */
  delivered?: number | null;
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
/** Few copies may be those of a network that repeats packets; so many are made by the mirror (standards 1.2). */
const COPIES_LEAST = 100;
const COPIES_RATIO = 0.1;
/** Clocks of several interfaces differ by a little; more than this is a step. */
const CLOCK_STEP_MS = 100;
/** A drift of the capture's clock below this is what clocks do. */
const DRIFT_PPM = 50;

/**
 * How far the capture itself can be believed, before any network is blamed: packets the probe lost, input that
 * broke off, messages cut short, a clock that went backwards.
 */
export function trustOf(account: CaptureAccount, source: SourceAccount): CaptureRecord['trust'] {
  const reasons: TrustReason[] = [];
  let untrusted = false;
  if (source.dropped !== null && source.dropped > 0) {
    const ratio = source.dropped / (source.dropped + Math.max(account.packets, source.delivered ?? 0));
    untrusted = ratio > UNTRUSTED_DROP_RATIO;
    reasons.push({
      code: 'capture_drops',
      text: `the capturing machine lost ${source.dropped} packets itself (${(ratio * 100).toFixed(2)} %): loss and bursts below may be its own`,
      dropped: source.dropped,
      droppedRatio: ratio,
    });
  }
  reasons.push(...shedReasons(account));
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
      kind: 'backwards',
      text: `capture time went backwards by up to ${account.backwardsMaxMs.toFixed(0)} ms (${account.backwards} packets): jitter and delay there are wrong`,
      packets: account.backwards,
      stepMs: account.backwardsMaxMs,
    });
  }
  reasons.push(...clockReasons(account), ...tapReasons(account));
  const unread = unreadSignalling(account.encrypted);
  if (unread !== null) reasons.push(unread);
  const verdict = untrusted ? 'untrusted' : reasons.length > 0 ? 'degraded' : 'trusted';
  return { verdict, reasons };
}

/** Streams that measuring left out to keep up with the others. */
function shedReasons({ discarded }: CaptureAccount): TrustReason[] {
  const streams = discarded.rtp_streams_shed ?? 0;
  const packets = discarded.rtp_packets_shed ?? 0;
  if (streams === 0) return [];
  const text = `measuring did not keep up: ${streams} new streams were left out, whole (${packets} packets so far), so that the others lose nothing`;
  return [{ code: 'capture_drops', kind: 'shed', text, streams, packets }];
}

/** What the stamps of the packets, and all streams together, say about the clock. */
function clockReasons(account: CaptureAccount): TrustReason[] {
  const { clockStep, clockDrift, stillStamps, coarseStamps, stampBatches } = account;
  const reasons: TrustReason[] = [];
  if (clockStep !== null) {
    const { stepMs, streams, atUs } = clockStep;
    reasons.push({
      code: 'capture_clock',
      kind: 'step',
      text: `the capture's clock was set by ${stepMs.toFixed(0)} ms: ${streams} unrelated streams step at one moment; delays are not judged there`,
      stepMs,
      streams,
      atUs,
    });
  }
  if (clockDrift !== null && Math.abs(clockDrift.skewPpm) >= DRIFT_PPM) {
    const { skewPpm, senders } = clockDrift;
    reasons.push({
      code: 'capture_clock',
      kind: 'drift',
      text: `the capture's clock drifts by ${(-skewPpm).toFixed(0)} ppm: ${senders} senders seem to drift alike`,
      skewPpm: -skewPpm,
      senders,
    });
  }
  if (stillStamps) {
    reasons.push({
      code: 'capture_clock',
      kind: 'still',
      text: 'all packets have the same time stamp: jitter, delay and durations are not known',
    });
  }
  if (coarseStamps) {
    reasons.push({
      code: 'capture_clock',
      kind: 'resolution',
      text: 'all time stamps are whole multiples of 10 ms: jitter and delay are not judged',
      resolutionMs: 10,
    });
  }
  if (stampBatches !== null) {
    const { distanceMs, streams } = stampBatches;
    reasons.push({
      code: 'capture_clock',
      kind: 'batches',
      text: `packets are stamped in batches ${distanceMs.toFixed(0)} ms apart: jitter up to that is not judged (${streams} streams)`,
      batchMs: distanceMs,
      streams,
    });
  }
  return reasons;
}

/** What the tap dropped, and what it does not see. */
function tapReasons({
  mirror,
  standstill,
  thinning,
  captureLoss,
  calls,
  oneSidedCalls,
}: CaptureAccount): TrustReason[] {
  const reasons: TrustReason[] = [];
  if (mirror !== null) {
    const { instants, streams, lost, onlyAtProbe, reported } = mirror;
    const word =
      onlyAtProbe === null
        ? 'no receiver reports on it'
        : `receivers had ${onlyAtProbe} of these packets and lack ${reported}`;
    reasons.push({
      code: 'mirror_oversubscribed',
      text: `${streams} unrelated streams lost packets in the same instants, ${instants} times, and ${word}: the mirror port drops, loss is not judged`,
      instants,
      streams,
      lost,
      onlyAtProbe,
      reported,
    });
  }
  if (standstill !== null) {
    const { times, longestMs, streams, atUs } = standstill;
    const seconds = (longestMs / 1000).toFixed(1);
    const often = times === 1 ? `for ${seconds} s` : `${times} times, for up to ${seconds} s,`;
    reasons.push({
      code: 'capture_standstill',
      text: `no packet of any kind came ${often} while ${streams} streams ran that lack what was sent then, and no receiver reports on it: the capture stood still, or all that it sees; which of these cannot be told from here`,
      times,
      longestMs,
      streams,
      atUs,
    });
  }
  if (thinning !== null) reasons.push(thinnedReason(thinning));
  if (captureLoss.streams > 0 && mirror === null) {
    const { streams, packets } = captureLoss;
    reasons.push({
      code: 'capture_drops',
      text: `receivers report to have had ${packets} packets of ${streams === 1 ? 'a stream' : `${streams} streams`} that the capture lacks: it lost them itself, and their loss is not judged`,
      dropped: packets,
      streams,
    });
  }
  if (oneSidedCalls > 0) {
    reasons.push({
      code: 'capture_one_sided',
      text: `of ${oneSidedCalls} of ${calls} calls the tap sees one direction of media only, or none: absence there says nothing`,
      calls,
      oneSided: oneSidedCalls,
    });
  }
  return reasons;
}

/** What all streams lack alike, and who says whether it is the capture that lacks it. */
function thinnedReason(thinning: ThinningVerdict): TrustReason {
  const { streams, senders, lostRatio, received, sipMissing, firstUs } = thinning;
  const alike = `${streams} streams of ${senders} senders, both ways, lack the same share of packets (${(lostRatio * 100).toFixed(0)} %), spread evenly from beginning to end`;
  const here = 'the capture holds a sample of the packets';
  const words = [
    ...(received > 0 ? [`receivers of ${received} report to have had them`] : []),
    ...(isSipThinned(thinning) ? [`${sipMissing} messages of SIP are missing that were not sent again`] : []),
  ];
  const who =
    words.length > 0
      ? `and ${words.join(', ')}: ${here}`
      : `and no receiver reports on it: ${here}, or the network loses as evenly; which of these cannot be told from here`;
  return {
    code: 'capture_thinned',
    text: `${alike}, ${who}; that loss is not judged, and scores are doubtful`,
    streams,
    senders,
    lostRatio,
    received,
    sipMissing,
    atUs: firstUs,
  };
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

/** Reasons that are findings, too, and how grave they are. The others say only that something was not read. */
const AS_FINDINGS: ReadonlyMap<string, Severity> = new Map([
  ['capture_drops', 'warning'],
  ['capture_duplicates', 'info'],
  ['capture_truncated', 'warning'],
  ['capture_clock', 'warning'],
  ['mirror_oversubscribed', 'warning'],
  ['capture_standstill', 'warning'],
  ['capture_thinned', 'warning'],
]);

/** Reasons to doubt the capture as findings about it. What the tap does not see is said call by call. */
export function captureFindings({
  trust,
  startUs,
  endUs,
}: Pick<CaptureRecord, 'trust' | 'startUs' | 'endUs'> & Partial<CaptureRecord>): FindingRecord[] {
  const found: FindingRecord[] = [];
  for (const { code, text, ...evidence } of trust.reasons) {
    const severity = AS_FINDINGS.get(code);
    if (severity === undefined) continue;
    found.push({
      code,
      severity: trust.verdict === 'untrusted' && code === 'capture_drops' ? 'critical' : severity,
      callId: null,
      streamId: null,
      direction: null,
      startUs: startUs ?? 0,
      endUs,
      text,
      evidence,
    });
  }
  return found;
}
