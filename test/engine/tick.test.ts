import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from './replayed.ts';

const SECOND_US = 1_000_000;

function live(scenario: Scenario) {
  const calls: CallRecord[] = [];
  const streams: StreamRecord[] = [];
  const findings: FindingRecord[] = [];
  const engine = new Engine({
    call: (call) => calls.push(call),
    stream: (stream) => streams.push(stream),
    finding: (finding) => findings.push(finding),
  });
  const { pcap } = buildScenario(scenario);
  const batches = batchesOf(pcap, 20);
  const last = batches.at(-1)!;
  return { engine, calls, streams, findings, batches, pcap, lastUs: last.timeUs[last.count - 1]! };
}

describe('time without packets', () => {
  test('ends calls and judges them', () => {
    const { engine, calls, batches, lastUs } = live({ calls: [{ durationMs: 15_000 }] });
    for (const batch of batches) engine.ingest(batch);
    for (let s = 1; s <= 29; s++) engine.tick(lastUs + s * SECOND_US);
    // 8 s for late packets, 20 s until the judgement, 2 s behind the clock.
    expect([engine.calls.size, calls.length]).toEqual([0, 0]);
    for (let s = 30; s <= 33; s++) engine.tick(lastUs + s * SECOND_US);
    expect(calls.map(({ state, verdict }) => [state, verdict])).toEqual([['answered', 'healthy']]);
  });

  test('tells scans that are over', () => {
    const { engine, findings, batches, lastUs } = live({
      calls: Array.from({ length: 30 }, (_, i) => ({
        ...{ startMs: i * 200, outcome: 'not_found' as const, caller: { ip: '203.0.113.66' } },
        ...{ callee: { user: String(100 + i) }, callerToCallee: null, calleeToCaller: null },
      })),
    });
    for (const batch of batches) engine.ingest(batch);
    for (let s = 1; s <= 80; s++) engine.tick(lastUs + s * SECOND_US);
    expect(findings).toEqual([]);
    for (let s = 81; s <= 100; s++) engine.tick(lastUs + s * SECOND_US);
    expect(findings.map(({ code, evidence }) => [code, evidence.callsLeftOut])).toEqual([['sip_scan', 30]]);
  });

  test('ends streams that no call claims', () => {
    const { engine, streams, batches, lastUs } = live({ calls: [{ outcome: 'none', durationMs: 5000 }] });
    for (const batch of batches) engine.ingest(batch);
    for (let s = 1; s < 240; s++) engine.tick(lastUs + s * SECOND_US);
    expect(streams).toHaveLength(2);
    expect(engine.rtp.table.activeCount).toBe(0);
  });

  test('never overtakes packets that are on their way', () => {
    const { engine, batches, pcap } = live({
      calls: [{ durationMs: 9000, calleeToCaller: { loss: { kind: 'random', ratio: 0.1 } } }],
    });
    for (const batch of batches) {
      engine.ingest(batch);
      // The clock is 1.9 s ahead of what has been read.
      engine.tick(batch.timeUs[batch.count - 1]! + 1_900_000);
    }
    engine.finish();
    const { account } = replayed(pcap);
    expect(engine.account()).toEqual(account);
  });

  test('changes no figure', () => {
    const scenario: Scenario = {
      calls: [
        { durationMs: 21_000, callerToCallee: { loss: { kind: 'gilbert', p: 0.02, q: 0.3 } } },
        { startMs: 2000, durationMs: 15_000, calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 8 } } },
      ],
    };
    const { engine, calls, streams, batches, pcap, lastUs } = live(scenario);
    for (const batch of batches) {
      engine.tick(batch.timeUs[0]! + 500_000);
      engine.ingest(batch);
    }
    for (let s = 1; s < 60; s++) engine.tick(lastUs + s * SECOND_US);
    engine.finish();
    const expected = replayed(pcap);
    // What ends first is told first; otherwise nothing differs.
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
    expect(calls.sort(byId)).toEqual(expected.calls.sort(byId));
    expect(streams.sort(byId)).toEqual(expected.streams.sort(byId));
  });

  test('does nothing before the first packet, and a leap of the clock ends nothing', () => {
    const { engine, calls, batches, lastUs } = live({ calls: [{ outcome: 'open', durationMs: 5000 }] });
    engine.tick(lastUs);
    for (const batch of batches) engine.ingest(batch);
    engine.tick(lastUs + 86_400 * SECOND_US);
    expect(engine.calls.size).toBe(1);
    expect(engine.account().endUs).toBe(lastUs);
    engine.finish();
    expect(calls).toHaveLength(1);
  });
});
