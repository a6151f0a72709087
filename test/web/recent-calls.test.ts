import { describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import { RecentCalls, recentCallText } from '../../src/web/recent-calls.ts';
import { callTold, findingTold, statusTold, streamTold } from '../metrics/records.ts';

const healthy = (callId: string) => callTold({ callId, verdict: 'healthy', findings: [] });
const bad = (callId: string) => callTold({ callId, verdict: 'media', findings: ['burst_loss'] });

describe('recent calls', () => {
  test('a call is kept with its streams and findings', () => {
    const recent = new RecentCalls();
    recent.records([
      streamTold({ id: 's1', callId: 'a' }),
      streamTold({ id: 's2', callId: 'b' }),
      findingTold({ callId: 'a', code: 'burst_loss' }),
      bad('a'),
    ]);
    const text = JSON.parse(recentCallText(recent.find(callRef('a'))!)) as Record<string, unknown[]>;
    expect(text.schema).toBe('earshot.report/1');
    expect(text.calls).toMatchObject([{ callId: 'a' }]);
    expect(text.streams).toMatchObject([{ id: 's1', callId: 'a' }]);
    expect(text.streams![0]).not.toHaveProperty('type');
    expect(text.findings).toMatchObject([{ code: 'burst_loss' }]);
  });

  test('calls that share a Call-ID are calls of their own; what is told twice is one', () => {
    const recent = new RecentCalls();
    const leg = (id: string, startUs: number, code: string) => [
      streamTold({ id: `s${id}`, callId: 'a' }),
      findingTold({ callId: 'a', code }),
      callTold({ id, callId: 'a', startUs, verdict: 'media', findings: [code] }),
    ];
    const first = leg('c1', 60e6, 'burst_loss');
    recent.records([...first, ...leg('c2', 120e6, 'random_loss'), ...first]);
    expect(recent.size).toBe(2);
    const told = recent
      .newest(9)
      .map(({ call, findings }) => [
        call.id,
        (JSON.parse(findings) as { code: string }[]).map(({ code }) => code),
      ]);
    expect(told).toEqual([
      ['c1', ['burst_loss']],
      ['c2', ['random_loss']],
    ]);
    expect(recent.find(callRef('a'))?.call.id).toBe('c1');
  });

  test('healthy calls give way before bad ones, old before new, and both are counted', () => {
    const recent = new RecentCalls({ callsMax: 10 });
    recent.records(['b1', 'b2', 'b3'].map(bad));
    recent.records(Array.from({ length: 20 }, (_, i) => healthy(`h${i}`)));
    expect(recent.size).toBe(10);
    expect(recent.evicted).toBe(13);
    expect(['b1', 'b2', 'b3'].map((id) => recent.find(callRef(id))?.call.callId)).toEqual(['b1', 'b2', 'b3']);
    expect(recent.find(callRef('h12'))).toBeNull();
    expect(recent.newest(1)[0]?.call.callId).toBe('h19');
  });

  test('where all are bad the newest healthy one is still seen', () => {
    const recent = new RecentCalls({ callsMax: 10 });
    recent.records(Array.from({ length: 30 }, (_, i) => bad(`b${i}`)));
    recent.records([healthy('h')]);
    expect(recent.find(callRef('h'))).not.toBeNull();
    expect(recent.find(callRef('b29'))).not.toBeNull();
    expect(recent.size).toBe(10);
  });

  test('long records are bounded, too', () => {
    const recent = new RecentCalls({ charactersMax: 20_000 });
    for (let i = 0; i < 50; i++) recent.records([streamTold({ callId: `c${i}` }), bad(`c${i}`)]);
    expect(recent.size).toBeLessThan(10);
    expect(recent.size).toBeGreaterThan(0);
    expect(recent.evicted).toBe(50 - recent.size);
  });

  test('a Call-ID that is used again is the newer call', () => {
    const recent = new RecentCalls();
    recent.records([bad('a'), healthy('a')]);
    expect(recent.size).toBe(1);
    expect(recent.find(callRef('a'))?.call.verdict).toBe('healthy');
  });

  test('the worst come first: findings, verdict, score', () => {
    const recent = new RecentCalls();
    recent.records([
      healthy('fine'),
      streamTold({ callId: 'lossy' }),
      bad('lossy'),
      findingTold({ callId: 'mute', severity: 'critical', code: 'one_way_media' }),
      callTold({ callId: 'mute', verdict: 'media', findings: ['one_way_media'] }),
    ]);
    expect(recent.worst(3).map(({ call }) => call.callId)).toEqual(['mute', 'lossy', 'fine']);
    expect(recent.worst(5, ({ call }) => call.verdict === 'healthy')).toHaveLength(1);
  });

  test('what waits for a call that never comes is forgotten', () => {
    const recent = new RecentCalls();
    recent.records([streamTold({ callId: 'a' }), statusTold(1), bad('a')]);
    expect(recent.find(callRef('a'))?.streams).toBe('[]');
  });
});
