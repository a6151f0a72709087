import { describe, expect, test } from 'vitest';
import { reportPacket } from '../rtcp/reports.ts';
import { ALICE, audioOf, BOB, Dialog, sessionOf } from './dialog.ts';
import { Tape, tapeMs } from './tape.ts';

/** RFC 3550 A.8 over arrival and media times in ms: mean and highest value after each packet. */
function literalJitter(arrivalMs: readonly number[], ptimeMs: number): { mean: number; max: number } {
  let [jitter, sum, max] = [0, 0, 0];
  for (let i = 1; i < arrivalMs.length; i++) {
    const deviation = Math.abs(arrivalMs[i]! - arrivalMs[i - 1]! - ptimeMs);
    jitter += (deviation - jitter) / 16;
    sum += jitter;
    max = Math.max(max, jitter);
  }
  return { mean: sum / arrivalMs.length, max };
}

describe('media before signalling is known', () => {
  test('a dynamic payload type gets its clock from the later SDP, the first packets count', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const delayMs = (i: number): number => (i * 7) % 11;
    dialog.request(0, 'INVITE');
    dialog.response(200, 180, 'INVITE');
    dialog.media('callee', 500, 60, { payloadType: 111, clockRate: 48_000, octets: 90, delayMs });
    const codecs: [number, string][] = [[111, 'opus/48000/2']];
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee, { codecs }) });
    dialog.request(1010, 'ACK', { sdp: audioOf(dialog.caller, { codecs }) });
    dialog.released(4000);
    const { calls, streams } = tape.play();
    const arrivals = Array.from({ length: 60 }, (_, i) => i * 20 + delayMs(i));
    const wanted = literalJitter(arrivals, 20);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({
      callId: dialog.callId,
      direction: 'calleeToCaller',
      codec: 'opus',
      clockRate: 48_000,
      clockRateSource: 'sdp',
      packets: 60,
    });
    expect(streams[0]!.jitterRfcMs.max).toBeCloseTo(wanted.max, 3);
    expect(Math.abs(streams[0]!.jitterRfcMs.mean! - wanted.mean)).toBeLessThan(0.1);
    expect(tapeMs(streams[0]!.startUs)).toBe(500);
    expect(calls[0]!.setup.mediaDelayMs).toEqual({ callerToCallee: null, calleeToCaller: 0 });
  });

  test('a stream whose call comes into view by a re-INVITE only is claimed from its start', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.conversation(0, 1000);
    const codecs: [number, string][] = [[0, 'PCMU/8000']];
    dialog.reinvited(
      15_000,
      'caller',
      5,
      audioOf(dialog.caller, { codecs }),
      audioOf(dialog.callee, { codecs }),
    );
    dialog.released(20_500);
    const { streams } = tape.play();
    expect(streams.map((stream) => [stream.callId, stream.packets, stream.direction])).toEqual([
      [dialog.callId, 1000, 'callerToCallee'],
      [dialog.callId, 1000, 'calleeToCaller'],
    ]);
  });
});

describe('port reuse', () => {
  test.each([500, 3000, 15_000])(
    'the next call %i ms later with the same SSRC has streams of its own',
    (pauseMs) => {
      const tape = new Tape();
      const first = new Dialog(tape, 'first');
      const second = new Dialog(tape, 'second');
      first.answered(0);
      first.conversation(1050, 300);
      first.released(7100);
      const startMs = 7100 + pauseMs;
      second.answered(startMs);
      second.conversation(startMs + 1050, 400, { sequence: 1300, timestamp: 98_000 });
      second.released(startMs + 9100);
      const { calls, streams, findings } = tape.play();
      expect(calls.map((call) => [call.callId, call.streams])).toEqual([
        ['first', ['s1', 's2']],
        ['second', ['s3', 's4']],
      ]);
      expect(streams.map((stream) => [stream.callId, stream.packets, stream.lost])).toEqual([
        ['first', 300, 0],
        ['first', 300, 0],
        ['second', 400, 0],
        ['second', 400, 0],
      ]);
      expect(findings).toEqual([]);
    },
  );

  test('the caller reuses its port towards another callee', () => {
    const tape = new Tape();
    const first = new Dialog(tape, 'first');
    const second = new Dialog(tape, 'second', ALICE, { ...BOB, user: 'carol', ip: '198.51.100.40' });
    for (const [dialog, atMs] of [
      [first, 0],
      [second, 8000],
    ] as const) {
      dialog.answered(atMs);
      dialog.conversation(atMs + 1050, 300);
      dialog.released(atMs + 7100);
    }
    const { calls, findings } = tape.play();
    expect(calls.map((call) => call.streams.length)).toEqual([2, 2]);
    expect(findings).toEqual([]);
  });
});

describe('media lines', () => {
  const video: [number, string][] = [[96, 'H264/90000']];
  const audio: [number, string][] = [[96, 'opus/48000/2']];

  test('audio and video: one payload number, two meanings', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const both = ({ ip, rtpPort }: typeof ALICE): string =>
      sessionOf(ip, { port: rtpPort, codecs: audio }, { type: 'video', port: rtpPort + 2, codecs: video });
    dialog.answered(0, both(dialog.caller), both(dialog.callee));
    dialog.conversation(1050, 300, { payloadType: 96, clockRate: 48_000, octets: 80 });
    for (const [side, other] of [
      [ALICE, BOB],
      [BOB, ALICE],
    ] as const) {
      const [from, to] = [side, other].map(({ ip, rtpPort }) => ({ ip, port: rtpPort + 2 }));
      const ssrc = side.rtpPort;
      tape.rtp({
        from: from!,
        to: to!,
        ssrc,
        atMs: 1060,
        count: 200,
        ptimeMs: 30,
        payloadType: 96,
        clockRate: 90_000,
        octets: 900,
      });
    }
    dialog.released(8000);
    const { calls, streams, findings } = tape.play();
    expect(calls[0]!.streams).toHaveLength(4);
    for (const stream of streams) {
      const isVideo = stream.dst.port % 10 === 2;
      expect(stream).toMatchObject({
        callId: dialog.callId,
        codec: isVideo ? 'H264' : 'opus',
        clockRate: isVideo ? 90_000 : 48_000,
      });
      if (isVideo) expect(stream.quality).toBeNull();
      expect(stream.direction).toBe(stream.src.ip === ALICE.ip ? 'callerToCallee' : 'calleeToCaller');
    }
    expect(findings).toEqual([]);
  });

  test('a rejected line announces nothing and explains no payload type', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const offer = sessionOf(
      ALICE.ip,
      { port: 20_000, codecs: audio },
      { type: 'video', port: 20_002, codecs: video },
    );
    const answer = sessionOf(
      BOB.ip,
      { port: 30_000, codecs: audio },
      { type: 'video', port: 0, codecs: video },
    );
    dialog.answered(0, offer, answer);
    dialog.conversation(1050, 300, { payloadType: 96, clockRate: 48_000, octets: 80 });
    dialog.released(8000);
    const { streams, findings } = tape.play();
    expect(streams.map((stream) => stream.codec)).toEqual(['opus', 'opus']);
    expect(findings).toEqual([]);
  });

  test.each([
    ['a=rtcp: with a port of its own', ['a=rtcp:20777'], 20_777],
    ['rtcp-mux', ['a=rtcp-mux'], 20_000],
    ['the next port', [], 20_001],
  ])('RTCP by %s is counted for its stream and is no stream', (_name, lines, port) => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0, audioOf(ALICE, { lines }), audioOf(BOB, { lines }));
    dialog.conversation(1050, 300);
    const receiver = { ip: BOB.ip, port: 30_001 };
    for (const atMs of [2000, 4000]) {
      tape.udp(atMs, receiver, { ip: ALICE.ip, port }, reportPacket({ ssrc: 0x0b0b0b0b, about: 0x0a0a0a0a }));
    }
    dialog.released(7100);
    const { streams, account } = tape.play();
    expect(streams).toHaveLength(2);
    expect(streams[0]!.rtcp.receiverReports).toBe(2);
    expect(account.decoded.rtcp).toBe(2);
  });
});

describe('addresses', () => {
  test('media on an ICE candidate pair belongs to the call', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const lines = (ip: string, port: number): string[] => [
      'a=candidate:1 1 UDP 2130706431 10.0.0.9 9000 typ host',
      `a=candidate:2 1 UDP 1694498815 ${ip} ${port} typ srflx raddr 10.0.0.9 rport 9000`,
      `a=candidate:2 2 UDP 1694498814 ${ip} ${port + 1} typ srflx raddr 10.0.0.9 rport 9001`,
    ];
    dialog.answered(
      0,
      audioOf(ALICE, { lines: lines('203.0.113.61', 41_000) }),
      audioOf(BOB, { lines: lines('203.0.113.62', 42_000) }),
    );
    const [a, b] = [
      { ip: '203.0.113.61', port: 41_000 },
      { ip: '203.0.113.62', port: 42_000 },
    ] as const;
    tape.rtp({ from: a, to: b, ssrc: 1, atMs: 1050, count: 300 });
    tape.rtp({ from: b, to: a, ssrc: 2, atMs: 1060, count: 300 });
    dialog.released(7200);
    const { calls, streams, findings } = tape.play();
    expect(streams.map((stream) => stream.direction)).toEqual(['callerToCallee', 'calleeToCaller']);
    expect(calls[0]!.streams).toHaveLength(2);
    expect(findings).toEqual([]);
  });

  test('IPv6', () => {
    const tape = new Tape();
    const caller = { ...ALICE, ip: '2001:db8::10' };
    const callee = { ...BOB, ip: '2001:db8:0:1::20' };
    const dialog = new Dialog(tape, 'six', caller, callee);
    dialog.answered(0);
    dialog.conversation(1050, 300);
    dialog.released(7200);
    const { calls, streams } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy' });
    expect(streams.map((stream) => [stream.src.ip, stream.direction])).toEqual([
      [caller.ip, 'callerToCallee'],
      [callee.ip, 'calleeToCaller'],
    ]);
  });

  test('a caller behind a NAT: media from an address nobody announced', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape, 'nat', { ...ALICE, ip: '10.0.0.5' });
    const seen = { ip: '203.0.113.99', port: 61_234 };
    dialog.answered(0);
    dialog.media('caller', 1050, 300, { from: seen });
    dialog.media('callee', 1060, 300, { to: seen });
    dialog.released(7200);
    const { calls, streams, findings } = tape.play();
    expect(calls[0]!.streams).toHaveLength(2);
    expect(streams.map((stream) => stream.direction)).toEqual(['callerToCallee', 'calleeToCaller']);
    // Worth knowing, and no fault as long as media flows.
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['private_sdp_address', 'info'],
      ['source_differs_from_sdp', 'info'],
    ]);
  });
});
