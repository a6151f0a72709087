import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { Side } from '../call.ts';
import { audioOf, type CallFacts, DIRECTIONS, endsOf } from './call-facts.ts';
import { eventTypes } from './digits.ts';
import { aboutCall, aboutStream, secondsText } from './finding.ts';
import { afterGrace, inForce, overlapUs } from './talk-time.ts';
import type { Thresholds } from './thresholds.ts';

/** What was agreed against what was sent. */
export function negotiationFindings(facts: CallFacts): FindingRecord[] {
  const found: (FindingRecord | null)[] = [];
  for (const direction of DIRECTIONS) {
    const { receiver } = endsOf(direction);
    for (const stream of audioOf(facts, direction)) {
      found.push(payloadTypeFinding(facts, receiver, stream));
      found.push(changeFinding(facts, receiver, stream));
      found.push(ptimeFinding(facts, receiver, stream));
    }
  }
  found.push(mismatchFinding(facts));
  return found.filter((finding) => finding !== null);
}

/** One audio format of a stream and when it was in use. */
interface Used {
  payloadType: number;
  codec: string | null;
  startUs: number;
  endUs: number;
}

/** The formats of a stream, each until the next begins; stray packets left out. */
function usedFormats({ history, startUs, endUs }: StreamRecord, settledMs: number): Used[] {
  const { formats } = history;
  const used = formats.map(({ atMs, payloadType, codec }, i) => ({
    payloadType,
    codec,
    startUs: startUs + atMs * 1000,
    endUs: i + 1 < formats.length ? startUs + formats[i + 1]!.atMs * 1000 : endUs,
  }));
  return used.filter((format) => format.endUs - format.startUs >= settledMs * 1000);
}

/** All payload types a side listed for audio, in any description that was not refused. */
function listedBy(facts: CallFacts, side: Side): Set<number> | null {
  const listed = new Set<number>();
  let any = false;
  for (const { side: by, refused, media } of facts.call.descriptions) {
    if (by !== side || refused) continue;
    for (const line of media) {
      if (line.type !== 'audio' || line.port === 0) continue;
      any = true;
      for (const type of line.payloadTypes) listed.add(type);
    }
  }
  return any ? listed : null;
}

/** A payload type that the receiver does not list, or, where there is none, that it lists for telephone events. */
function payloadTypeFinding(facts: CallFacts, receiver: Side, stream: StreamRecord): FindingRecord | null {
  const listed = listedBy(facts, receiver);
  if (listed === null) return null;
  const used = usedFormats(stream, facts.thresholds.settledMs);
  const unlisted = used.filter(({ payloadType }) => !listed.has(payloadType));
  const events = eventTypes(facts, receiver);
  // What was agreed for a codec at that time has its name.
  const asEvents = used.filter(({ payloadType, codec }) => codec === null && events?.has(payloadType));
  const isUnlisted = unlisted.length > 0;
  const wrong = isUnlisted ? unlisted : asEvents;
  const first = wrong[0];
  if (first === undefined) return null;
  const { payloadType, codec } = first;
  const lastedUs = wrong.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const types = [...listed].sort((a, b) => a - b);
  const name = codec === null ? '' : ` (${codec})`;
  const length = `${secondsText(lastedUs / 1000)} s`;
  return aboutStream(stream, {
    code: 'payload_type_not_negotiated',
    severity: isUnheard(wrong, stream, facts.thresholds) ? 'critical' : 'warning',
    text: isUnlisted
      ? `payload type ${payloadType}${name} is sent for ${length}, the ${receiver} listed ${types.join(', ')}`
      : `audio is sent with payload type ${payloadType} for ${length}, which the ${receiver} listed for telephone-event: ` +
        'it does not play it, and may act on it as on keys',
    evidence: {
      payloadType,
      negotiated: types.join(' '),
      ...(isUnlisted ? {} : { listedFor: 'telephone-event' }),
      packetsMs: lastedUs / 1000,
    },
    startUs: first.startUs,
    endUs: wrong.at(-1)!.endUs,
  });
}

/** Payload types from here on mean nothing without an SDP that says what (RFC 3551). */
const DYNAMIC_FIRST = 96;

/** Whether most of a stream is what its receiver cannot know how to play, for as long as would be missed. */
function isUnheard(wrong: readonly Used[], stream: StreamRecord, limits: Thresholds): boolean {
  const dynamic = wrong.filter(({ payloadType }) => payloadType >= DYNAMIC_FIRST);
  const unheardUs = dynamic.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  return unheardUs >= limits.absentMediaMs * 1000 && unheardUs > (stream.endUs - stream.startUs) / 2;
}

/** An SDP so long before a change of codec, or so soon after it, announced it. */
const ANNOUNCED_BEFORE_US = 3_000_000;
const ANNOUNCED_AFTER_US = 3_000_000;

function changeFinding(facts: CallFacts, receiver: Side, stream: StreamRecord): FindingRecord | null {
  const used = usedFormats(stream, facts.thresholds.settledMs);
  const changes: { from: Used; to: Used }[] = [];
  for (let i = 1; i < used.length; i++) {
    const from = used[i - 1]!;
    const to = used[i]!;
    if (nameOf(from) !== nameOf(to) && !isAnnounced(facts, to.startUs)) changes.push({ from, to });
  }
  const first = changes[0];
  if (first === undefined) return null;
  const allowed = listedBy(facts, receiver)?.has(first.to.payloadType) ?? true;
  return aboutStream(stream, {
    code: 'codec_changed',
    severity: allowed ? 'info' : 'warning',
    text:
      `the codec changed from ${nameOf(first.from)} to ${nameOf(first.to)} without a new SDP` +
      `${changes.length > 1 ? `, ${changes.length} changes in all` : ''}`,
    evidence: { from: nameOf(first.from), to: nameOf(first.to), changes: changes.length },
    startUs: first.to.startUs,
    endUs: changes.at(-1)!.to.endUs,
  });
}

function nameOf({ codec, payloadType }: Used): string {
  return codec === null || codec === '' ? `payload type ${payloadType}` : codec.toUpperCase();
}

function isAnnounced({ call }: CallFacts, changeUs: number): boolean {
  return inForce(call).some(
    ({ inForceUs }) =>
      inForceUs >= changeUs - ANNOUNCED_BEFORE_US && inForceUs <= changeUs + ANNOUNCED_AFTER_US,
  );
}

/** Codecs that cannot be cut finer than this: what was asked for below it cannot be given. */
const FRAME_MS: Readonly<Record<string, number>> = { G723: 30, ILBC: 30 };
const PTIME_PACKETS_MIN = 50;

function ptimeFinding(facts: CallFacts, receiver: Side, stream: StreamRecord): FindingRecord | null {
  const { ptimeMs, codec } = stream;
  if (ptimeMs === null || codec === null || stream.clockRateMeasured !== null) return null;
  if (stream.packets < PTIME_PACKETS_MIN) return null;
  const asked: number[] = [];
  let maxptimeMs: number | null = null;
  for (const { side, media } of inForce(facts.call)) {
    if (side !== receiver) continue;
    for (const line of media) {
      if (line.type !== 'audio' || line.port === 0) continue;
      if (line.ptimeMs !== null) asked.push(line.ptimeMs);
      if (line.maxptimeMs !== null) maxptimeMs = Math.max(maxptimeMs ?? 0, line.maxptimeMs);
    }
  }
  const frameMs = FRAME_MS[codec.toUpperCase()] ?? 0;
  const tooLong = maxptimeMs !== null && ptimeMs > Math.max(maxptimeMs, frameMs) + 1;
  const given = asked.some((ms) => Math.abs(ms - ptimeMs) <= 1 || (ms < frameMs && ptimeMs === frameMs));
  if (!tooLong && (asked.length === 0 || given)) return null;
  const askedMs = asked.at(-1) ?? null;
  const wish = tooLong ? `at most ${maxptimeMs} ms` : `${askedMs} ms`;
  return aboutStream(stream, {
    code: 'ptime_mismatch',
    severity: tooLong ? 'warning' : 'info',
    text: `packets of ${ptimeMs.toFixed(0)} ms are sent, the ${receiver} asked for ${wish}`,
    evidence: { ptimeMs, askedPtimeMs: askedMs, maxptimeMs },
  });
}

/** Both directions at the same time with different codecs. */
function mismatchFinding(facts: CallFacts): FindingRecord | null {
  const { call, record, thresholds, talk } = facts;
  if (call.shared !== null) return null;
  const spans = afterGrace(talk, thresholds.graceMs * 1000);
  const forward = mainFormats(facts, 'callerToCallee', thresholds);
  const backward = mainFormats(facts, 'calleeToCaller', thresholds);
  let overlap = 0;
  let pair: { a: Used; b: Used } | null = null;
  let startUs = Number.POSITIVE_INFINITY;
  for (const a of forward) {
    for (const b of backward) {
      if (a.codec === null || b.codec === null || nameOf(a) === nameOf(b)) continue;
      const fromUs = Math.max(a.startUs, b.startUs);
      const both = overlapUs(spans, fromUs, Math.min(a.endUs, b.endUs));
      if (both === 0) continue;
      overlap += both;
      pair ??= { a, b };
      startUs = Math.min(startUs, fromUs);
    }
  }
  if (pair === null || overlap < thresholds.absentMediaMs * 1000) return null;
  return aboutCall(record, null, {
    code: 'codec_mismatch',
    severity: 'info',
    text: `${nameOf(pair.a)} from caller to callee, ${nameOf(pair.b)} from callee to caller, for ${secondsText(overlap / 1000)} s`,
    evidence: {
      callerToCallee: nameOf(pair.a),
      calleeToCaller: nameOf(pair.b),
      overlapMs: overlap / 1000,
    },
    startUs,
  });
}

function mainFormats(
  facts: CallFacts,
  direction: 'callerToCallee' | 'calleeToCaller',
  thresholds: Thresholds,
): Used[] {
  return audioOf(facts, direction).flatMap((stream) => usedFormats(stream, thresholds.settledMs));
}

/** Timestamps that advance at another rate than was agreed. */
export function clockRateFinding(stream: StreamRecord): FindingRecord | null {
  const { clockRate, clockRateMeasured, clockRateSource, codec } = stream;
  if (clockRateMeasured === null || clockRate === null || clockRateSource === 'inferred') return null;
  return aboutStream(stream, {
    code: 'clock_rate_mismatch',
    severity: 'warning',
    text:
      `timestamps of ${codec ?? 'the codec'} advance at ${clockRateMeasured} Hz, agreed are ${clockRate} Hz: ` +
      'delay and jitter cannot be measured by the agreed clock, and are left out',
    evidence: { clockRate, measuredClockRate: clockRateMeasured },
  });
}
