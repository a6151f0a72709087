import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { Measuring } from '../../src/live/measuring.ts';
import { Outbox } from '../../src/live/outbox.ts';
import type { PacketBatch } from '../../src/packet/batch.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { FakeSource } from '../live/fake-source.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const CALLS_PER_ROUND = 40;
const ROUND_S = 600;
/** 20,000 calls in three days and eleven hours. */
const ROUNDS = 500;

/** Calls of every kind, a registration and a trunk; names and addresses of fixed width, to be written over. */
function template(): Uint8Array {
  const calls = Array.from({ length: CALLS_PER_ROUND }, (_, k): CallSpec => {
    const two = String(10 + k);
    return {
      callId: `round-0000-${two}@example.com`,
      startMs: k * 1000,
      durationMs: 1000,
      caller: { user: `5550000${two}`, ip: `10.100.100.1${two}`, rtpPort: 16_000 + 4 * k },
      callee: { user: `bob${two}`, ip: `10.200.100.1${two}`, rtpPort: 30_000 + 4 * k },
      ...(k % 10 === 9 ? { outcome: 'busy' } : k % 10 === 8 ? { outcome: 'canceled' } : {}),
      ...(k % 10 === 7 ? { outcome: 'none' } : {}),
      ...(k % 3 === 0 ? { rtcp: { intervalMs: 500, tapToCallerMs: 4, tapToCalleeMs: 21 } } : {}),
      ...(k % 4 === 0 ? { calleeToCaller: { loss: { kind: 'gilbert', p: 0.05, q: 0.25 } } } : {}),
    };
  });
  const registrations = [{ user: 'erin', expiresS: 300, events: [{ kind: 'register' as const, atMs: 500 }] }];
  const trunks = [
    { srcIp: '192.0.2.10', dstIp: '203.0.113.20', intervalMs: 10_000, count: 4, unanswered: [2] },
  ];
  return buildScenario({ calls, registrations, trunks }).pcap;
}

/** The packets of round `n`: ten minutes later each, other Call-IDs, other hosts, other SSRCs. */
function writeRound(batch: PacketBatch, n: number, startUs: Float64Array): void {
  const round = String(n).padStart(4, '0');
  const [high, low] = [100 + Math.floor(n / 100), 100 + (n % 100)];
  for (let i = 0; i < batch.count; i++) {
    batch.timeUs[i] = startUs[i]! + n * ROUND_S * 1e6;
    const at = batch.offset[i]!;
    const packet = Buffer.from(batch.bytes.buffer, at, batch.capturedLength[i]!);
    for (const address of [26, 30]) {
      if (packet[address] !== 10) continue;
      packet[address + 1] = packet[address + 1]! >= 200 ? high + 100 : high;
      packet[address + 2] = low;
    }
    const isRtcp = packet[43]! >= 200 && packet[43]! <= 207;
    if (packet[42]! >> 6 === 2) packet.writeUInt16BE(n, isRtcp ? 42 + 4 : 42 + 8);
    else overwrite(packet, round, high, low);
  }
}

function overwrite(packet: Buffer, round: string, high: number, low: number): void {
  for (const [mark, offset, text] of [
    ['round-', 6, round],
    ['10.1', 3, `${high}.${low}`],
    ['10.2', 3, `${high + 100}.${low}`],
  ] as const) {
    for (let at = packet.indexOf(mark, 42); at >= 0; at = packet.indexOf(mark, at + 1)) {
      if (offset === 3 && packet[at + 6] !== 0x2e) continue;
      packet.write(text, at + offset, 'latin1');
    }
  }
}

describe('months of service', () => {
  test('20,000 calls leave nothing behind', () => {
    let nowMs = 0;
    const told: Record<string, number> = {};
    let taken = 0;
    const batch = batchesOf(template(), 100_000)[0]!;
    const startUs = batch.timeUs.slice(0, batch.count);
    const outbox = new Outbox(
      (records: LiveRecord[]) => {
        taken += records.length;
        for (const { type } of records) told[type] = (told[type] ?? 0) + 1;
      },
      { count: () => taken | 0 },
    );
    const source = new FakeSource();
    const measuring = new Measuring({
      sources: [source],
      engine: {},
      outbox,
      nowMs: () => nowMs,
      wallUs: () => startUs[0]! + nowMs * 1000,
      lags: () => ({ measuring: 0, serving: 0 }),
      packetsMax: null,
      notice: () => {},
      closed: () => {},
    });
    measuring.start();
    const heaps: number[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      writeRound(batch, n, startUs);
      nowMs = n * ROUND_S * 1000 + (startUs.at(-1)! - startUs[0]!) / 1000;
      source.push(batch);
      for (; nowMs < (n + 1) * ROUND_S * 1000; nowMs += 1000) measuring.tick();
      // Some drops now and then, so that what remembers them is in use.
      if (n % 5 === 0) source.dropped! += 10;
      if (n % 50 !== 49) continue;
      collect();
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      heaps.push((heapUsed + arrayBuffers) / 1e6);
    }
    // The calls of the last seconds still wait for their judgement.
    expect(told.call).toBeGreaterThan(ROUNDS * (CALLS_PER_ROUND - 4) - 40);
    expect(told.stream).toBeGreaterThan(ROUNDS * 50);
    expect(told.interval).toBeGreaterThan(ROUNDS * 50);
    expect(outbox.dropped).toEqual({});
    console.log(`MB after each 2,000 calls: ${heaps.map((mb) => mb.toFixed(2)).join(' ')}`);
    // What calls and streams have in common is remembered for an hour or two, and hosts that were heard, for a day or two:
    // it rises and falls. Nothing else stays.
    const [before, after] = [Math.max(...heaps.slice(2, 5)), Math.max(...heaps.slice(5))];
    expect(after - before).toBeLessThan(1);
  }, 600_000);
});
