import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { captureOf, comparedTaps, packetsOf, routed } from './two-points.ts';

const CALLS = 24;
const stream = { ssrc: 0x5eed, startSeq: 1000, startTimestamp: 0 };
const call = (at: number): CallSpec => ({
  callId: `${at}@example.com`,
  caller: { ip: `192.0.2.${10 + at}` },
  callee: { ip: '198.51.100.77' },
  durationMs: 1000,
  startMs: at * 100,
  callerToCallee: stream,
  calleeToCaller: null,
});

describe('more calls than are looked at, all with one SSRC and the same numbers', () => {
  const calls = Array.from({ length: CALLS }, (_, at) => call(at));
  const all = packetsOf(buildScenario({ seed: 4, calls }).pcap);
  const behind = all.map((packet) => routed(packet, 500));

  test('each is found at both taps, whatever their clocks are apart', () => {
    for (const aheadUs of [0, -3600e6]) {
      const outside = behind.map((packet) => ({ ...packet, timeUs: packet.timeUs + aheadUs }));
      const { streams, otherPackets, unmatched } = comparedTaps([captureOf(all), captureOf(outside)]);
      expect([streams.length, otherPackets, unmatched]).toEqual([CALLS, [], []]);
      for (const { first, second, identity, between } of streams)
        expect([second.src, identity, between.lost]).toEqual([first.src, 'headers', 0]);
    }
  });

  test('without signalling, endpoints decide where clocks are apart', () => {
    const media = all.filter(({ isRtp }) => isRtp);
    const outside = media.map((packet) => routed(packet, 3600e6));
    const { streams, unmatched } = comparedTaps([captureOf(media), captureOf(outside)]);
    expect([streams.length, unmatched]).toEqual([CALLS, []]);
    for (const { first, second } of streams) expect(second.src).toBe(first.src);
  });

  test('in one capture each is its own only, and no call passes another', () => {
    const { streams, otherPackets, unmatched } = comparedTaps([captureOf([...all, ...behind])]);
    expect([streams.length, otherPackets, unmatched]).toEqual([CALLS, [], []]);
    for (const { first, second } of streams) expect(second.src).toBe(first.src);
  });
});

test('calls of the same two parties at once are not made of each other', () => {
  const party = { ip: '192.0.2.10' };
  const calls = [0, 1].map((at): CallSpec => {
    const own = { ssrc: at + 1, startSeq: 1000 * at };
    return {
      ...call(at),
      caller: { ...party, user: 'a' },
      callee: { ip: '198.51.100.77', user: 'b' },
      callerToCallee: own,
    };
  });
  const { otherPackets, unmatched } = comparedTaps([
    captureOf(packetsOf(buildScenario({ seed: 4, calls }).pcap)),
  ]);
  expect([otherPackets, unmatched.length]).toEqual([[], 2]);
});
