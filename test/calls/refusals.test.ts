import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { IcmpSpec } from '../../src/synth/icmp-spec.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from '../engine/replayed.ts';

const refusing = (icmp: IcmpSpec[], durationMs = 8000) =>
  buildScenario({ seed: 61, calls: [{ durationMs, icmp, callId: 'refused@example.com' }] }).pcap;

test('kinds of errors about one call are bounded, and counted beyond', () => {
  const routers = Array.from({ length: 20 }, (_, i) => `198.51.100.${i + 1}`);
  const { calls, account } = replayed(
    refusing(routers.map((router) => ({ way: 'callerToCallee', router, burst: 2, perSecond: 0 }))),
  );
  expect(calls[0]!.mediaRefusals).toHaveLength(8);
  expect(calls[0]!.mediaRefusals.every(({ count }) => count === 2)).toBe(true);
  expect(account.discarded).toEqual({ icmp_table_full: 24 });
});

test('times are thinned, the count is not', () => {
  const { calls } = replayed(refusing([{ way: 'callerToCallee', burst: 1000, perSecond: 1000 }]));
  const [refusal] = calls[0]!.mediaRefusals;
  expect(refusal!.count).toBe(398);
  expect(refusal!.timesUs.length).toBeLessThan(64);
  expect(refusal!.timesUs.length * refusal!.stride).toBeGreaterThan(390);
  expect(refusal!.timesUs[0]).toBe(refusal!.startUs);
});

test('a copy by the mirror is not a second error', () => {
  const pcap = refusing([{ way: 'callerToCallee' }]);
  const twice: Uint8Array[] = [pcap.subarray(0, 24)];
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  for (let at = 24; at < pcap.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    const isIcmp = pcap[at + 16 + 23] === 1;
    const record = pcap.slice(at, end);
    twice.push(record, ...(isIcmp ? [record] : []));
    at = end;
  }
  const { calls, account } = replayed(Buffer.concat(twice));
  expect(calls[0]!.mediaRefusals).toMatchObject([{ count: 13 }]);
  expect(account.mirrorDuplicates).toBe(13);
});

test('the same errors in any batch size give the same records', () => {
  const pcap = refusing([{ way: 'calleeToCaller', quoteOctets: 8 }]);
  expect(replayed(pcap, 7)).toEqual(replayed(pcap, 1000));
});

test('errors about strangers leave nothing behind', () => {
  const { pcap } = buildScenario({ seed: 62, calls: [{ durationMs: 3000 }], background: { icmp: 3000 } });
  const engine = new Engine({ stream() {}, call() {}, finding() {} });
  for (const batch of batchesOf(pcap)) engine.ingest(batch);
  expect(engine.calls.refusals.size).toBe(0);
  engine.finish();
  expect(engine.account().discarded).toEqual({ icmp: 3000 });
});

test('what a call had is let go with it', () => {
  const engine = new Engine({ stream() {}, call() {}, finding() {} });
  for (const batch of batchesOf(refusing([{ way: 'callerToCallee' }]))) engine.ingest(batch);
  expect(engine.calls.refusals.size).toBe(1);
  engine.finish();
  expect(engine.calls.refusals.size).toBe(0);
});
