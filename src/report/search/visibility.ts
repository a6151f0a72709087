import { EVIDENCE_MIN } from '../../records/evidence.ts';
import type { ReportCall, ReportCapture, ReportStream } from '../contract.ts';
import type { RecordStore } from '../record-store.ts';
import type { Symptom } from './symptoms.ts';
import { overlaps, type TimeSpan } from './time-window.ts';

/** Something that keeps from seeing, or from being sure. */
export interface Limit {
  /** A reason to doubt the capture, or one of those below. */
  code: string;
  text: string;
  /** With it "not seen" would say more than is known. */
  blocks: boolean;
}

/** Reasons to doubt a capture that may hide a whole call. Others make single figures wrong. */
const HIDES_CALLS = new Set([
  'encrypted_signalling',
  'capture_truncated',
  'unknown_link_type',
  'absurd_time',
]);

/** What may have kept a call out of the records; `spans` is the time that was asked for, null for all of it. */
export function captureLimits(
  records: RecordStore,
  capture: ReportCapture,
  covered: TimeSpan | null,
  spans: readonly TimeSpan[] | null,
): Limit[] {
  const limits: Limit[] = [];
  const blocking = (code: string, text: string): void => {
    limits.push({ code, text, blocks: true });
  };
  if (covered === null) blocking('empty_capture', 'the capture holds no packet');
  else if (spans?.some(({ fromUs, toUs }) => fromUs < covered.fromUs || toUs > covered.toUs))
    blocking(
      'outside_capture',
      `the capture does not cover all of that time: it runs from ${capture.startTime} to ${capture.endTime}`,
    );
  if (spans !== null && covered !== null && !anythingThen(records, spans))
    blocking('nothing_captured', 'no call and no stream at all was seen in that time');
  if (capture.decoded.sip === 0)
    blocking('no_signalling', 'there is no readable SIP in the capture: who called whom is not known');
  const loose = looseThen(records, spans);
  if (loose > 0 && capture.decoded.sip > 0)
    blocking('streams_without_call', `${plural(loose, 'stream')} of no call ran then: whose is not known`);
  for (const { code, text } of capture.trust.reasons)
    limits.push({ code, text, blocks: HIDES_CALLS.has(code) || capture.trust.verdict === 'untrusted' });
  const refused = capture.discarded.call_table_full ?? 0;
  if (refused > 0)
    blocking('call_table_full', `${plural(refused, 'message')} of further calls found no room`);
  return limits;
}

function anythingThen(records: RecordStore, spans: readonly TimeSpan[]): boolean {
  for (const list of [records.calls, records.streams, records.registrations, records.trunks]) {
    for (const sequence of list.ordered()) {
      const { startUs, endUs } = list.summary(sequence);
      if (overlaps(spans, startUs, endUs)) return true;
    }
  }
  return false;
}

function looseThen(records: RecordStore, spans: readonly TimeSpan[] | null): number {
  let count = 0;
  for (const stream of records.streams.ordered()) {
    const { startUs, endUs } = records.streams.summary(stream);
    if (records.isLoose(stream) && (spans === null || overlaps(spans, startUs, endUs))) count++;
  }
  return count;
}

/** What keeps from saying that a call had nothing of a symptom; without a symptom, that it was well. */
export function callLimits(
  call: ReportCall,
  streams: readonly ReportStream[],
  oneSided: boolean,
  symptom: Symptom | null,
): Limit[] {
  const limits: Limit[] = [];
  const add = (code: string, text: string, blocks = true): void => {
    limits.push({ code, text, blocks });
  };
  if (symptom !== null && symptom.beyond !== null) add('not_measured', symptom.beyond);
  const held = call.heldBack.filter(({ code }) => symptom === null || isShown(symptom, code));
  if (held.length > 0) {
    const [codes, reasons] = [held.map(({ code }) => code), held.map(({ reason }) => reason)].map(distinct);
    const why =
      call.signalling.ofScan === true ? 'the call is part of a scan' : 'the capture may have made it';
    add('held_back', `${codes} was seen, and ${why} (${reasons})`);
  }
  const answered = call.state === 'answered' || call.answerTime !== null;
  if (symptom?.ofMedia === false || !answered) return limits;
  if (oneSided) add('capture_one_sided', 'the tap sees one direction of its media only');
  if (streams.length === 0 && call.t38 === null) add('no_media_seen', 'no media of it passed this point');
  else if (streams.every(({ expected }) => expected < EVIDENCE_MIN) && call.t38 === null)
    add('too_short', 'too few packets were due to judge by');
  if (symptom?.name === 'delay' && call.roundTripMs === null)
    add('delay_unknown', 'its delay was not measured: no RTCP round trips of both sides');
  if (symptom?.name === 'dtmf' && streams.some(({ media }) => media.encrypted === true))
    add('encrypted_media', 'its media is encrypted: what keys were sent is not seen');
  if (symptom?.name === 'one-way' && streams.some(({ media }) => media.deadAir === null))
    add('sound_unknown', 'that packets flowed is seen, not whether there was sound in them', false);
  return limits;
}

function isShown(symptom: Symptom, code: string): boolean {
  return (symptom.shows as readonly string[]).includes(code);
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].join(', ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
