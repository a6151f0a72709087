import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { readCapture, readRtp } from './read-capture.ts';

test('silence suppression: no numbers missing, marker and timestamp at each talkspurt', () => {
  const dtx = { talkMs: 200, silenceMs: 100, comfortNoise: true };
  const call = {
    outcome: 'none' as const,
    durationMs: 600,
    calleeToCaller: null,
    callerToCallee: { dtx, startSeq: 0, startTimestamp: 0 },
  };
  const rtp = readRtp(readCapture(buildScenario({ calls: [call] }).pcap));
  // 10 frames of speech, 1 comfort noise, 4 of nothing, twice.
  expect(rtp.map((packet) => packet.seq)).toEqual([...Array(22).keys()]);
  expect(rtp.map((packet) => packet.payloadType)).toEqual([
    ...new Array(10).fill(0),
    13,
    ...new Array(10).fill(0),
    13,
  ]);
  expect(rtp.flatMap((packet, i) => (packet.marker ? [i] : []))).toEqual([0, 11]);
  expect(rtp[10]!.timestamp).toBe(10 * 160);
  expect(rtp[11]!.timestamp).toBe(15 * 160);
});

test('telephone events by RFC 4733', () => {
  const call = {
    outcome: 'none' as const,
    durationMs: 1000,
    calleeToCaller: null,
    callerToCallee: { startTimestamp: 0 },
    dtmf: { atMs: 200, digits: '#A', payloadType: 96 },
  };
  const { pcap, truth } = buildScenario({ calls: [call] });
  const events = readRtp(readCapture(pcap)).filter((packet) => packet.payloadType === 96);
  const first = events.filter((packet) => packet.payload[0] === 11);
  expect(first.map((packet) => packet.timestamp)).toEqual(new Array(7).fill(1600));
  expect(first.map((packet) => packet.marker)).toEqual([true, ...new Array(6).fill(false)]);
  expect(first.map((packet) => packet.payload[1]! >> 7)).toEqual([0, 0, 0, 0, 1, 1, 1]);
  expect(first.map((packet) => packet.payload[2]! * 256 + packet.payload[3]!)).toEqual([
    160, 320, 480, 640, 800, 800, 800,
  ]);
  expect(events.filter((packet) => packet.payload[0] === 12)[0]!.timestamp).toBe(3200);
  expect(truth.streams[0]!.dtmf.map(({ digit, durationMs }) => [digit, durationMs])).toEqual([
    ['#', 100],
    ['A', 100],
  ]);
  expect(truth.streams[0]).toMatchObject({ lost: 0, payloadTypes: [0, 96], octets: 36 * 160 + 14 * 4 });
});

test('the side on hold stops and begins again without a gap in its numbers', () => {
  const { truth } = buildScenario({
    calls: [{ startMs: 0, durationMs: 6000, hold: { atMs: 2000, durationMs: 3000 } }],
  });
  const [caller, callee] = ['callerToCallee', 'calleeToCaller'].map(
    (way) => truth.streams.find((s) => s.direction === way)!,
  );
  expect(caller!.packets).toBe(298);
  expect(callee!.packets).toBe(148);
  expect(callee!.lost).toBe(0);
  expect(callee!.maxDeltaMs).toBeCloseTo(3020, 0);
});

test('spikes queue up what comes behind them', () => {
  const call = {
    outcome: 'none' as const,
    durationMs: 400,
    calleeToCaller: null,
    callerToCallee: { jitter: { kind: 'spikes' as const, everyPackets: 10, delayMs: 50 } },
  };
  const { delaysMs } = buildScenario({ calls: [call] }, { delays: true }).truth.streams[0]!;
  expect(delaysMs!.slice(8, 14)).toEqual([0, 50, 30, 10, 0, 0]);
});
