import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { captureFindings, trustOf } from '../../src/engine/trust.ts';
import type { CallRecord, FindingRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { batchesOf } from '../batches.ts';

/** Two calls; measuring does not keep up from `fromMs` to `toMs` after the first packet. */
function measured(fromMs: number, toMs: number) {
  const { pcap } = buildScenario({
    seed: 3,
    calls: [
      { callId: 'early@x', durationMs: 20_000 },
      { callId: 'late@x', startMs: 6000, durationMs: 10_000 },
    ],
  });
  const calls = new Map<string, CallRecord>();
  const findings: FindingRecord[] = [];
  const streams: string[] = [];
  const engine = new Engine({
    stream: ({ callId }) => streams.push(callId ?? ''),
    call: (call) => calls.set(call.callId, call),
    finding: (finding) => findings.push(finding),
  });
  let startUs = 0;
  for (const batch of batchesOf(pcap, 10)) {
    startUs ||= batch.timeUs[0]!;
    const atMs = (batch.timeUs[0]! - startUs) / 1000;
    engine.rtp.isPressed = atMs >= fromMs && atMs < toMs;
    engine.ingest(batch);
  }
  engine.finish();
  return { calls, findings, streams, account: engine.account() };
}

test('a call whose streams were left out is no call without media, and the capture says why', () => {
  const { calls, findings, streams, account } = measured(5000, 12_000);
  expect(streams).toEqual(['early@x', 'early@x']);
  expect(calls.get('early@x')).toMatchObject({ verdict: 'healthy', heldBack: [] });
  expect(calls.get('late@x')).toMatchObject({
    verdict: 'unknown',
    clean: null,
    heldBack: [{ code: 'no_media', streamId: null, direction: null, reason: 'capture_drops' }],
  });
  expect(findings).toEqual([]);
  const trust = trustOf(account, { dropped: 0, problems: [] });
  expect(trust).toMatchObject({
    verdict: 'degraded',
    reasons: [
      { code: 'capture_drops', kind: 'shed', streams: 2, packets: account.discarded.rtp_packets_shed },
    ],
  });
  expect(account.discarded.rtp_packets_shed).toBeGreaterThan(900);
  const [finding] = captureFindings({ trust, startUs: 0, endUs: 1 });
  expect(finding).toMatchObject({ code: 'capture_drops', severity: 'warning', evidence: { streams: 2 } });
});

test('without pressure there is nothing of it', () => {
  const { calls, account } = measured(1e9, 1e9);
  expect([...calls.values()].map(({ verdict }) => verdict)).toEqual(['healthy', 'healthy']);
  expect(account.discarded).toEqual({});
});
