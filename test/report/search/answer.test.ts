import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';
import type { CaptureRecord } from '../../../src/records/types.ts';
import type { RecordStore } from '../../../src/report/record-store.ts';
import { reportedCapture } from '../../../src/report/reported.ts';
import { answerTicket, type TicketAnswer } from '../../../src/report/search/answer.ts';
import { renderAnswer } from '../../../src/report/search/answer-lines.ts';
import { parseParty } from '../../../src/report/search/party.ts';
import { reportedVerdict } from '../../../src/report/search/search-contract.ts';
import { parseSymptom } from '../../../src/report/search/symptoms.ts';
import type { TimeSpan } from '../../../src/report/search/time-window.ts';
import type { Criteria } from '../../../src/report/selection.ts';
import { displayWidth } from '../../../src/report/terminal-text.ts';
import { call, capture, finding, START_US, stream } from '../records.ts';
import { seconds, storeOf } from './store.ts';

interface Ask {
  party?: string;
  symptom?: string;
  times?: TimeSpan[];
}

function answer(records: RecordStore, ask: Ask, changes: Partial<CaptureRecord> = {}): TicketAnswer {
  const criteria: Criteria = {};
  const question: Parameters<typeof answerTicket>[3] = { at: null, party: null, symptom: null };
  if (ask.party !== undefined) {
    criteria.party = parseParty(ask.party)!;
    question.party = ask.party;
  }
  if (ask.symptom !== undefined) {
    const parsed = parseSymptom(ask.symptom, nearest);
    if (!parsed.ok) throw new Error(parsed.message);
    criteria.symptom = parsed.symptom;
    question.symptom = parsed.symptom;
  }
  if (ask.times !== undefined) {
    criteria.times = ask.times;
    question.at = { text: 'then', zone: 'UTC', spans: ask.times };
  }
  return answerTicket(records, reportedCapture(capture(changes)), criteria, question);
}

function codes(told: TicketAnswer): string[] {
  return [...told.limits, ...told.candidates.flatMap(({ limits }) => limits)].map(({ code }) => code);
}

describe('answerTicket', () => {
  const records = storeOf(
    { n: 1, at: 10, code: 'one_way_media' },
    { n: 2, at: 10, code: 'burst_loss', to: 'sip:4712@pbx' },
    { n: 3, at: 10, to: 'sip:4713@pbx' },
  );

  it('confirms what findings show', () => {
    const told = answer(records, { party: '4711', symptom: 'one-way', times: [seconds(0, 60)] });
    expect(told.answer).toBe('confirmed');
    expect(told.candidates.map((each) => each.call.id)).toEqual(['c1']);
    expect(told.candidates[0]!.shows.map(({ code }) => code)).toEqual(['one_way_media']);
    expect(told.others).toMatchObject({ calls: 2, sameWay: 0 });
  });

  it('says that nothing of the kind was wrong, and what was', () => {
    const told = answer(records, { party: '4712', symptom: 'one-way', times: [seconds(0, 60)] });
    expect(told.answer).toBe('nothing_wrong');
    expect(told.candidates[0]!.besides.map(({ code }) => code)).toEqual(['burst_loss']);
    expect(answer(records, { party: '4713' }).answer).toBe('nothing_wrong');
    expect(answer(records, { party: '4712' }).answer).toBe('confirmed');
  });

  it('has not seen a call that is not there while the capture covers the time', () => {
    const told = answer(records, { party: '99', times: [seconds(10, 20)] });
    expect(told).toMatchObject({ answer: 'not_seen', candidates: [], callsThen: 3 });
  });

  it('sees nothing outside of the capture, and where nothing was captured', () => {
    expect(codes(answer(records, { party: '99', times: [seconds(200, 400)] }))).toContain('outside_capture');
    const quiet = answer(records, { party: '4711', times: [seconds(100, 110)] });
    expect(quiet.answer).toBe('no_visibility');
    expect(codes(quiet)).toEqual(['nothing_captured']);
    // A part of the time is not covered: the call that is meant may lie there.
    const partly = answer(records, { party: '4713', symptom: 'choppy', times: [seconds(-5, 40)] });
    expect(partly.answer).toBe('no_visibility');
    expect(answer(records, { party: '4711', symptom: 'one-way', times: [seconds(-5, 40)] }).answer).toBe(
      'confirmed',
    );
  });

  it('sees no calls where signalling cannot be read', () => {
    const none = { sip: 0, rtp: 1, rtcp: 0, t38: 0, other: 0 };
    expect(codes(answer(records, { party: '99' }, { decoded: none }))).toEqual(['no_signalling']);
    const reason = { code: 'encrypted_signalling', text: '2 TLS connections could not be read' };
    const told = answer(records, { party: '99' }, { trust: { verdict: 'degraded', reasons: [reason] } });
    expect(told.answer).toBe('no_visibility');
    expect(told.limits).toEqual([{ ...reason, blocks: true }]);
    const loose = storeOf({ n: 1, at: 10 });
    loose.stream(stream({ id: 's9', callId: null }));
    expect(codes(answer(loose, { party: '99' }))).toEqual(['streams_without_call']);
  });

  it('takes a lost packet for no reason to doubt that a call was not there, and an untrusted capture for one', () => {
    const reasons = [{ code: 'capture_drops', text: 'lost some' }];
    const degraded = answer(records, { party: '99' }, { trust: { verdict: 'degraded', reasons } });
    expect(degraded.answer).toBe('not_seen');
    const untrusted = answer(records, { party: '99' }, { trust: { verdict: 'untrusted', reasons } });
    expect(untrusted.answer).toBe('no_visibility');
  });

  it('cannot say what the capture may have made, or what the tap does not see', () => {
    const held = storeOf();
    const doubt = { code: 'burst_loss', streamId: 's1', direction: null, reason: 'capture_drops' } as const;
    held.call(call({ findings: [], heldBack: [doubt], verdict: 'unknown' }));
    held.stream(stream());
    expect(codes(answer(held, { party: 'bob', symptom: 'choppy' }))).toEqual(['held_back']);
    expect(answer(held, { party: 'bob', symptom: 'drops' }).answer).toBe('nothing_wrong');
    held.finding(finding({ code: 'capture_one_sided', severity: 'info' }));
    expect(codes(answer(held, { party: 'bob', symptom: 'one-way' }))).toContain('capture_one_sided');
  });

  it('measures no delay without round trips, no keys in encrypted media, no echo ever', () => {
    expect(codes(answer(records, { party: '4713', symptom: 'delay' }))).toEqual(['delay_unknown']);
    expect(codes(answer(records, { party: '4713', symptom: 'echo' }))).toEqual(['not_measured']);
    const secret = storeOf();
    secret.call(call({ findings: [], verdict: 'healthy' }));
    secret.stream(stream({ media: { ...stream().media, encrypted: true } }));
    expect(codes(answer(secret, { party: 'bob', symptom: 'dtmf' }))).toEqual(['encrypted_media']);
    const bare = storeOf();
    bare.call(call({ findings: [], streams: [], verdict: 'unknown' }));
    expect(codes(answer(bare, { party: 'bob', symptom: 'choppy' }))).toEqual(['no_media_seen']);
  });

  it('counts what befell the registration of the party', () => {
    const lost = storeOf({ n: 1, at: 10, to: 'sip:99@pbx' });
    const about = { code: 'registration_lost', callId: null, streamId: null, severity: 'warning' } as const;
    lost.finding(finding({ ...about, party: 'sip:4711@pbx', startUs: START_US + 12e6, endUs: null }));
    const told = answer(lost, { party: '4711', symptom: 'no-ring', times: [seconds(0, 60)] });
    expect(told.answer).toBe('confirmed');
    expect(told.registrations.map(({ code }) => code)).toEqual(['registration_lost']);
    expect(answer(lost, { party: '4712', symptom: 'no-ring' }).answer).toBe('not_seen');
  });
});

describe('an answer', () => {
  const hostile = storeOf({ n: 1, at: 10, from: 'sip:\x1b[31mred\n@pbx', code: 'one_way_media' });
  const told = answer(hostile, { party: '4711', symptom: 'one-way', times: [seconds(0, 60)] });

  it.each([80, 120, 200])('fits %i columns and holds no control character', (columns) => {
    const lines = [...renderAnswer(told, reportedCapture(capture()), { columns })].join('').split('\n');
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(lines[0]).toBe('CONFIRMED: one-way, of 4711, at then');
    expect(lines.join(' ')).toContain('sip:\\x1b[31mred\\n@pbx');
  });

  it('says when in its call a finding was', () => {
    const records = storeOf({ n: 1, at: 0, code: 'one_way_media' });
    const times = { startUs: START_US + 9e6, endUs: START_US + 11e6 };
    records.finding(finding({ callId: 'call1@pbx', streamId: 's1', ...times, code: 'media_interrupted' }));
    const told = answer(records, { party: '4711', symptom: 'choppy' });
    const lines = [...renderAnswer(told, reportedCapture(capture()))];
    expect(lines.find((line) => line.includes('[media_interrupted]'))).toMatch(
      /^ {4}critical: caller to callee, 03:04:14\.123 for 2\.0 s: /,
    );
  });

  it('says in JSON what it says in words, with the texts of the wire', () => {
    const json = reportedVerdict(told, reportedCapture(capture()), { name: 'earshot', version: '1' });
    expect(json).toMatchObject({ schema: 'earshot.verdict/1', answer: 'confirmed', callsLeftOut: 0 });
    expect(json.calls[0]).toMatchObject({ id: 'c1', from: 'sip:\x1b[31mred\n@pbx' });
    expect(json.question.symptom).toBe('one-way');
  });
});
