import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { presetList, presetScenario } from '../../src/synth/presets.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { iso, replayed } from './replayed.ts';

/** Calls and their streams against what the generator knows. */
function expectTruth(scenario: Scenario): void {
  const { pcap, truth } = buildScenario(scenario);
  const { calls, streams, account } = replayed(pcap, 1000, { showDigits: true });
  const byId = new Map(calls.map((call) => [call.callId, call]));
  expect([...byId.keys()].sort()).toEqual(truth.calls.map((call) => call.callId).sort());
  for (const wanted of truth.calls) {
    const call = byId.get(wanted.callId)!;
    const got = {
      callId: call.callId,
      from: call.from,
      to: call.to,
      state: call.state,
      finalCode: call.finalCode,
      startTime: wanted.startTime === null ? null : iso(call.startUs),
      answerTime: iso(call.answerUs),
      endTime: iso(call.endUs),
      releasedBy: call.releasedBy,
      durationMs: call.durationMs,
      postDialDelayMs: call.setup.postDialDelayMs,
      answerDelayMs: call.setup.answerDelayMs,
    };
    // Who had called whom cannot be known from a BYE alone; its sender is shown as the caller.
    if (wanted.startTime === null && call.setup.answerDelayMs === null) {
      expect(call.state).toBe(wanted.state);
      expect(call.durationMs).toBeNull();
    } else {
      expect(got).toEqual(wanted);
    }
  }
  // Without any SDP in the capture nothing ties a stream to its call.
  const placed = (callId: string | null): string | null => {
    const whole = truth.calls.some((call) => call.callId === callId && call.startTime !== null);
    return whole ? callId : null;
  };
  const found = new Map(streams.map((stream) => [stream.ssrc, stream]));
  expect(found.size).toBe(truth.streams.length);
  for (const wanted of truth.streams) {
    const stream = found.get(wanted.ssrc)!;
    expect({
      callId: stream.callId,
      direction: placed(wanted.callId) === null ? wanted.direction : stream.direction,
      src: stream.src,
      dst: stream.dst,
      codec: stream.codec?.toLowerCase(),
      clockRate: stream.clockRate,
      packets: stream.packets,
      expected: stream.expected,
      lost: stream.lost,
      duplicates: stream.duplicates,
      reordered: stream.reordered,
      senderReports: stream.rtcp.senderReports,
      receiverReports: stream.rtcp.receiverReports,
    }).toEqual({
      callId: placed(wanted.callId),
      direction: wanted.direction,
      src: wanted.src,
      dst: wanted.dst,
      codec: wanted.codec.toLowerCase(),
      clockRate: wanted.clockRate,
      packets: wanted.packets,
      expected: wanted.expected,
      lost: wanted.lost,
      duplicates: wanted.duplicates,
      reordered: wanted.reordered,
      senderReports: wanted.rtcp?.senderReports ?? 0,
      receiverReports: wanted.rtcp?.receiverReports ?? 0,
    });
    if (wanted.rtcp?.lostRatio != null) expect(stream.rtcp.lostRatio).toBeCloseTo(wanted.rtcp.lostRatio, 6);
    if (wanted.rtcp?.roundTripMs != null) {
      expect(stream.roundTripMs!.max).toBeCloseTo(wanted.rtcp.roundTripMs.max, 1);
    }
    expect(stream.events.map((event) => event.digit).join('')).toBe(
      wanted.dtmf.map((tone) => tone.digit).join(''),
    );
  }
  expect(account.decoded.sip).toBe(truth.capture.sip);
  expect(account.decoded.rtp).toBe(truth.capture.rtp);
  expect(account.decoded.rtcp).toBe(truth.capture.rtcp);
  expect(account.packets).toBe(truth.capture.packets);
  expect(account.bytes).toBe(truth.capture.bytes);
}

const pcma: Partial<CallSpec> = { codec: 'PCMA', durationMs: 12_000 };
const cases: [string, Partial<Scenario>, Partial<CallSpec>][] = [
  ['a call over UDP', {}, {}],
  ['a call over IPv6', { ipv6: true }, {}],
  ['a call over TCP', {}, { transport: 'tcp' }],
  ['a call under two VLAN tags', { vlans: [100, 42] }, {}],
  ['nanosecond timestamps', { nanoseconds: true }, {}],
  ['offer in the 200', {}, { lateSdp: true }],
  ['early media', {}, { earlyMedia: true }],
  ['a caller behind NAT', {}, { natCaller: { ip: '203.0.113.77', port: 61_000 } }],
  ['hold by the callee', {}, { hold: { atMs: 4000, durationMs: 3000 } }],
  ['RTCP', {}, { rtcp: { intervalMs: 2000, tapToCallerMs: 12, tapToCalleeMs: 31 } }],
  ['muxed RTCP', {}, { rtcp: { intervalMs: 2000, mux: true } }],
  [
    'loss behind the tap',
    {},
    { rtcp: { intervalMs: 1000 }, callerToCallee: { lossAfterTap: { kind: 'random', ratio: 0.1 } } },
  ],
  ['telephone events', {}, { dtmf: { atMs: 3000, digits: '12*#' } }],
  ['a dynamic payload type', {}, { codec: 'opus' }],
  ['a busy callee', {}, { outcome: 'busy', calleeToCaller: null, callerToCallee: null }],
  ['a canceled call', {}, { outcome: 'canceled', calleeToCaller: null, callerToCallee: null }],
  ['no answer', {}, { outcome: 'no_answer', calleeToCaller: null, callerToCallee: null }],
  [
    'a failing service',
    {},
    { outcome: 'not_found', finalCode: 503, calleeToCaller: null, callerToCallee: null },
  ],
  ['a call that goes on', {}, { outcome: 'open' }],
  ['a call that rings on', {}, { outcome: 'ringing', calleeToCaller: null, callerToCallee: null }],
  ['a call released by the callee', {}, { releasedBy: 'callee' }],
  ['a capture that starts during the call', {}, { outcome: 'midcall' }],
  ['noise around it', { background: { dns: 200, quic: 300, randomUdp: 1500 } }, {}],
];

describe('calls and streams against the generator', () => {
  test.each(cases)('%s', (_name, scenario, call) => {
    expectTruth({ seed: 7, ...scenario, calls: [{ ...pcma, ...call }] });
  });

  test.each(presetList().map(({ name }) => name))('preset %s', (name) => {
    expectTruth(presetScenario(name, 3)!);
  });

  test('the same endpoints used by the next call', () => {
    const caller = { user: 'a', ip: '192.0.2.10', rtpPort: 20_000 };
    const callee = { user: 'b', ip: '198.51.100.10', rtpPort: 30_000 };
    expectTruth({
      seed: 5,
      calls: [
        { ...pcma, durationMs: 6000, caller, callee },
        { ...pcma, durationMs: 6000, startMs: 9000, caller, callee },
      ],
    });
  });

  test('batches of any size give the same records', () => {
    const { pcap } = buildScenario(presetScenario('demo', 11)!);
    const whole = replayed(pcap);
    for (const perBatch of [1, 7, 100_000]) expect(replayed(pcap, perBatch)).toEqual(whole);
  });
});
