import { describe, expect, test } from 'vitest';
import type { StreamRecord } from '../../src/records/types.ts';
import type { Replayed } from '../engine/replayed.ts';
import { audioOf, Dialog, sessionOf } from './dialog.ts';
import { Tape } from './tape.ts';

/** A tape with one dialog on it. */
function oneDialog(): { tape: Tape; dialog: Dialog } {
  const tape = new Tape();
  return { tape, dialog: new Dialog(tape) };
}

/** The stream to a port. */
function to(replay: Replayed, port: number): StreamRecord {
  const found = replay.streams.filter((stream) => stream.dst.port === port);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const OPUS: [number, string][] = [[96, 'opus/48000/2']];
const ILBC: [number, string][] = [[96, 'iLBC/8000']];
const opus = { payloadType: 96, clockRate: 48_000, octets: 80 };
const ilbc = { payloadType: 96, clockRate: 8000, octets: 38 };

describe('forking', () => {
  test('early media of a branch that does not win is claimed as well', () => {
    const { tape, dialog } = oneDialog();
    const other = { ip: '198.51.100.99', port: 35_000 };
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 183, 'INVITE', {
      calleeTag: 'branch-b',
      sdp: sessionOf(other.ip, { port: other.port, codecs: [[0, 'PCMU/8000']] }),
    });
    dialog.response(250, 183, 'INVITE', { sdp: audioOf(dialog.callee) });
    tape.rtp({ from: other, to: dialog.rtpOf('caller'), ssrc: 0xeeee, atMs: 300, count: 30 });
    tape.rtp({ from: dialog.rtpOf('caller'), to: other, ssrc: 0xaaaa, atMs: 310, count: 30 });
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.request(1010, 'ACK');
    dialog.conversation(1020, 300);
    dialog.released(7100);
    const { calls, streams, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(streams.map((stream) => [stream.callId, stream.src.ip, stream.direction]).sort()).toEqual([
      [dialog.callId, dialog.caller.ip, 'callerToCallee'],
      [dialog.callId, dialog.caller.ip, 'callerToCallee'],
      [dialog.callId, dialog.callee.ip, 'calleeToCaller'],
      [dialog.callId, other.ip, 'calleeToCaller'],
    ]);
    // The branch that answers begins to send 27 ms after its answer; what the other sent had stopped before.
    expect(calls[0]!.setup.mediaDelayMs.calleeToCaller).toBe(27);
    expect(findings).toEqual([]);
  });

  test('branches may give one payload type different meanings', () => {
    const { tape, dialog } = oneDialog();
    const other = { ip: '198.51.100.99', port: 35_000 };
    const codecs: [number, string][] = [...OPUS, [97, 'iLBC/8000']];
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller, { codecs }) });
    dialog.response(200, 183, 'INVITE', { sdp: audioOf(dialog.callee, { codecs: OPUS }) });
    dialog.response(250, 183, 'INVITE', {
      calleeTag: 'branch-b',
      sdp: sessionOf(other.ip, { port: other.port, codecs: ILBC }),
    });
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee, { codecs: OPUS }) });
    dialog.request(1010, 'ACK');
    dialog.media('caller', 1020, 100, opus);
    tape.rtp({ from: dialog.rtpOf('caller'), to: other, ssrc: 0xaaaa, atMs: 310, count: 30, ...ilbc });
    dialog.released(7100);
    const replay = tape.play();
    expect(to(replay, dialog.callee.rtpPort)).toMatchObject({ codec: 'opus', clockRate: 48_000 });
    expect(to(replay, other.port)).toMatchObject({ codec: 'iLBC', clockRate: 8000 });
  });

  test('a 200 may describe another place than the 183 of the same branch', () => {
    const { tape, dialog } = oneDialog();
    const announcements = { ...dialog.callee, ip: '198.51.100.30', rtpPort: 33_000 };
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller, { codecs: OPUS }) });
    dialog.response(200, 183, 'INVITE', { sdp: audioOf(announcements, { codecs: ILBC }) });
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee, { codecs: [[99, 'opus/48000/2']] }) });
    dialog.request(1010, 'ACK');
    dialog.media('caller', 1020, 100, { ...opus, payloadType: 99 });
    dialog.released(7100);
    expect(to(tape.play(), dialog.callee.rtpPort)).toMatchObject({
      callId: dialog.callId,
      direction: 'callerToCallee',
      codec: 'opus',
      clockRateSource: 'sdp',
    });
  });
});

describe('payload types', () => {
  test('each direction has its own', () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(
      0,
      audioOf(dialog.caller, { codecs: OPUS }),
      audioOf(dialog.callee, { codecs: [[111, 'opus/48000/2']] }),
    );
    dialog.media('caller', 1050, 200, { ...opus, payloadType: 111 });
    dialog.media('callee', 1055, 200, opus);
    dialog.released(7100);
    const { streams } = tape.play();
    expect(streams.map((stream) => [stream.codec, stream.clockRateSource, stream.jitterRfcMs.max])).toEqual([
      ['opus', 'sdp', 0],
      ['opus', 'sdp', 0],
    ]);
  });

  test.each(['caller', 'callee'] as const)(
    'a re-INVITE of the %s moves its port and gives a payload type another meaning',
    (by) => {
      const { tape, dialog } = oneDialog();
      const [mover, stayer] =
        by === 'caller' ? [dialog.caller, dialog.callee] : [dialog.callee, dialog.caller];
      const from = by === 'caller' ? 'callee' : 'caller';
      dialog.answered(0, audioOf(dialog.caller, { codecs: OPUS }), audioOf(dialog.callee, { codecs: OPUS }));
      dialog.conversation(1050, 200, opus);
      const port = mover.rtpPort + 100;
      // The callee numbers its own requests: its first one may carry the number of the INVITE.
      const cseq = by === 'caller' ? 2 : 1;
      dialog.reinvited(
        5100,
        by,
        cseq,
        audioOf(mover, { port, codecs: ILBC }),
        audioOf(stayer, { codecs: ILBC }),
      );
      dialog.media(from, 5200, 100, { ...ilbc, to: { ip: mover.ip, port }, ssrc: 0xcccc });
      dialog.released(8000);
      const replay = tape.play();
      expect(replay.calls).toHaveLength(1);
      expect(to(replay, mover.rtpPort)).toMatchObject({ codec: 'opus', callId: dialog.callId });
      expect(to(replay, port)).toMatchObject({
        codec: 'iLBC',
        clockRate: 8000,
        clockRateSource: 'sdp',
        callId: dialog.callId,
        direction: from === 'caller' ? 'callerToCallee' : 'calleeToCaller',
      });
    },
  );

  test('within one stream a re-INVITE changes what a payload type means, without a jolt in the jitter', () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0, audioOf(dialog.caller, { codecs: OPUS }), audioOf(dialog.callee, { codecs: OPUS }));
    dialog.media('caller', 1050, 200, { ...opus, sequence: 1, timestamp: 0 });
    dialog.reinvited(
      5060,
      'caller',
      2,
      audioOf(dialog.caller, { codecs: ILBC }),
      audioOf(dialog.callee, { codecs: ILBC }),
    );
    dialog.media('caller', 5130, 200, { ...ilbc, sequence: 201, timestamp: 9_000_000 });
    dialog.released(9500);
    const stream = to(tape.play(), dialog.callee.rtpPort);
    expect(stream).toMatchObject({ codec: 'iLBC', clockRate: 8000, packets: 400, lost: 0 });
    expect(stream.jitterMs.max).toBe(0);
    expect(stream.jitterRfcMs.max).toBeLessThan(1);
  });
});

describe('refused offers', () => {
  test.each(['INVITE', 'UPDATE'])('a refused %s leaves the media as it was', (method) => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0, audioOf(dialog.caller, { codecs: OPUS }), audioOf(dialog.callee, { codecs: OPUS }));
    dialog.conversation(1050, 300, opus);
    const calleeTag = dialog.calleeTag;
    dialog.request(3000, method, { cseq: 2, calleeTag, sdp: audioOf(dialog.caller, { codecs: ILBC }) });
    dialog.response(3090, 488, method, { cseq: 2 });
    if (method === 'INVITE') dialog.request(3095, 'ACK', { cseq: 2, calleeTag });
    dialog.released(8000);
    const replay = tape.play();
    expect(replay.calls[0]).toMatchObject({ state: 'answered', finalCode: 200 });
    for (const stream of replay.streams) {
      expect(stream).toMatchObject({ codec: 'opus', clockRate: 48_000, packets: 300 });
      expect(stream.jitterMs.max ?? 0).toBe(0);
      expect(stream.jitterRfcMs.max).toBe(0);
    }
    expect(replay.findings).toEqual([]);
  });

  test("the caller's 488 to a re-INVITE of the callee does not undo the callee's answer", () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(
      0,
      audioOf(dialog.caller, { codecs: [[97, 'opus/48000/2']] }),
      audioOf(dialog.callee, { codecs: OPUS }),
    );
    dialog.request(1500, 'INVITE', { by: 'callee', cseq: 1, sdp: audioOf(dialog.callee, { codecs: ILBC }) });
    dialog.response(1530, 488, 'INVITE', { by: 'callee', cseq: 1 });
    dialog.media('caller', 2000, 100, opus);
    dialog.released(8000);
    expect(to(tape.play(), dialog.callee.rtpPort)).toMatchObject({ codec: 'opus', clockRateSource: 'sdp' });
  });
});

describe('offers and answers outside INVITE', () => {
  test('a PRACK and its 200 carry an offer and an answer', () => {
    const { tape, dialog } = oneDialog();
    const calleeTag = dialog.calleeTag;
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 183, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.request(220, 'PRACK', {
      cseq: 2,
      calleeTag,
      sdp: audioOf(dialog.caller, { port: 20_500, codecs: OPUS }),
    });
    dialog.response(240, 200, 'PRACK', {
      cseq: 2,
      sdp: audioOf(dialog.callee, { port: 30_500, codecs: OPUS }),
    });
    dialog.response(1000, 200, 'INVITE');
    dialog.request(1010, 'ACK');
    dialog.media('caller', 1050, 300, { ...opus, to: { ip: dialog.callee.ip, port: 30_500 } });
    dialog.media('callee', 1055, 300, { ...opus, to: { ip: dialog.caller.ip, port: 20_500 } });
    dialog.released(7100);
    const replay = tape.play();
    expect(replay.calls[0]).toMatchObject({ verdict: 'healthy', setup: { postDialDelayMs: 200 } });
    expect(to(replay, 30_500)).toMatchObject({ codec: 'opus', direction: 'callerToCallee' });
    expect(to(replay, 20_500)).toMatchObject({ codec: 'opus', direction: 'calleeToCaller' });
  });

  test.each(['caller', 'callee'] as const)('an UPDATE of the %s and its 200', (by) => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0, audioOf(dialog.caller, { codecs: OPUS }), audioOf(dialog.callee, { codecs: OPUS }));
    const { calleeTag } = dialog;
    const [asker, asked] = by === 'caller' ? [dialog.caller, dialog.callee] : [dialog.callee, dialog.caller];
    const cseq = by === 'caller' ? 2 : 1;
    dialog.request(2000, 'UPDATE', {
      by,
      cseq,
      calleeTag,
      sdp: audioOf(asker, { port: 25_000, codecs: ILBC }),
    });
    dialog.response(2020, 200, 'UPDATE', { by, cseq, sdp: audioOf(asked, { port: 35_000, codecs: ILBC }) });
    const other = by === 'caller' ? 'callee' : 'caller';
    dialog.media(other, 2100, 100, { ...ilbc, to: { ip: asker.ip, port: 25_000 } });
    dialog.media(by, 2100, 100, { ...ilbc, to: { ip: asked.ip, port: 35_000 } });
    dialog.released(7100);
    const replay = tape.play();
    expect(replay.calls[0]!.streams).toHaveLength(2);
    for (const port of [25_000, 35_000])
      expect(to(replay, port)).toMatchObject({ codec: 'iLBC', callId: dialog.callId });
  });

  test('the answer to an OPTIONS in the dialog lists capabilities, it changes no media', () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0, audioOf(dialog.caller, { codecs: OPUS }), audioOf(dialog.callee, { codecs: OPUS }));
    dialog.media('caller', 1050, 400, opus);
    const calleeTag = dialog.calleeTag;
    dialog.request(2000, 'OPTIONS', { cseq: 2, calleeTag });
    dialog.response(2010, 200, 'OPTIONS', { cseq: 2, sdp: audioOf(dialog.callee, { codecs: ILBC }) });
    dialog.released(9100);
    expect(to(tape.play(), dialog.callee.rtpPort)).toMatchObject({ codec: 'opus', clockRate: 48_000 });
  });
});
