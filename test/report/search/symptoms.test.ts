import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';
import { parseParty } from '../../../src/report/search/party.ts';
import { isShownBy, parseSymptom, SYMPTOMS } from '../../../src/report/search/symptoms.ts';
import { parseTicket } from '../../../src/report/search/ticket.ts';
import { select } from '../../../src/report/selection.ts';
import { call, intervals, quality, START_US, signalling, stream } from '../records.ts';
import { seconds, storeOf } from './store.ts';

function named(name: string) {
  const parsed = parseSymptom(name, nearest);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.symptom;
}

describe('symptoms', () => {
  it('are found by their names and by other words', () => {
    expect(named('one-way').name).toBe('one-way');
    expect(named('One_Way').name).toBe('one-way');
    expect(named('cut off').name).toBe('drops');
    expect(() => named('chopy')).toThrow('did you mean choppy?');
    expect(() => named('xyz')).toThrow('expected one of one-way, choppy, drops, no-ring, delay, dtmf, echo');
  });

  it('never name a finding both as the thing and as a hint', () => {
    for (const { shows, hints } of SYMPTOMS) expect(shows.filter((code) => hints.includes(code))).toEqual([]);
  });

  it('leave out what was too mild to be heard so', () => {
    const shown = (name: string) =>
      (['info', 'warning', 'critical'] as const).filter((each) =>
        isShownBy(named(name), 'media_moved', each),
      );
    expect(shown('one-way')).toEqual(['critical']);
    expect(shown('choppy')).toEqual(['warning', 'critical']);
    expect(shown('delay')).toEqual([]);
    expect(isShownBy(named('one-way'), 'dead_air', 'info')).toBe(true);
  });

  it('choose calls with a finding of theirs, at the time that is asked for', () => {
    const records = storeOf(
      { n: 1, at: 0, code: 'one_way_media' },
      { n: 2, at: 0, code: 'burst_loss' },
      { n: 3, at: 60, code: 'no_media' },
      { n: 4, at: 0 },
    );
    const ids = (criteria: Parameters<typeof select>[1]) =>
      Array.from(select(records, criteria).calls, (each) => records.calls.summary(each).id);
    expect(ids({ symptom: named('one-way') })).toEqual(['c1', 'c3']);
    expect(ids({ symptom: named('one-way'), times: [seconds(0, 5)] })).toEqual(['c1']);
    expect(ids({ symptom: named('choppy') })).toEqual(['c2']);
    expect(ids({ symptom: named('choppy'), times: [seconds(21, 22)] })).toEqual([]);
    expect(ids({ symptom: named('choppy'), worst: 5, filter: () => false })).toEqual([]);
  });

  it('go with a party in any role, and on any leg of a conversation', () => {
    const records = storeOf();
    const legs = { from: 'sip:100@pbx', to: 'sip:200@pbx', streams: [], findings: [] };
    records.call(call({ ...legs, id: 'c1', callId: 'a@pbx', legs: ['b@pbx'] }));
    records.call(call({ ...legs, id: 'c2', callId: 'b@pbx', to: 'sip:4711@pbx', legs: ['a@pbx'] }));
    const diverted = signalling({ diversions: ['sip:4711@pbx (no-answer)'] });
    records.call(call({ ...legs, id: 'c3', callId: 'c@pbx', signalling: diverted }));
    records.call(call({ ...legs, id: 'c4', callId: 'd@pbx' }));
    const chosen = [...select(records, { party: parseParty('4711')! }).calls];
    expect(chosen.map((each) => records.calls.summary(each).id)).toEqual(['c1', 'c2', 'c3']);
  });

  it('choose calls with time that was bad by loss, without a finding', () => {
    const records = storeOf();
    records.call(call({ findings: [], verdict: 'healthy' }));
    records.stream(stream({ intervals: intervals(), quality: quality({ badTimeRatio: 0.3 }) }));
    const chosen = (from: number, to: number) =>
      [...select(records, { symptom: named('choppy'), times: [seconds(from, to)] }).calls].length;
    // The second of three intervals lost packets.
    expect(records.streams.summary(0).startUs).toBe(START_US + 4_200_000);
    expect(chosen(6, 7)).toBe(1);
    expect(chosen(11, 12)).toBe(0);
    expect([...select(records, { symptom: named('one-way') }).calls]).toEqual([]);
  });
});

describe('parseTicket', () => {
  it('takes the parts in any order, quoted where they hold spaces', () => {
    const text = `at="2026-03-02 14:05" party='+49 30 4711' symptom=one-way zone=local`;
    expect(parseTicket(text)).toEqual({
      ok: true,
      parts: { at: '2026-03-02 14:05', party: '+49 30 4711', symptom: 'one-way', zone: 'local' },
    });
    expect(parseTicket('PARTY = 4711')).toEqual({ ok: true, parts: { party: '4711' } });
  });

  it.each([
    ['', 'empty'],
    ['4711 at 14:05', 'cannot be read'],
    ['who=4711', 'no "who"'],
    ['at=1:00 at=2:00', 'twice'],
  ])('refuses %j', (text, why) => {
    const parsed = parseTicket(text);
    expect(parsed.ok ? '' : parsed.message).toContain(why);
  });
});
