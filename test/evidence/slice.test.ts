import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyLogLines } from '../../src/cli/key-log-lines.ts';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import type { Remark } from '../../src/evidence/slice-search.ts';
import { formatAddress } from '../../src/packet/address.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED } from '../../src/packet/reasons.ts';
import { PacketView } from '../../src/packet/view.ts';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';
import { parseRtpHeader, RtpHeader } from '../../src/rtp/header.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { replayed } from '../engine/replayed.ts';
import '../property-seed.ts';
import { wantedCalls } from './found.ts';
import { measured, sliceOf } from './sliced.ts';

/** What needs no payload, and no neighbours: the numbers of a stream and its score. */
const figures = ({ id, callId, media, events, history, sender, intervals, ...rest }: StreamRecord) => rest;

const story = ({ id, conversationId, streams, clean, heldBack, findings, ...rest }: CallRecord) => rest;

const NO_PEEK = { rtp: { peek: false } };

function cut(scenario: Scenario, index: number) {
  const { pcap } = buildScenario(scenario);
  const whole = replayed(pcap, 1000, NO_PEEK);
  const call = whole.calls[index]!;
  const slice = sliceOf(pcap, wantedCalls([call], whole.streams));
  return { pcap, whole, call, again: measured(slice, NO_PEEK) };
}

const anyCall: fc.Arbitrary<CallSpec> = fc.record({
  durationMs: fc.integer({ min: 2000, max: 4000 }),
  transport: fc.constantFrom('udp', 'udp', 'tcp', 'ws'),
  codec: fc.constantFrom('PCMU', 'PCMA', 'G729'),
  releasedBy: fc.constantFrom('caller', 'callee'),
  callerToCallee: fc.record({
    loss: fc.constantFrom(
      { kind: 'random' as const, ratio: 0.05 },
      { kind: 'gilbert' as const, p: 0.02, q: 0.4 },
    ),
    jitter: fc.record({ kind: fc.constant('uniform' as const), maxMs: fc.integer({ min: 0, max: 30 }) }),
  }),
});

describe('a slice of one call', () => {
  test('has the call with the numbers that it had among others', () => {
    fc.assert(
      fc.property(
        fc.array(anyCall, { minLength: 2, maxLength: 3 }),
        fc.nat(2),
        fc.nat(1000),
        fc.boolean(),
        (calls, nth, seed, ipv6) => {
          const { whole, call, again } = cut({ seed, ipv6, calls }, nth % calls.length);
          expect(again.calls.map(story)).toEqual([story(call)]);
          const before = whole.streams.filter(({ callId }) => callId === call.callId);
          expect(again.streams.map(figures)).toEqual(before.map(figures));
          expect(again.problems).toEqual([]);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('has no octet of what was said', () => {
    const { again } = cut({ calls: [{ durationMs: 3000 }, { durationMs: 3000 }] }, 1);
    const view = new PacketView();
    const header = new RtpHeader();
    let rtp = 0;
    for (const packet of again.packets) {
      const data = new DataView(packet.buffer);
      if (decodeFrame(view, data, 1, 0, packet.length) !== DECODED || view.srcPort < 16_384) continue;
      if (view.payloadLength === 0 || data.getUint8(view.payloadOffset + 1) > 190) continue;
      rtp++;
      expect(
        parseRtpHeader(header, data, view.payloadOffset, view.payloadLength, view.payloadWireLength),
      ).toBe(true);
      expect(view.payloadLength).toBe(12);
      expect(view.payloadWireLength).toBe(172);
    }
    expect(rtp).toBeGreaterThan(250);
  });

  test('has it with --payload', () => {
    const { pcap } = buildScenario({ calls: [{ durationMs: 3000 }] });
    const whole = replayed(pcap);
    const again = measured(sliceOf(pcap, wantedCalls(whole.calls, whole.streams), { payload: true }));
    expect(again.packets.reduce((sum, packet) => sum + packet.length, 0)).toBe(
      pcap.length - 24 - 16 * again.packets.length,
    );
  });
});

describe('connections', () => {
  const scenario = (transport: 'tcp' | 'tls' | 'wss'): Scenario => ({
    calls: [
      { transport, durationMs: 3000 },
      { transport, durationMs: 3000 },
    ],
  });

  test.each(['tls', 'wss'] as const)(
    'secrets of a call over %s go along only where asked for',
    (transport) => {
      const { pcap, keyLog } = buildScenario(scenario(transport), { secrets: 'beside' });
      const keys = new TlsKeys();
      keys.add(Buffer.from(keyLog));
      const decryption = { keys, crypto: nodeCrypto };
      const whole = replayed(pcap, 1000, { decryption });
      const wanted = wantedCalls([whole.calls[1]!], whole.streams);
      const secrets = new KeyLogLines();
      secrets.add(Buffer.from(keyLog));
      const closed = sliceOf(pcap, wanted, {}, [], { decryption });
      const open = sliceOf(pcap, wanted, { secretsOf: (random) => secrets.of(random) }, [], { decryption });
      const randoms = [...new Set(keyLog.split('\n').map((line) => line.split(' ')[1]))].filter(Boolean);
      const inside = (file: Uint8Array) => randoms.filter((random) => Buffer.from(file).includes(random!));
      expect(randoms.length).toBe(2);
      expect(inside(closed)).toEqual([]);
      expect(inside(open).length).toBe(1);
      // The whole connection is there: with the keys from elsewhere it can be read.
      const again = measured(closed, { decryption });
      expect(again.calls.map(story)).toEqual([story(whole.calls[1]!)]);
    },
  );
});

describe('remarks', () => {
  const demo = new Uint8Array(readFileSync(new URL('../pcaps/demo.pcap', import.meta.url)));
  const whole = replayed(demo);
  const lossy = whole.findings.find(({ code, streamId }) => code === 'burst_loss' && streamId !== null)!;
  const call = whole.calls.find(({ callId }) => callId === lossy.callId)!;
  const wanted = wantedCalls([call], whole.streams);
  const stream = wanted[0]!.streams.findIndex(({ id }) => id === lossy.streamId);
  const remark = (changes: Partial<Remark>): Remark => ({
    ...{
      call: 0,
      stream,
      fromUs: lossy.startUs,
      toUs: lossy.endUs ?? Number.POSITIVE_INFINITY,
      text: 'REMARK',
    },
    ...changes,
  });

  test('stand at the first packet of the time they are about', () => {
    const file = Buffer.from(sliceOf(demo, wanted, {}, [remark({ fromUs: lossy.startUs + 1e6 })]));
    const at = file.indexOf('REMARK');
    expect(file.indexOf('REMARK', at + 1)).toBe(-1);
    const block = blockAround(file, at);
    const timeUs = block.readUInt32LE(12) * 2 ** 32 + block.readUInt32LE(16);
    expect(timeUs).toBeGreaterThanOrEqual(lossy.startUs + 1e6);
    expect(timeUs).toBeLessThan(lossy.startUs + 1.2e6);
    const view = new PacketView();
    const data = new DataView(block.buffer, block.byteOffset + 28, block.readUInt32LE(20));
    expect(decodeFrame(view, data, 1, 0, data.byteLength)).toBe(DECODED);
    expect(formatAddress(view.src0, view.src1, view.src2, view.src3)).toBe(
      wanted[0]!.streams[stream]!.src.ip,
    );
  });

  test('about signalling stand at a message, and several share one packet', () => {
    const both = [remark({ stream: null, text: 'ONE' }), remark({ stream: null, text: 'TWO' })];
    const file = Buffer.from(sliceOf(demo, wanted, {}, both));
    expect(file.includes('ONE\nTWO')).toBe(true);
  });
});

test('a merge without payload keeps all that tells of calls', () => {
  const { pcap } = buildScenario({ calls: [{ durationMs: 3000 }], background: { dns: 5 } });
  const whole = replayed(pcap, 1000, NO_PEEK);
  const again = measured(sliceOf(pcap, null), NO_PEEK);
  expect(again.calls.map(story)).toEqual(whole.calls.map(story));
  expect(again.streams.map(figures)).toEqual(whole.streams.map(figures));
});

/** The block of a pcapng that octet `at` lies in. */
function blockAround(file: Buffer, at: number): Buffer {
  for (let start = 0; ; ) {
    const end = start + file.readUInt32LE(start + 4);
    if (at < end) return file.subarray(start, end);
    start = end;
  }
}
